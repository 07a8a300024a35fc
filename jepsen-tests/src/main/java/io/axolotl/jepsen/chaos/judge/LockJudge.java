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

/**
 * Whether locks and elections exclude by their fencing tokens (I10): no two holders with one token, tokens that grow in real time,
 * no guarded write of a holder after one of a later holder, nor after a later holder was told that it holds; and nobody is told
 * that it holds while the lease of an earlier holder, who has not begun to let go, certainly lives. That two believe that they hold
 * is no fault of the store once that lease may have run out (a process may sleep longer): it is counted, and reported.
 *
 * <p>Calls are {@code acquire {lock} -> {token, key, granted, ttl}}, {@code granted} being the time before the lease was asked for,
 * {@code renew {lock, token} -> {ttl}}, {@code release {lock, token}} before the lease is revoked, and guarded puts of {@link
 * #fenced} whose values begin with the token and a slash. Stateless.
 */
public record LockJudge() implements Judge {
    private static final String NAME = "locks by fencing";

    /** The key that a lock protects; not among those of the lock itself, of which whoever waits takes the first for the holder. */
    public static String fenced(String lock) {
        return lock + "-fenced";
    }

    private record Hold(Call call, String lock, long token) {
        String name() {
            return lock + "/" + token;
        }

        long ttlNanos() {
            return call.output().get("ttl").getAsLong() * 1_000_000_000L;
        }

        /** Until when its lease certainly lives, as far as that was known at a moment. */
        long certainUntil(long moment, List<Call> renewals) {
            long until = call.output().get("granted").getAsLong() + ttlNanos();
            for (Call renewal : renewals) {
                if (renewal.returnedNanos() <= moment) {
                    until = Math.max(until, renewal.invokedNanos() + ttlNanos());
                }
            }
            return until;
        }
    }

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Chronicle chronicle = Chronicle.of(KvCall.of(history), findings);
        chronicle.check(true);
        Map<String, List<Hold>> byLock = new TreeMap<>();
        Map<String, Call> releases = new HashMap<>();
        Map<String, List<Call>> renewals = new HashMap<>();
        for (Call call : history) {
            if (call.kind().equals("acquire") && call.isDone()) {
                String lock = call.input().get("lock").getAsString();
                byLock.computeIfAbsent(lock, any -> new ArrayList<>())
                        .add(new Hold(call, lock, call.output().get("token").getAsLong()));
            } else if (call.kind().equals("release")) {
                releases.put(nameOfHold(call), call);
            } else if (call.kind().equals("renew")
                    && call.isDone()
                    && call.output().get("ttl").getAsLong() > 0) {
                renewals.computeIfAbsent(nameOfHold(call), any -> new ArrayList<>())
                        .add(call);
            }
        }
        long holds = 0;
        long overlaps = 0;
        for (Map.Entry<String, List<Hold>> entry : byLock.entrySet()) {
            List<Hold> inTime = new ArrayList<>(entry.getValue());
            inTime.sort(Comparator.comparingLong(hold -> hold.call.invokedNanos()));
            holds += inTime.size();
            checkTokens(inTime, findings);
            checkWrites(entry.getKey(), chronicle, findings);
            checkWritesInTime(entry.getKey(), inTime, history, findings);
            checkCertainty(inTime, releases, renewals, findings);
            overlaps += overlaps(inTime, releases);
        }
        return findings.verdict(
                holds,
                "locks were held " + holds + " times, never against their fence; without one, two clients held one at"
                        + " once " + overlaps + (overlaps == 1 ? " time" : " times"));
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
            while (byReturn.get(ended).call.isDoneBefore(hold.call)) {
                Hold candidate = byReturn.get(ended++);
                newest = newest == null || candidate.token > newest.token ? candidate : newest;
            }
            if (newest != null && hold.token <= newest.token) {
                findings.add("a later holder has a smaller token", newest.call, hold.call);
            }
        }
    }

    /** In the order of the store. */
    private static void checkWrites(String lock, Chronicle chronicle, Findings findings) {
        Chronicle.Fact newest = null;
        long newestToken = 0;
        for (Chronicle.Fact fact : chronicle.history(fenced(lock)).values()) {
            OptionalLong written = NumberedValue.numberOf(fact.value());
            if (written.isEmpty() && !fact.isDelete()) {
                findings.add("what a lock protects has a value that no holder wrote", fact);
            }
            // Nothing about a token can be told of such a value.
            long token = written.orElse(newestToken);
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

    private static String nameOfHold(Call call) {
        return call.input().get("lock").getAsString() + "/"
                + call.input().get("token").getAsLong();
    }

    private static void checkCertainty(
            List<Hold> holds, Map<String, Call> releases, Map<String, List<Call>> renewals, Findings findings) {
        for (Hold later : holds) {
            long moment = later.call.returnedNanos();
            for (Hold earlier : holds) {
                Call release = releases.get(earlier.name());
                boolean holdsStill = earlier.token < later.token
                        && earlier.call.returnedNanos() < moment
                        && (release == null || release.invokedNanos() > moment)
                        && earlier.certainUntil(moment, renewals.getOrDefault(earlier.name(), List.of())) > moment;
                if (holdsStill) {
                    findings.add(
                            "two hold at once, and the lease of the first certainly lives", earlier.call, later.call);
                }
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
            Call release = releases.get(hold.name());
            if (release != null) {
                heldUntil = Math.max(heldUntil, release.invokedNanos());
            }
        }
        return overlaps;
    }
}
