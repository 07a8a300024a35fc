package io.axolotl.jepsen.simulation;

import io.axolotl.jepsen.order.LinearizabilitySearch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history could have come from a store that does one thing at a time: a {@link LinearizabilitySearch} for one
 * key at a time (linearizability is a local property: Herlihy and Wing).
 *
 * <p>It believes nobody: not revisions, not the log, only what clients sent and were told. An operation of unknown
 * outcome may take effect at any moment after its invocation, or never. A read of all keys counts as a read of each key;
 * a transaction on two keys as one operation on each.
 *
 * <p>Stateless.
 */
final class LinearizabilityChecker {
    /** What was found for a whole history. */
    sealed interface Verdict {
        record Linearizable() implements Verdict {}

        /** @param operations every operation of the key, in the order of invocation */
        record Violated(String key, List<Operation> operations) implements Verdict {}

        /** The search gave up: a statement about the checker, not about the store. */
        record Undecided(String key) implements Verdict {}
    }

    private final long maxSteps;

    /** @param maxSteps bound on search steps per key */
    LinearizabilityChecker(long maxSteps) {
        this.maxSteps = maxSteps;
    }

    Verdict check(List<Operation> history) {
        Map<String, List<Step>> byKey = partition(history);
        @Nullable String undecided = null;
        for (Map.Entry<String, List<Step>> entry : byKey.entrySet()) {
            switch (LinearizabilitySearch.search(Operation.ABSENT, entry.getValue(), maxSteps)) {
                case LINEARIZABLE -> {}
                case UNDECIDED -> undecided = entry.getKey();
                case VIOLATED -> {
                    List<Operation> operations =
                            entry.getValue().stream().map(Step::operation).toList();
                    return new Verdict.Violated(entry.getKey(), operations);
                }
            }
        }
        return undecided == null ? new Verdict.Linearizable() : new Verdict.Undecided(undecided);
    }

    /** An operation as one key sees it. {@code isSecond}: the unconditional part of a transaction. */
    private record Step(Operation operation, String key, boolean isSecond) implements LinearizabilitySearch.Step<Long> {
        @Override
        public long invokedAt() {
            return operation.invokedAt();
        }

        @Override
        public long returnedAt() {
            return isOpen() ? NEVER : operation.respondedAt();
        }

        boolean isOpen() {
            return !operation.isDone();
        }

        @Override
        public @Nullable Long apply(Long state) {
            return switch (operation.kind()) {
                case PUT -> operation.id();
                case GET -> isOpen() || operation.observed() == state ? state : null;
                case RANGE ->
                    isOpen()
                                    || operation
                                            .observedAll()
                                            .getOrDefault(key, Operation.ABSENT)
                                            .equals(state)
                            ? state
                            : null;
                case DELETE -> {
                    boolean hadSomething = state != Operation.ABSENT;
                    boolean saidSomething = operation.observed() != Operation.ABSENT;
                    yield isOpen() || hadSomething == saidSomething ? Long.valueOf(Operation.ABSENT) : null;
                }
                case CAS -> applyCas(state);
            };
        }

        private @Nullable Long applyCas(long state) {
            if (isSecond) {
                // The comparison is on another key. Open: it may have held; that it may not have is the case in which
                // an open step is left out of the order.
                return isOpen() || operation.isSucceeded() ? operation.id() : state;
            }
            boolean holds = state == operation.expected();
            if (isOpen()) {
                return holds ? operation.id() : state;
            }
            if (holds != operation.isSucceeded()) {
                return null;
            }
            if (!holds) {
                return operation.observed() == state ? Long.valueOf(state) : null;
            }
            return operation.id();
        }
    }

    private static Map<String, List<Step>> partition(List<Operation> history) {
        Set<String> keys = new TreeSet<>();
        for (Operation operation : history) {
            if (operation.kind() != Operation.Kind.RANGE) {
                keys.add(operation.key());
                String second = operation.secondKey();
                if (second != null) {
                    keys.add(second);
                }
            }
            keys.addAll(operation.observedAll().keySet());
        }
        Map<String, List<Step>> byKey = new TreeMap<>();
        for (String key : keys) {
            byKey.put(key, new ArrayList<>());
        }
        for (Operation operation : history) {
            if (!operation.mayHaveHappened() || (operation.kind().isRead() && !operation.isDone())) {
                continue;
            }
            if (operation.kind() == Operation.Kind.RANGE) {
                byKey.forEach((key, steps) -> steps.add(new Step(operation, key, false)));
                continue;
            }
            steps(byKey, operation.key()).add(new Step(operation, operation.key(), false));
            String second = operation.secondKey();
            if (second != null && !second.equals(operation.key())) {
                steps(byKey, second).add(new Step(operation, second, true));
            }
        }
        return byKey;
    }

    private static List<Step> steps(Map<String, List<Step>> byKey, String key) {
        return byKey.computeIfAbsent(key, ignored -> new ArrayList<>());
    }

    /** Text of at most {@code most} operations around the end, for a failure report. */
    static String describe(List<Operation> operations, int most) {
        int from = Math.max(0, operations.size() - most);
        StringBuilder text = new StringBuilder();
        for (Operation operation : operations.subList(from, operations.size())) {
            text.append("\n    ").append(operation);
        }
        return text.toString();
    }
}
