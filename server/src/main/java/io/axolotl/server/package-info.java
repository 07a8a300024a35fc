/**
 * The server process. {@link io.axolotl.server.ServerMain} reads the settings and owns the process, {@link
 * io.axolotl.server.Server} wires a {@link io.axolotl.server.Node} to its client port, and the node is recovery, pipeline
 * and peers together. Nothing is decided here: wiring and life cycle only.
 *
 * <p>Who knows whom: {@code http} and {@code api} know the node as {@link io.axolotl.server.driver.NodeService} alone;
 * {@code config} knows nobody; {@code driver}, {@code recovery}, {@code peer}, {@code stage} and {@code metrics} do not
 * know the edge. An architecture test holds these borders.
 */
@NullMarked
package io.axolotl.server;

import org.jspecify.annotations.NullMarked;
