/**
 * Calls on keys, as histories hold them: {@link io.axolotl.jepsen.chaos.kv.Ask} is what was asked, {@link
 * io.axolotl.jepsen.chaos.kv.Answer} what was answered, and {@link io.axolotl.jepsen.chaos.kv.KvCall} both together with the
 * call. Workloads write this form and judges read it, so that one parser and one set of judges serve them all.
 *
 * <p>Every call is a transaction in this form. A put alone is one without a guard that holds one action; how it is sent is for the
 * workload to choose.
 *
 * <p>Thread rule: everything is immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos.kv;

import org.jspecify.annotations.NullMarked;
