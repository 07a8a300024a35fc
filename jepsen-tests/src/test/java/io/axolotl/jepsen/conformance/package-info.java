/**
 * The etcd v3 contract as tests: each sentence is asked of etcd first and of Axolotl then, so that the oracle proves the test right
 * before the test judges us.
 *
 * <p>{@link io.axolotl.jepsen.conformance.Contract} names the rules and the errors that a test is about. The file {@code
 * rules.txt} lists all rules, and says of those without a test here why they have none; {@link
 * io.axolotl.jepsen.conformance.CoverageTest} holds it against the tests. Where the contract is newer than the oracle, {@link
 * io.axolotl.jepsen.conformance.KnownDifference} says what differs and why, and the tests expect of each server what it must do.
 *
 * <p>All tests share one etcd and one Axolotl, and use keys of their own. They run one after the other.
 */
@NullMarked
package io.axolotl.jepsen.conformance;

import org.jspecify.annotations.NullMarked;
