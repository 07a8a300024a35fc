package io.axolotl.jepsen.simulation;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the store ought to be: the committed operations applied one after the other to a map, as slowly and plainly as
 * can be. Knows what each operation did, and the value of each key at each revision.
 *
 * <p>Confined to the simulation's thread.
 */
final class StoreOracle {
    /**
     * What one operation came to.
     *
     * @param revision of the store after it
     * @param observed what the client must be told to have seen; see {@link Operation#observed}
     */
    record Effect(long index, long revision, long observed, boolean isSucceeded) {}

    /** The revision of an empty store, as etcd counts. */
    static final long FIRST_REVISION = 1;

    private final Map<Long, Effect> effects = new TreeMap<>();
    private final Map<String, NavigableMap<Long, Long>> values = new TreeMap<>();
    private long revision = FIRST_REVISION;

    /** Applies {@code operation}, which was committed at {@code index}. Indexes are given in ascending order. */
    Effect apply(Operation operation, long index) {
        Effect effect = switch (operation.kind()) {
            case PUT -> {
                revision++;
                set(operation.key(), operation.id());
                yield new Effect(index, revision, Operation.ABSENT, true);
            }
            case DELETE -> {
                if (latest(operation.key()) == Operation.ABSENT) {
                    yield new Effect(index, revision, Operation.ABSENT, true);
                }
                revision++;
                set(operation.key(), Operation.ABSENT);
                yield new Effect(index, revision, 1, true);
            }
            case CAS -> {
                long before = latest(operation.key());
                if (before != operation.expected()) {
                    yield new Effect(index, revision, before, false);
                }
                revision++;
                set(operation.key(), operation.id());
                String second = operation.secondKey();
                if (second != null) {
                    set(second, operation.id());
                }
                yield new Effect(index, revision, Operation.ABSENT, true);
            }
            case GET, RANGE -> throw new IllegalArgumentException("a read is not committed: " + operation);
        };
        if (effects.put(operation.id(), effect) != null) {
            throw new InvariantViolation("I15 exactly once", operation + " was committed twice");
        }
        return effect;
    }

    private void set(String key, long value) {
        values.computeIfAbsent(key, ignored -> new TreeMap<>()).put(revision, value);
    }

    /** What the operation did, or null if it is not committed. */
    @Nullable Effect effect(long operationId) {
        return effects.get(operationId);
    }

    long revision() {
        return revision;
    }

    long latest(String key) {
        return at(key, revision);
    }

    /** The value of {@code key} as of {@code revision}. */
    long at(String key, long revision) {
        NavigableMap<Long, Long> ofKey = values.get(key);
        Map.Entry<Long, Long> entry = ofKey == null ? null : ofKey.floorEntry(revision);
        return entry == null ? Operation.ABSENT : entry.getValue();
    }

    /** All keys present as of {@code revision}. */
    Map<String, Long> allAt(long revision) {
        Map<String, Long> all = new TreeMap<>();
        for (String key : values.keySet()) {
            long value = at(key, revision);
            if (value != Operation.ABSENT) {
                all.put(key, value);
            }
        }
        return all;
    }
}
