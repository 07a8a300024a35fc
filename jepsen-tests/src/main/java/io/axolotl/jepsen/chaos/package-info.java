/**
 * Runs that hurt a cluster and are judged by what its clients saw: the history of all their calls, the workloads that make it
 * and the judges that read it.
 *
 * <p>The idea: whoever judges needs no cluster. A {@link io.axolotl.jepsen.chaos.Workload} drives any etcd v3 endpoint and
 * writes each call down in a {@link io.axolotl.jepsen.chaos.History} when it has ended, with what was asked, what was
 * answered, and when; its judges read nothing else, so that a history that was kept can be judged again. A call whose outcome
 * the client library calls unknown is unknown here too, and counts as both: it may have had its effect at any time after it
 * began, or never.
 *
 * <p>Thread rule: histories and running workloads are safe for all threads, everything else is immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos;

import org.jspecify.annotations.NullMarked;
