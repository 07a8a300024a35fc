package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * When members served, and which revision each had, as the linearizable reads tell that clients of that one member had answered.
 * Filled by {@link #of}; confined to one thread.
 */
final class Presence {
    private static final int SLICES = 5;

    private static final class Member {
        final NavigableMap<Long, Long> returnsByInvocation = new TreeMap<>();
        /** The highest revision that was answered up to this moment. */
        final NavigableMap<Long, Long> revisionByReturn = new TreeMap<>();
    }

    private final Map<Integer, Member> members = new HashMap<>();

    private Presence() {}

    static Presence of(List<KvCall> calls) {
        Presence presence = new Presence();
        for (KvCall call : calls) {
            if (call.isDone()
                    && call.call().endpoint() >= 0
                    && call.ask().isRead()
                    && call.ask().isLinearizable()) {
                Member member = presence.members.computeIfAbsent(call.call().endpoint(), any -> new Member());
                member.returnsByInvocation.merge(
                        call.call().invokedNanos(), call.call().returnedNanos(), Math::min);
                member.revisionByReturn.merge(
                        call.call().returnedNanos(), call.requireAnswer().revision(), Math::max);
            }
        }
        for (Member member : presence.members.values()) {
            long highest = 0;
            for (Map.Entry<Long, Long> entry : member.revisionByReturn.entrySet()) {
                highest = Math.max(highest, entry.getValue());
                entry.setValue(highest);
            }
        }
        return presence;
    }

    /** The revision that a member had for certain at that time; 0 if nobody knows. */
    long revisionAt(int endpoint, long nanos) {
        Member member = members.get(endpoint);
        Map.Entry<Long, Long> entry = member == null ? null : member.revisionByReturn.floorEntry(nanos);
        return entry == null ? 0 : entry.getValue();
    }

    /** Whether a read began and was answered by the member in each fifth of this time. */
    boolean servedThroughout(int endpoint, long from, long to) {
        Member member = members.get(endpoint);
        if (member == null) {
            return false;
        }
        long slice = (to - from) / SLICES;
        for (int i = 0; i < SLICES; i++) {
            long end = from + (i + 1) * slice;
            boolean hasServed = member.returnsByInvocation.subMap(end - slice, true, end, false).values().stream()
                    .anyMatch(returned -> returned <= end);
            if (!hasServed) {
                return false;
            }
        }
        return true;
    }
}
