package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What clients were told of one lease, from calls {@code grant {ttl} -> {lease, ttl}}, {@code keepalive {lease} -> {ttl}}, {@code
 * revoke {lease}} and others that name it. Filled by {@link #of}; confined to one thread.
 */
final class LeaseFacts {
    private static final double NANOS = 1e9;

    final Call grant;
    final long ttlNanos;
    final List<Call> renewals = new ArrayList<>();
    final List<Call> revocations = new ArrayList<>();
    final List<Call> others = new ArrayList<>();

    private LeaseFacts(Call grant) {
        this.grant = grant;
        this.ttlNanos = (long) (grant.output().get("ttl").getAsLong() * NANOS);
        renewals.add(grant);
    }

    /**
     * All leases of a history by their ids.
     *
     * @param findings gets ids that were granted twice, and calls on leases that nobody was granted
     */
    static Map<Long, LeaseFacts> of(List<Call> history, Findings findings) {
        Map<Long, LeaseFacts> leases = new TreeMap<>();
        for (Call call : history) {
            if (call.kind().equals("grant") && call.isDone()) {
                LeaseFacts lease = new LeaseFacts(call);
                LeaseFacts same = leases.putIfAbsent(call.output().get("lease").getAsLong(), lease);
                if (same != null) {
                    findings.add("one id was granted to two leases", same.grant, call);
                }
            }
        }
        for (Call call : history) {
            if (call.input().has("lease")) {
                LeaseFacts lease = leases.get(call.input().get("lease").getAsLong());
                if (lease == null) {
                    findings.add("a call names a lease that nobody was granted", call);
                } else {
                    lease.take(call);
                }
            }
        }
        return leases;
    }

    private void take(Call call) {
        switch (call.kind()) {
            case "keepalive" -> (isAlive(call) ? renewals : others).add(call);
            case "revoke" -> revocations.add(call);
            default -> others.add(call);
        }
    }

    private static boolean isAlive(Call keepAlive) {
        return keepAlive.isDone() && keepAlive.output().get("ttl").getAsLong() > 0;
    }

    /** The earliest moment at which it may run out, as far as renewals count that had been answered by then. */
    long legalEnd(long answeredBefore) {
        return renewals.stream()
                .filter(renewal -> renewal.returnedNanos() <= answeredBefore)
                .mapToLong(renewal -> renewal.invokedNanos() + ttlNanos)
                .max()
                .orElse(Long.MIN_VALUE);
    }

    /**
     * Until when it lived for certain. A renewal that is answered, whenever that is, also tells that it had lived until then; nobody
     * knows what becomes of it once somebody has begun to revoke it.
     */
    long certainEnd() {
        return Math.min(
                legalEnd(Long.MAX_VALUE),
                revocations.stream()
                        .filter(revoke -> revoke.outcome() != Outcome.REFUSED)
                        .mapToLong(Call::invokedNanos)
                        .min()
                        .orElse(Long.MAX_VALUE));
    }

    boolean mayBeRevoked(long by) {
        return revocations.stream()
                .anyMatch(revoke -> revoke.outcome() != Outcome.REFUSED && revoke.invokedNanos() <= by);
    }

    boolean isRevoked(long by) {
        return revocations.stream().anyMatch(revoke -> revoke.isDone() && revoke.returnedNanos() < by);
    }
}
