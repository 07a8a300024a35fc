package io.axolotl.jepsen.simulation;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One call of one client, from its invocation to what the client was told. Values are named by the number of the
 * operation that wrote them, so no two writes write the same; zero means that the key is absent.
 *
 * <p>Filled in once by the client that owns it; confined to the simulation's thread.
 */
final class Operation {
    /** What was asked. */
    enum Kind {
        PUT,
        GET,
        DELETE,
        /** Put {@code value} on both keys if the first holds {@code expected}; otherwise read the first. */
        CAS,
        /** Read all keys at once. */
        RANGE;

        boolean isRead() {
            return this == GET || this == RANGE;
        }
    }

    /** What the client was told, in the words of the client library. */
    enum Outcome {
        /** Nothing yet; for the judges the same as UNKNOWN. */
        PENDING,
        DONE,
        /** Certainly never happened and never will. */
        REFUSED,
        /** May have happened, may still happen. */
        UNKNOWN
    }

    static final long NEVER = Long.MAX_VALUE;
    static final long ABSENT = 0;

    private final long id;
    private final int client;
    private final Kind kind;
    private final String key;
    private final @Nullable String secondKey;
    private final long expected;
    private final long invokedAt;
    private long respondedAt = NEVER;
    private Outcome outcome = Outcome.PENDING;
    private int attempts;
    private long revision;
    private long observed;
    private boolean isSucceeded;
    private Map<String, Long> observedAll = Map.of();

    /**
     * @param id from 1; also the value that a PUT or a CAS writes
     * @param secondKey the other key that a CAS writes, or null
     * @param expected what a CAS expects at {@code key}
     * @param invokedAt position in the history's order of events
     */
    Operation(long id, int client, Kind kind, String key, @Nullable String secondKey, long expected, long invokedAt) {
        this.id = id;
        this.client = client;
        this.kind = kind;
        this.key = key;
        this.secondKey = secondKey;
        this.expected = expected;
        this.invokedAt = invokedAt;
    }

    /**
     * @param observed what a GET or a failed CAS read at {@code key}; for a DELETE 1 if there was something to delete
     * @param isSucceeded whether the comparison of a CAS held; true otherwise
     */
    void done(long at, long revision, long observed, boolean isSucceeded) {
        this.respondedAt = at;
        this.outcome = Outcome.DONE;
        this.revision = revision;
        this.observed = observed;
        this.isSucceeded = isSucceeded;
    }

    void doneRange(long at, long revision, Map<String, Long> observedAll) {
        done(at, revision, ABSENT, true);
        this.observedAll = new TreeMap<>(observedAll);
    }

    /** The client sends it, once more or for the first time. */
    void attempted() {
        attempts++;
    }

    int attempts() {
        return attempts;
    }

    /** The response is not an event of the history: the operation stays open for ever. */
    void unknown() {
        this.outcome = Outcome.UNKNOWN;
    }

    void refused(long at) {
        this.respondedAt = at;
        this.outcome = Outcome.REFUSED;
    }

    long id() {
        return id;
    }

    int client() {
        return client;
    }

    Kind kind() {
        return kind;
    }

    String key() {
        return key;
    }

    @Nullable String secondKey() {
        return secondKey;
    }

    long expected() {
        return expected;
    }

    long invokedAt() {
        return invokedAt;
    }

    long respondedAt() {
        return respondedAt;
    }

    Outcome outcome() {
        return outcome;
    }

    boolean isDone() {
        return outcome == Outcome.DONE;
    }

    /** Whether it may have had an effect or an answer; false only for what was refused. */
    boolean mayHaveHappened() {
        return outcome != Outcome.REFUSED;
    }

    long revision() {
        return revision;
    }

    long observed() {
        return observed;
    }

    boolean isSucceeded() {
        return isSucceeded;
    }

    Map<String, Long> observedAll() {
        return observedAll;
    }

    /** Whether it is known to have changed the store. */
    boolean isEffectiveWrite() {
        return switch (kind) {
            case PUT -> isDone();
            case CAS -> isDone() && isSucceeded;
            case DELETE -> isDone() && observed != ABSENT;
            case GET, RANGE -> false;
        };
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append('#').append(id).append(" c").append(client).append(' ').append(kind);
        if (kind != Kind.RANGE) {
            text.append(' ').append(key);
        }
        if (kind == Kind.CAS) {
            text.append(" if ").append(expected).append(secondKey == null ? "" : " also " + secondKey);
        }
        text.append(" [").append(invokedAt).append(", ");
        text.append(respondedAt == NEVER ? "open" : Long.toString(respondedAt))
                .append("] ")
                .append(outcome);
        if (isDone()) {
            text.append(" revision ").append(revision);
            switch (kind) {
                case GET -> text.append(" read ").append(observed);
                case CAS -> text.append(isSucceeded ? " succeeded" : " failed, read " + observed);
                case DELETE -> text.append(observed == ABSENT ? " found nothing" : " deleted");
                case RANGE -> text.append(" read ").append(observedAll);
                case PUT -> {}
            }
        }
        return text.toString();
    }
}
