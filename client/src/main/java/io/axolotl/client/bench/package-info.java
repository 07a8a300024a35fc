/**
 * {@code axolotl bench}: load on any endpoint that speaks etcd v3, measured from outside.
 *
 * <p>The machine that runs the servers often runs the bench too, so the bench must cost little: a client is a state machine of
 * a few words ({@code Lane.LoopClient}), not a thread; calls are raw asynchronous gRPC calls on a handful of connections and two
 * event loops; requests share one value; nothing is allocated to measure. {@code io.axolotl.client.AxolotlClient} with its
 * safeguards is not in the way, on purpose: retries would hide what the servers do.
 *
 * <p>Closed loop: each client sends its next operation when the last one is answered, so load follows the servers' speed. Open
 * loop ({@code --rate}): operations fall due at fixed times whatever the servers do, and latency counts from the time an
 * operation was due, so that a stall is seen by every operation that waited for it and not by one alone.
 *
 * <p>The server processes' CPU time, read before and after the measured window, divided by the operations answered in it, is the
 * figure that is hardest to flatter: it does not depend on how idle the machine was.
 *
 * <p>{@link io.axolotl.client.bench.BenchMain} reads the command line, {@code LoadRun} is the life of a run, {@code Lane} drives
 * the clients of one connection, {@code OpenLane} those that fall due by themselves; {@code Tally} keeps what came of them, {@code Workload} makes requests,
 * {@code BenchReport} prints. {@code OverloadMain} makes several runs of different load; {@code LoadOptions} is what both commands take.
 */
@NullMarked
package io.axolotl.client.bench;

import org.jspecify.annotations.NullMarked;
