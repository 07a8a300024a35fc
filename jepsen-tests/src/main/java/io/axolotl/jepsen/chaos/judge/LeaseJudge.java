package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonElement;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether leases kept their time (I9): none and no key on it is gone before its TTL has passed since the last renewal that was
 * answered, by the clients' monotonic clock and from before that renewal was sent; no key outlives the revocation of its lease, or
 * comes back; what is told of a TTL fits. That keys go at all is asked of the last looks, which come long after the last renewal
 * (a new leader may give every lease its whole time again).
 *
 * <p>Calls are {@code grant {ttl} -> {lease, ttl}}, {@code attach {lease, key}}, {@code keepalive {lease} -> {ttl}}, {@code revoke
 * {lease}}, {@code ttl {lease} -> {ttl, granted}} and {@code look} or {@code last-look {lease, key} -> {there}}, and {@link
 * #LAST_LIST} {@code {prefix} -> {keys}}. A key hangs on one lease and is written once; an id is granted once. Stateless.
 */
public record LeaseJudge() implements Judge {
    private static final String NAME = "leases";
    private static final double NANOS = 1e9;

    /** A new leader may give more than the whole time: what its predecessor may have had left of an election. */
    private static final long LEADER_GRACE_SECONDS = 10;

    /** The kind of the last look at the keys of all leases. */
    public static final String LAST_LIST = "last-list";

    /** In the text of the error of who names a lease that is not there. */
    public static final String NOT_FOUND = "requested lease not found";

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Map<Long, LeaseFacts> leases = LeaseFacts.of(history, findings);
        long looks = 0;
        for (LeaseFacts lease : leases.values()) {
            looks += lease.others.size();
            judge(lease, findings);
        }
        for (Call call : history) {
            if (call.kind().equals(LAST_LIST) && call.isDone()) {
                looks++;
                checkLastList(call, history, findings);
            }
        }
        return findings.verdict(
                looks, leases.size() + " leases kept their time, as " + looks + " looks at them and their keys show");
    }

    private static void judge(LeaseFacts lease, Findings findings) {
        Map<String, Call> attached = new TreeMap<>();
        Map<String, Call> gone = new TreeMap<>();
        List<Call> others = new ArrayList<>(lease.others);
        others.sort(Comparator.comparingLong(Call::invokedNanos));
        for (Call call : others) {
            if (call.kind().equals("attach") && call.isDone()) {
                attached.put(call.input().get("key").getAsString(), call);
            }
        }
        for (Call call : others) {
            switch (call.kind()) {
                case "look", "last-look" -> {
                    if (call.isDone()) {
                        look(lease, call, attached, gone, findings);
                    }
                }
                case "ttl" -> {
                    if (call.isDone()) {
                        time(lease, call, findings);
                    }
                }
                case "keepalive" -> {
                    if (call.isDone()) {
                        requireLegal(lease, call, findings);
                    }
                }
                default -> {
                    if (call.outcome() == Outcome.REFUSED && call.error().contains(NOT_FOUND)) {
                        requireLegal(lease, call, findings);
                    }
                }
            }
        }
    }

    /** Of the keys of all leases that there ever were: none is left. */
    private static void checkLastList(Call list, List<Call> history, Findings findings) {
        Map<String, Call> attaches = new HashMap<>();
        for (Call call : history) {
            if (call.kind().equals("attach")) {
                attaches.put(call.input().get("key").getAsString(), call);
            }
        }
        for (JsonElement each : list.output().getAsJsonArray("keys")) {
            String key = each.getAsString();
            Call attach = attaches.get(key);
            if (attach == null) {
                findings.add(key + " is there though nobody wrote it", list);
            } else if (attach.outcome() == Outcome.REFUSED) {
                findings.add(key + " is there though its write was refused", attach, list);
            } else {
                findings.add(key + " outlives its lease, long after the last renewal of any", attach, list);
            }
        }
    }

    private static void look(
            LeaseFacts lease, Call look, Map<String, Call> attached, Map<String, Call> gone, Findings findings) {
        String key = look.input().get("key").getAsString();
        Call attach = attached.get(key);
        if (!look.output().get("there").getAsBoolean()) {
            if (attach != null && attach.returnedNanos() < look.invokedNanos()) {
                requireLegal(lease, look, findings);
                gone.putIfAbsent(key, look);
            }
            return;
        }
        Call before = gone.get(key);
        if (before != null && before.returnedNanos() < look.invokedNanos()) {
            findings.add("a key came back after its lease had ended", before, look);
        }
        if (lease.isRevoked(look.invokedNanos())) {
            findings.add("a key outlives the revocation of its lease", look, lease.revocations.get(0));
        }
        if (look.kind().equals("last-look")) {
            findings.add("a key outlives its lease, long after the last renewal", look);
        }
    }

    private static void time(LeaseFacts lease, Call call, Findings findings) {
        long left = call.output().get("ttl").getAsLong();
        if (left < 0) {
            requireLegal(lease, call, findings);
            return;
        }
        double least = (lease.legalEnd(call.invokedNanos()) - call.returnedNanos()) / NANOS;
        if (left > 2 * lease.ttlNanos / NANOS + LEADER_GRACE_SECONDS) {
            findings.add("a lease has more time than it was granted", call);
        } else if (left + 1 < least && !lease.mayBeRevoked(call.returnedNanos())) {
            findings.add("a lease has less time than its last renewal gave it", call);
        }
    }

    /** It was found to be gone. */
    private static void requireLegal(LeaseFacts lease, Call call, Findings findings) {
        long legal = lease.legalEnd(call.invokedNanos());
        if (call.returnedNanos() < legal && !lease.mayBeRevoked(call.returnedNanos())) {
            Call renewal = lease.renewals.stream()
                    .filter(each -> each.returnedNanos() <= call.invokedNanos())
                    .reduce((one, other) -> one.invokedNanos() > other.invokedNanos() ? one : other)
                    .orElseThrow();
            findings.add(
                    "a lease had ended " + Math.round((legal - call.returnedNanos()) / 1e6)
                            + " ms before its time was over",
                    renewal,
                    call);
        }
    }
}
