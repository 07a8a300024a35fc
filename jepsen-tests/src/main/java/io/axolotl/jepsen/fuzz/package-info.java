/**
 * Feeds every parser of bytes from outside with what nobody would send who means well: the network's messages, the files of a
 * data folder, what an operator writes. Whatever the bytes, a parser takes them or refuses them with an error of its own
 * kind that says what is wrong; it allocates in proportion to what it was given, and comes back (faults A16, D9 to D18).
 *
 * <p>A {@link io.axolotl.jepsen.fuzz.FuzzTarget} is one parser: how to make bytes that it accepts, what it may raise, and how
 * to make checksums right again behind a mutation, without which nothing beyond the first checksum would ever be reached. The
 * {@link io.axolotl.jepsen.fuzz.Fuzzer} draws a valid input, bends it with the {@link io.axolotl.jepsen.fuzz.Mutator}, feeds
 * it, and judges: kind of error, bytes allocated, time taken. Some inputs stay as they are, and those must be accepted: a
 * target that refuses everything would be quiet for ever. The targets of the network are a whole running server
 * ({@link io.axolotl.jepsen.fuzz.LiveServer}); what shows that one of them was hurt is the answer that does not come.
 *
 * <p>Every input follows from the seed of the campaign, the target and a number, so a finding is replayed by them.
 *
 * <p>Thread rule: one thread feeds; another one only looks whether it still does.
 */
@NullMarked
package io.axolotl.jepsen.fuzz;

import org.jspecify.annotations.NullMarked;
