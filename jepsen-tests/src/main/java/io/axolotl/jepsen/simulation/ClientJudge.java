package io.axolotl.jepsen.simulation;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds what clients are told against the committed history: each answer is true, in an order that respects real time (I5), and what was
 * refused never happened (I15). Confined to the simulation's thread.
 */
final class ClientJudge {
    private final History history;
    private final StoreOracle oracle;
    /** Attempts at these have certainly had no effect, as a server has said. */
    private final Set<Long> turnedAway = new HashSet<>();

    private long newestEndedRevision;
    private @Nullable Operation newestEnded;

    ClientJudge(History history, StoreOracle oracle) {
        this.history = history;
        this.oracle = oracle;
    }

    /** An operation begins: what has ended so far is before it. */
    long revisionFloor() {
        return newestEndedRevision;
    }

    /** A client was told that its operation is done. */
    void answered(Operation operation, long revisionFloor) {
        if (operation.kind().isRead()) {
            requireTrueRead(operation);
        } else {
            requireTrueWrite(operation);
        }
        long least = operation.isEffectiveWrite() ? revisionFloor + 1 : revisionFloor;
        if (operation.revision() < least) {
            throw new InvariantViolation(
                    "I5 strict serializability",
                    operation + " is ordered before revision " + revisionFloor
                            + ", which had been told to a client before it began (by " + newestEnded + " or earlier)");
        }
        if (operation.revision() > newestEndedRevision) {
            newestEndedRevision = operation.revision();
            newestEnded = operation;
        }
    }

    private void requireTrueRead(Operation read) {
        boolean isTrue = read.kind() == Operation.Kind.GET
                ? oracle.at(read.key(), read.revision()) == read.observed()
                : oracle.allAt(read.revision()).equals(read.observedAll());
        if (!isTrue || read.revision() > oracle.revision()) {
            throw new InvariantViolation(
                    "I5 strict serializability",
                    read + " does not show revision " + read.revision() + " of the committed history");
        }
    }

    private void requireTrueWrite(Operation write) {
        StoreOracle.Effect effect = oracle.effect(write.id());
        if (effect == null) {
            throw new InvariantViolation(
                    "I4 acknowledged means committed", write + " was acknowledged but is not committed");
        }
        if (effect.revision() != write.revision()
                || effect.isSucceeded() != write.isSucceeded()
                || effect.observed() != write.observed()) {
            throw new InvariantViolation(
                    "I5 strict serializability", write + " was answered, but the committed history says " + effect);
        }
    }

    /** A server has refused an attempt at this. */
    void turnedAway(Operation operation) {
        turnedAway.add(operation.id());
    }

    /** The end: refused operations must have had no effect (I15), whether it was the client that said so or the server. */
    void checkRefused() {
        for (Operation operation : history.operations()) {
            boolean isTurnedAway = operation.attempts() == 1 && turnedAway.contains(operation.id());
            boolean isRefused = isTurnedAway || operation.outcome() == Operation.Outcome.REFUSED;
            if (isRefused && oracle.effect(operation.id()) != null) {
                throw new InvariantViolation("I15 refused means never", operation + " was refused but is committed");
            }
        }
    }
}
