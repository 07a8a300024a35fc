package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.NumberedValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether locks and elections exclude by their fencing tokens (I10): no two holders with one token, tokens that grow in real time,
 * and no guarded write of a holder after one of a later holder, nor after a later holder was told that it holds; and nobody is told
 * that it holds while the lease of an earlier holder lives for certain, by its renewals (as {@link LeaseJudge} counts) and before
 * anybody began to revoke it. That two believe that they hold at once after that time is no fault of the store (a process may sleep
 * longer than its lease lives): it is counted, and reported.
 *
 * <p>Calls are {@code acquire {lock, lease} -> {token, key}}, {@code release {lock, token}}, those on leases, and guarded puts of
 * {@link #fenced} whose values begin with the token and a slash. Stateless.
 */
public record LockJudge() implements Judge {
    private static final String NAME = "locks by fencing";

    /** The key that a lock protects; not among those of the lock itself, of which whoever waits takes the first for the holder. */
    public static String fenced(String lock) {
        return lock + "-fenced";
    }

    /** @param lease on which it holds; null if nobody has written that down */
    private record Hold(
            Call call, String lock, long token, @Nullable LeaseFacts lease) {}

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Chronicle chronicle = Chronicle.of(KvCall.of(history), findings);
        chronicle.check(true);
        Map<Long, LeaseFacts> leases = LeaseFacts.of(history, findings);
        Map<String, List<Hold>> byLock = new TreeMap<>();
        Map<String, Call> releases = new HashMap<>();
        for (Call call : history) {
            if (call.kind().equals("acquire") && call.isDone()) {
                String lock = call.input().get("lock").getAsString();
                byLock.computeIfAbsent(lock, any -> new ArrayList<>())
                        .add(new Hold(
                                call,
                                lock,
                                call.output().get("token").getAsLong(),
                                call.input().has("lease")
                                        ? leases.get(call.input().get("lease").getAsLong())
                                        : null));
            } else if (call.kind().equals("release")) {
                releases.put(
                        call.input().get("lock").getAsString() + "/"
                                + call.input().get("token").getAsLong(),
                        call);
            }
        }
        long holds = 0;
        long overlaps = 0;
        for (Map.Entry<String, List<Hold>> entry : byLock.entrySet()) {
            List<Hold> inTime = new ArrayList<>(entry.getValue());
            inTime.sort(Comparator.comparingLong(hold -> hold.call.invokedNanos()));
            holds += inTime.size();
            checkTokens(inTime, findings);
            checkCertain(inTime, findings);
            checkWrites(entry.getKey(), chronicle, findings);
            checkWritesInTime(entry.getKey(), inTime, history, findings);
            overlaps += overlaps(inTime, releases);
        }
        return findings.verdict(
                holds,
                "locks were held " + holds + " times, never against their fence nor while another lease lived for"
                        + " certain; two clients believed that they held one at once " + overlaps
                        + (overlaps == 1 ? " time" : " times"));
    }

    private static void checkTokens(List<Hold> inTime, Findings findings) {
        Map<Long, Hold> byToken = new HashMap<>();
        List<Hold> byReturn = new ArrayList<>(inTime);
        byReturn.sort(Comparator.comparingLong(hold -> hold.call.returnedNanos()));
        Hold newest = null;
        int ended = 0;
        for (Hold hold : inTime) {
            Hold same = byToken.put(hold.token, hold);
            if (same != null) {
                findings.add("two holders have the token " + hold.token, same.call, hold.call);
            }
            while (byReturn.get(ended).call.returnedNanos() < hold.call.invokedNanos()) {
                Hold candidate = byReturn.get(ended++);
                newest = newest == null || candidate.token > newest.token ? candidate : newest;
            }
            if (newest != null && hold.token <= newest.token) {
                findings.add("a later holder has a smaller token", newest.call, hold.call);
            }
        }
    }

    /** Whoever entered first holds first: who entered later and holds knows that the key of the first is gone, and so is its lease. */
    private static void checkCertain(List<Hold> inTime, Findings findings) {
        List<Hold> byToken = new ArrayList<>(inTime);
        byToken.sort(Comparator.comparingLong(Hold::token));
        Hold longest = null;
        long certainEnd = Long.MIN_VALUE;
        for (Hold hold : byToken) {
            if (longest != null && hold.call.returnedNanos() < certainEnd && longest.token < hold.token) {
                findings.add(
                        "two hold at once for certain: the lease of the first lived for another "
                                + (certainEnd - hold.call.returnedNanos()) / 1_000_000 + " ms at least",
                        longest.call,
                        hold.call);
            }
            if (hold.lease != null && hold.lease.certainEnd() > certainEnd) {
                longest = hold;
                certainEnd = hold.lease.certainEnd();
            }
        }
    }

    /** In the order of the store. */
    private static void checkWrites(String lock, Chronicle chronicle, Findings findings) {
        Chronicle.Fact newest = null;
        long newestToken = 0;
        for (Chronicle.Fact fact : chronicle.history(fenced(lock)).values()) {
            OptionalLong found = NumberedValue.numberOf(fact.value());
            if (found.isEmpty()) {
                findings.add("what a lock protects holds no token", fact);
                continue;
            }
            long token = found.getAsLong();
            if (token < newestToken && newest != null) {
                findings.add("a holder wrote after a later holder had written", newest, fact);
            }
            if (token > newestToken) {
                newest = fact;
                newestToken = token;
            }
        }
    }

    /** In real time: whoever was told that it holds knows that no earlier holder writes any more. */
    private static void checkWritesInTime(String lock, List<Hold> holds, List<Call> history, Findings findings) {
        NavigableMap<Long, Hold> newestByReturn = new TreeMap<>();
        List<Hold> byReturn = new ArrayList<>(holds);
        byReturn.sort(Comparator.comparingLong(hold -> hold.call.returnedNanos()));
        Hold newest = null;
        for (Hold hold : byReturn) {
            newest = newest == null || hold.token > newest.token ? hold : newest;
            newestByReturn.put(hold.call.returnedNanos(), newest);
        }
        for (KvCall write : KvCall.of(history)) {
            boolean isFenced =
                    write.isEffectiveWrite() && write.putOf(fenced(lock)).isPresent();
            if (!isFenced) {
                continue;
            }
            Map.Entry<Long, Hold> known = newestByReturn.lowerEntry(write.call().invokedNanos());
            OptionalLong token = NumberedValue.numberOf(
                    write.putOf(fenced(lock)).orElseThrow().value());
            if (known != null && token.isPresent() && known.getValue().token > token.getAsLong()) {
                findings.add("a guarded write was executed when a later holder held", known.getValue().call, write);
            }
        }
    }

    /** How many holders began while another believed that it held. */
    private static long overlaps(List<Hold> inTime, Map<String, Call> releases) {
        long overlaps = 0;
        long heldUntil = Long.MIN_VALUE;
        List<Hold> byReturn = new ArrayList<>(inTime);
        byReturn.sort(Comparator.comparingLong(hold -> hold.call.returnedNanos()));
        for (Hold hold : byReturn) {
            if (hold.call.returnedNanos() < heldUntil) {
                overlaps++;
            }
            Call release = releases.get(hold.lock + "/" + hold.token);
            if (release != null) {
                heldUntil = Math.max(heldUntil, release.invokedNanos());
            }
        }
        return overlaps;
    }
}
