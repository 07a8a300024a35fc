package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Histories of a register that really does one thing at a time: each operation takes effect at one moment between its
 * call and its return, some never return, some of those never happen.
 */
final class RandomHistory {
    private static final int CLIENTS = 4;
    private static final int OPERATIONS = 30;

    private record Running(Operation operation, long effectAt, boolean happens) {}

    private final List<Operation> operations = new ArrayList<>();

    static RandomHistory ofSeed(long seed) {
        RandomHistory history = new RandomHistory();
        history.make(new SplittableRandom(seed));
        return history;
    }

    List<Operation> operations() {
        return operations;
    }

    private void make(SplittableRandom random) {
        long state = Operation.ABSENT;
        long revision = 1;
        long clock = 0;
        Running[] clients = new Running[CLIENTS];
        // What each client has seen, filled in when its operation takes effect.
        long[] observed = new long[CLIENTS];
        long[] revisions = new long[CLIENTS];
        boolean[] isSucceeded = new boolean[CLIENTS];
        boolean[] hasHappened = new boolean[CLIENTS];
        while (operations.size() < OPERATIONS) {
            clock++;
            int client = random.nextInt(CLIENTS);
            Running running = clients[client];
            if (running == null) {
                Operation.Kind kind = List.of(
                                Operation.Kind.PUT,
                                Operation.Kind.GET,
                                Operation.Kind.GET,
                                Operation.Kind.DELETE,
                                Operation.Kind.CAS)
                        .get(random.nextInt(5));
                long expected = random.nextBoolean() ? state : Operation.ABSENT;
                Operation operation = new Operation(operations.size() + 1L, client, kind, "k", null, expected, clock);
                operations.add(operation);
                clients[client] = new Running(operation, clock, random.nextInt(10) > 0);
                hasHappened[client] = false;
            } else if (!hasHappened[client] && running.happens()) {
                Operation operation = running.operation();
                hasHappened[client] = true;
                observed[client] = operation.kind() == Operation.Kind.DELETE && state != Operation.ABSENT ? 1 : state;
                isSucceeded[client] = operation.kind() != Operation.Kind.CAS || state == operation.expected();
                boolean isChange = switch (operation.kind()) {
                    case PUT -> true;
                    case DELETE -> state != Operation.ABSENT;
                    case CAS -> isSucceeded[client];
                    case GET, RANGE -> false;
                };
                if (isChange) {
                    revision++;
                    state = operation.kind() == Operation.Kind.DELETE ? Operation.ABSENT : operation.id();
                }
                revisions[client] = revision;
            } else if (hasHappened[client] && random.nextInt(8) > 0) {
                running.operation().done(clock, revisions[client], observed[client], isSucceeded[client]);
                clients[client] = null;
            } else {
                running.operation().unknown();
                clients[client] = null;
            }
        }
    }

    /** Lets one read have seen what no order can explain: a value that was replaced before the read began. */
    boolean bend(SplittableRandom random) {
        List<Operation> reads = operations.stream()
                .filter(each -> each.kind() == Operation.Kind.GET && each.isDone())
                .toList();
        if (reads.isEmpty()) {
            return false;
        }
        Operation read = reads.get(random.nextInt(reads.size()));
        long nobodyWrote = operations.size() + 1_000L;
        long lie = staleValue(read);
        read.done(read.respondedAt(), read.revision(), lie == Operation.NEVER ? nobodyWrote : lie, true);
        return true;
    }

    /** A put that ended before another put began which itself ended before the read; or NEVER. */
    private long staleValue(Operation read) {
        for (Operation first : operations) {
            for (Operation second : operations) {
                if (first.kind() == Operation.Kind.PUT
                        && second.kind() == Operation.Kind.PUT
                        && first.isDone()
                        && second.isDone()
                        && first.respondedAt() < second.invokedAt()
                        && second.respondedAt() < read.invokedAt()) {
                    return first.id();
                }
            }
        }
        return Operation.NEVER;
    }
}
