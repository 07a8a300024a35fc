/**
 * How the server is told what to do: etcd's flags, the same by environment ({@code ETCD_*} and {@code AXOLOTL_*}), or one
 * YAML file.
 *
 * <p>Every source is reduced to texts by {@link io.axolotl.server.config.Setting}; {@link
 * io.axolotl.server.config.ServerConfigReader} picks the source, and {@link io.axolotl.server.config.ServerConfig} is made
 * from texts in one place, so a value is checked in the same way and refused in the same words wherever it comes from. A
 * flag wins over the environment. A file excludes both: a mix would leave people guessing which one counts.
 *
 * <p>A refusal is a {@link io.axolotl.server.config.ConfigException} whose message says what was wrong and how to put it
 * right. Nothing is guessed and nothing unknown is ignored, except foreign environment variables that merely look like
 * ours: those are named in a warning, as etcd does.
 *
 * <p>Thread rule: used by the thread that starts the server; the results are immutable.
 */
@NullMarked
package io.axolotl.server.config;

import org.jspecify.annotations.NullMarked;
