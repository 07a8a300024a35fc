/**
 * A cluster inside a test's own process, with faults as calls.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();
 *
 * @Test
 * void survivesTheLeader() {
 *     cluster.client().kv().put("k", "v").await();
 *     cluster.kill(cluster.awaitLeader());
 *     assertEquals("v", cluster.client().kv().get("k").await().first().orElseThrow().value().utf8());
 * }
 * }</pre>
 *
 * <p>Or {@link io.axolotl.testkit.WithAxolotl} on a class or a method, and {@link io.axolotl.testkit.AxolotlCluster} or {@code
 * AxolotlClient} as a parameter.
 *
 * <p>What runs is the server as it is: its recovery, log, database, peers' transport and services, on real files. Three things
 * stand between it and the machine. {@code Relay} is every connection, between two nodes or from a client: it can hold what
 * passes, as a cut cable does, or break it off. {@code TroubledDisk} is the one port to the disk: it can be slow, full, or
 * gone. And what would end the process ends the node alone: a test's process is never ended from here.
 *
 * <p>What is not as outside: all nodes share one heap, one clock and one machine; a paused node's threads go on, though nothing that
 * they do gets out; the database's own files are written past {@code TroubledDisk}, so they are neither slow nor full, which
 * answers never wait for. Timeouts are shorter than a server's own: {@link io.axolotl.testkit.AxolotlCluster.Builder} has them.
 *
 * <p>Who calls whom: {@code AxolotlCluster} (life, faults, JUnit) has one {@code KitNode} each, which has a server, its disk and
 * its {@code Relay}s. Nothing of the server knows this package.
 */
@NullMarked
package io.axolotl.testkit;

import org.jspecify.annotations.NullMarked;
