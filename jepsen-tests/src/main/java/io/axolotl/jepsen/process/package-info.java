/**
 * Real server processes on this machine: started with flags, watched, hurt and brought back.
 *
 * <p>A {@link io.axolotl.jepsen.process.ServerProcess} is one node, living or dead: its folder and ports outlive its
 * processes. A {@link io.axolotl.jepsen.process.ProcessCluster} is a group of them on loopback ports with folders under one
 * root. Both drive either Axolotl or a real etcd ({@link io.axolotl.jepsen.process.Target}), since the two take the same
 * flags and speak the same protocol: what a test expects of the one can be asked of the other.
 *
 * <p>Everything that waits has a bound and says what it waited for ({@link io.axolotl.jepsen.process.Await}). Only processes
 * that were started here are ever signalled, and all of them are killed when this JVM ends, however it ends: after a
 * {@code kill -9} by a process beside it, on Linux ({@link io.axolotl.jepsen.process.Children}).
 *
 * <p>Used by the playground, the recovery demo, the benchmark comparison and the tests on real processes. Thread rule: the
 * classes are safe for all threads unless they say otherwise; a node is started and stopped by one thread at a time.
 */
@NullMarked
package io.axolotl.jepsen.process;

import org.jspecify.annotations.NullMarked;
