/**
 * Load whose every effect can be judged afterwards, and the judge.
 *
 * <p>The idea: each write goes to a key of its own and carries a value of its own, and the outcome that the client reported
 * is recorded in a {@link io.axolotl.jepsen.workload.Ledger}. At the end one linearizable read of all keys settles everything
 * ({@link io.axolotl.jepsen.workload.Audit}): what was acknowledged must be there exactly once and at the acknowledged
 * revision, what was refused must not, and only what was reported as unknown may be either. {@link
 * io.axolotl.jepsen.workload.StateDigest} compares the members with each other. {@link
 * io.axolotl.jepsen.workload.ServiceProber} measures, open loop, how long nobody got an answer.
 *
 * <p>Thread rule: writers and the prober own threads; everything else here is immutable or safe for all threads.
 */
@NullMarked
package io.axolotl.jepsen.workload;

import org.jspecify.annotations.NullMarked;
