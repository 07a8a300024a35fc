/**
 * The process around the server, as the system sees it: the form of its log lines ({@link
 * io.axolotl.server.launch.LogSetup}), the signals that end it ({@link io.axolotl.server.launch.StopSignals}), and what the
 * service manager is told ({@link io.axolotl.server.launch.ServiceManager}).
 *
 * <p>Two things are out of Java's reach up to and including 17: datagrams over a Unix socket, which is how systemd is
 * notified, and ending by a signal, which is how etcd ends. Both are one call of the C library, made in {@link
 * io.axolotl.server.launch.LibC}; where it cannot be loaded the server works without, and says what is missing.
 *
 * <p>Called by {@code ServerMain}; knows the settings of the log, and the form of its last line, and nothing else of the server.
 * Thread rule: set up by the thread that starts the process; what may be called later is safe for all threads.
 */
@NullMarked
package io.axolotl.server.launch;

import org.jspecify.annotations.NullMarked;
