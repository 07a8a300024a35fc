/**
 * Reads again what nobody reads, to find damage while the other members still have what it took (faults D11, D13, D14).
 *
 * <p>A bit that rots in a closed part of the log, in a snapshot or in a file of the state shows only when somebody needs it:
 * at a restart, or when a follower has fallen behind. By then another member may have rotted too. So one thread of low
 * priority goes through all of them, never faster than it is allowed to, and at a quarter of that while there is work.
 *
 * <p>It finds, and leaves the mending to those who can. A damaged snapshot is taken out of use and a new one is made. Damage
 * to the log or to the state ends the process, after the state has been made durable: the next start repairs it ({@link
 * io.axolotl.server.recovery}), mostly from what is here, and names it.
 *
 * <p>What is in the memory of the operating system is read from there, so a pass proves nothing about sectors that have not
 * been evicted since they were written.
 *
 * <p>Thread rule: {@link io.axolotl.server.scrub.Scrubber} has one thread of its own, between start and stop.
 */
@NullMarked
package io.axolotl.server.scrub;

import org.jspecify.annotations.NullMarked;
