package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.RequestOp;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a list of operations may put and the ranges that it may delete, nested transactions included; finds what
 * TX-9 forbids: a key that one path puts twice, or both puts and deletes. The two branches of a nested transaction are
 * never taken together and may do so among each other.
 *
 * <p>Keys are kept sorted and ranges disjoint and sorted, so each new part is held against all before it by look-ups;
 * merging moves the smaller side. A request of n operations costs O(n log² n), whatever its nesting.
 *
 * <p>Confined to the thread that checks the request.
 */
final class KeyFootprint {
    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private TreeSet<ByteString> puts = new TreeSet<>(ORDER);

    /** Disjoint ranges by start: {@code [start, end)}, or without end if {@code end} is null. */
    private TreeMap<ByteString, Range> deletes = new TreeMap<>(ORDER);

    private record Range(ByteString start, @Nullable ByteString end) {
        boolean contains(ByteString key) {
            return ORDER.compare(start, key) <= 0 && endsAfter(key);
        }

        boolean endsAfter(ByteString key) {
            return end == null || ORDER.compare(key, end) < 0;
        }
    }

    private KeyFootprint() {}

    /** TX-9 on one list of a transaction. */
    static void check(List<RequestOp> ops) throws RequestRefused {
        if (holdsPutsAndReadsOnly(ops)) {
            checkPutsDiffer(ops);
        } else {
            of(ops);
        }
    }

    private static boolean holdsPutsAndReadsOnly(List<RequestOp> ops) {
        for (RequestOp op : ops) {
            if (op.hasRequestDeleteRange() || op.hasRequestTxn()) {
                return false;
            }
        }
        return true;
    }

    private static void checkPutsDiffer(List<RequestOp> ops) throws RequestRefused {
        if (ops.size() < 2) {
            return;
        }
        Set<ByteString> keys = new HashSet<>();
        for (RequestOp op : ops) {
            if (op.hasRequestPut() && !keys.add(op.getRequestPut().getKey())) {
                throw new RequestRefused(EtcdError.DUPLICATE_KEY);
            }
        }
    }

    private static KeyFootprint of(List<RequestOp> ops) throws RequestRefused {
        KeyFootprint all = new KeyFootprint();
        for (RequestOp op : ops) {
            KeyFootprint part = new KeyFootprint();
            switch (op.getRequestCase()) {
                case REQUEST_PUT -> part.puts.add(op.getRequestPut().getKey());
                case REQUEST_DELETE_RANGE -> part.addDelete(op.getRequestDeleteRange());
                case REQUEST_TXN -> {
                    part = of(op.getRequestTxn().getSuccessList());
                    part.absorb(of(op.getRequestTxn().getFailureList()));
                }
                case REQUEST_RANGE, REQUEST_NOT_SET -> {
                    continue;
                }
            }
            if (all.conflictsWith(part)) {
                throw new RequestRefused(EtcdError.DUPLICATE_KEY);
            }
            all.absorb(part);
        }
        return all;
    }

    private boolean conflictsWith(KeyFootprint other) {
        return sharesPut(puts, other.puts) || deletesSomeOf(other.puts) || other.deletesSomeOf(puts);
    }

    /** Walks the smaller set and looks its keys up in the larger. */
    private static boolean sharesPut(NavigableSet<ByteString> one, NavigableSet<ByteString> other) {
        if (one.size() > other.size()) {
            return sharesPut(other, one);
        }
        for (ByteString key : one) {
            if (other.contains(key)) {
                return true;
            }
        }
        return false;
    }

    private boolean deletesSomeOf(NavigableSet<ByteString> keys) {
        if (keys.size() <= deletes.size()) {
            for (ByteString key : keys) {
                Map.Entry<ByteString, Range> before = deletes.floorEntry(key);
                if (before != null && before.getValue().contains(key)) {
                    return true;
                }
            }
            return false;
        }
        for (Range range : deletes.values()) {
            ByteString first = keys.ceiling(range.start());
            if (first != null && range.contains(first)) {
                return true;
            }
        }
        return false;
    }

    private void absorb(KeyFootprint other) {
        if (other.puts.size() > puts.size()) {
            TreeSet<ByteString> swap = puts;
            puts = other.puts;
            other.puts = swap;
        }
        puts.addAll(other.puts);
        if (other.deletes.size() > deletes.size()) {
            TreeMap<ByteString, Range> swap = deletes;
            deletes = other.deletes;
            other.deletes = swap;
        }
        other.deletes.values().forEach(this::addDelete);
    }

    /** Range forms of RG-2; a range whose end is not above its key deletes nothing. */
    private void addDelete(DeleteRangeRequest request) {
        ByteString start = request.getKey();
        ByteString end = request.getRangeEnd();
        if (end.isEmpty()) {
            addDelete(new Range(start, start.concat(ZERO)));
        } else if (end.equals(ZERO)) {
            addDelete(new Range(start, null));
        } else if (ORDER.compare(start, end) < 0) {
            addDelete(new Range(start, end));
        }
    }

    private void addDelete(Range added) {
        Range merged = added;
        Map.Entry<ByteString, Range> before = deletes.floorEntry(merged.start());
        if (before != null && before.getValue().endsAfter(merged.start())) {
            merged = new Range(before.getValue().start(), laterEnd(before.getValue(), merged));
        }
        Map.Entry<ByteString, Range> next = deletes.ceilingEntry(merged.start());
        while (next != null && merged.contains(next.getValue().start())) {
            merged = new Range(merged.start(), laterEnd(merged, next.getValue()));
            deletes.remove(next.getKey());
            next = deletes.ceilingEntry(merged.start());
        }
        deletes.put(merged.start(), merged);
    }

    private static @Nullable ByteString laterEnd(Range one, Range other) {
        if (one.end() == null || other.end() == null) {
            return null;
        }
        return ORDER.compare(one.end(), other.end()) >= 0 ? one.end() : other.end();
    }
}
