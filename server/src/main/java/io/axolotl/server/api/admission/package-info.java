/**
 * Who is let in when more comes than can be done (pitfall 62, fault A16).
 *
 * <p>A server that takes everything answers everything late: at three times what it can do, each call waits until nobody waits for
 * it any more, and all the work is for nothing. So what cannot be answered in time is refused at once, before its message is even
 * decoded, with etcd's words "too many requests", which a client may take as "certainly not done". Three ideas:
 *
 * <ul>
 *   <li>{@link io.axolotl.server.api.admission.Pace}: what is in flight, divided by what is finished per second, is how long a
 *       newcomer will wait (Little's law; no clock runs along with a call). Who has less than twice that time left is refused.
 *   <li>{@link io.axolotl.server.api.admission.Bound}: bytes of requests in flight are bounded, and a client may take at most three
 *       times what is still free. So one alone may use three quarters, several come down to equal parts by themselves, and there
 *       is always room for one that has nothing in flight yet. All connections from one address together may take fifteen times what is
 *       free, so that opening many is no way to have nearly all. The same rule holds for the places that {@code Pace} gives out.
 *   <li>What gives room back, or keeps things alive, comes first ({@link io.axolotl.server.api.admission.Kind}): deletes,
 *       compactions, ends of leases and all administration have a quarter of the bytes for themselves and are not asked
 *       how long they will wait. Renewals of leases, watches and health are not judged at all. Heartbeats and votes do not come
 *       this way.
 * </ul>
 *
 * <p>What has been let in and then waits so long that its caller has gone is dropped where it waits ({@code Waiter}, {@code
 * ProposalRegistry}), unless it may have been proposed: from then on only the log knows its outcome.
 *
 * <p>Thread rule: all of it is safe for all threads, and nothing here blocks.
 */
@NullMarked
package io.axolotl.server.api.admission;

import org.jspecify.annotations.NullMarked;
