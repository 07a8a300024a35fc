package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether leases kept their time (I9): none and no key on it is gone before its TTL has passed since the last renewal that was
 * answered, by the clients' monotonic clock and from before that renewal was sent; no key outlives the revocation of its lease, or
 * comes back; no two leases have one id; what is told of a TTL fits. That keys go at all is asked of the last lists, which come long
 * after the last renewal (a new leader may give every lease its whole time again) and must be empty.
 *
 * <p>Calls are {@code grant {ttl} -> {lease, ttl}}, {@code attach {lease, key}}, {@code keepalive {lease} -> {ttl}}, {@code revoke
 * {lease}}, {@code ttl {lease} -> {ttl, granted}}, {@code look {lease, key} -> {there}} and {@code last-list {prefix} -> {keys}}. A
 * key hangs on one lease and is written once. Stateless.
 */
public record LeaseJudge() implements Judge {
    private static final String NAME = "leases";
    private static final double NANOS = 1e9;

    /** A new leader may give more than the whole time: what its predecessor may have had left of an election. */
    private static final long LEADER_GRACE_SECONDS = 10;

    /** The name of the last thing that is asked: what is left of all keys. */
    public static final String LAST_LIST = "last-list";

    /** In the text of the error of who names a lease that is not there. */
    public static final String NOT_FOUND = "requested lease not found";

    private static final class Lease {
        final long ttlNanos;
        final List<Call> renewals = new ArrayList<>();
        final List<Call> revocations = new ArrayList<>();
        final List<Call> others = new ArrayList<>();

        Lease(Call grant) {
            this.ttlNanos = (long) (grant.output().get("ttl").getAsLong() * NANOS);
            renewals.add(grant);
        }

        /** The earliest moment at which it may run out, as far as renewals count that had been answered by then. */
        long legalEnd(long answeredBefore) {
            return renewals.stream()
                    .filter(renewal -> renewal.returnedNanos() <= answeredBefore)
                    .mapToLong(renewal -> renewal.invokedNanos() + ttlNanos)
                    .max()
                    .orElse(Long.MIN_VALUE);
        }

        boolean mayBeRevoked(long by) {
            return revocations.stream()
                    .anyMatch(revoke -> revoke.outcome() != Outcome.REFUSED && revoke.invokedNanos() <= by);
        }

        boolean isRevoked(long by) {
            return revocations.stream().anyMatch(revoke -> revoke.isDone() && revoke.returnedNanos() < by);
        }
    }

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Map<Long, Lease> leases = new TreeMap<>();
        for (Call call : history) {
            if (call.kind().equals("grant") && call.isDone()) {
                Lease other = leases.put(call.output().get("lease").getAsLong(), new Lease(call));
                if (other != null) {
                    findings.add("two leases have one id", other.renewals.get(0), call);
                }
            }
        }
        for (Call call : history) {
            if (call.input().has("lease")) {
                Lease lease = leases.get(call.input().get("lease").getAsLong());
                if (lease == null) {
                    throw new IllegalArgumentException(call + " names a lease that nobody was granted");
                }
                switch (call.kind()) {
                    case "keepalive" -> (isAlive(call) ? lease.renewals : lease.others).add(call);
                    case "revoke" -> lease.revocations.add(call);
                    default -> lease.others.add(call);
                }
            }
        }
        long looks = 0;
        for (Call call : history) {
            if (call.kind().equals(LAST_LIST) && call.isDone()) {
                looks++;
                if (!call.output().getAsJsonArray("keys").isEmpty()) {
                    findings.add("keys outlive their leases, long after the last renewal", call);
                }
            }
        }
        for (Lease lease : leases.values()) {
            looks += lease.others.size();
            judge(lease, findings);
        }
        return findings.verdict(
                looks, leases.size() + " leases kept their time, as " + looks + " looks at them and their keys show");
    }

    private static boolean isAlive(Call keepAlive) {
        return keepAlive.isDone() && keepAlive.output().get("ttl").getAsLong() > 0;
    }

    private static void judge(Lease lease, Findings findings) {
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
                case "look" -> {
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

    private static void look(
            Lease lease, Call look, Map<String, Call> attached, Map<String, Call> gone, Findings findings) {
        String key = look.input().get("key").getAsString();
        Call attach = attached.get(key);
        if (!look.output().get("there").getAsBoolean()) {
            if (attach != null && attach.isDoneBefore(look)) {
                requireLegal(lease, look, findings);
                gone.putIfAbsent(key, look);
            }
            return;
        }
        Call before = gone.get(key);
        if (before != null && before.isDoneBefore(look)) {
            findings.add("a key came back after its lease had ended", before, look);
        }
        if (lease.isRevoked(look.invokedNanos())) {
            findings.add("a key outlives the revocation of its lease", look, lease.revocations.get(0));
        }
    }

    private static void time(Lease lease, Call call, Findings findings) {
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
    private static void requireLegal(Lease lease, Call call, Findings findings) {
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
