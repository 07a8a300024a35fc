package io.axolotl.client;

import io.grpc.Status;
import java.util.Objects;
import java.util.Set;

/**
 * What the failure of one attempt proves. The whole knowledge about that is in this class.
 *
 * <p>The default is {@link #UNKNOWN}: a failure proves nothing unless there is a reason here why it does. A code alone is often
 * not enough, because grpc-java makes some up by itself: an ENHANCE_YOUR_CALM on the connection, which hits calls that the
 * server may have run, arrives as RESOURCE_EXHAUSTED, a refused security level as PERMISSION_DENIED. Those codes count only
 * with a text that only a server that turned the call away writes.
 */
enum Verdict {
    /** The call never left this process. Any call may be tried elsewhere. */
    NOT_SENT,
    /** The server turned the call away for a reason that is its own (learner, not yet ready): another one may take it. */
    TRY_ELSEWHERE,
    /** The server turned the call away because it has too much to do; after a pause it may take it. */
    BUSY,
    /** The server turned the call away; it would do so again. */
    REFUSED,
    /** A read that found no answer here; another server, or the same one later, may have it. A write is then unknown. */
    UNAVAILABLE,
    /** Nothing is known, and nothing suggests that trying again helps. */
    UNKNOWN;

    private static final String ETCD = "etcdserver: ";

    /** Checked before anything is proposed. Codes differ between versions: Unavailable up to 3.5 (C.1). */
    private static final Set<String> TRY_ELSEWHERE_TEXTS =
            Set.of("etcdserver: rpc not supported for learner", "etcdserver: not capable");

    /** How an Axolotl member begins when it has no room for more data; others may have. Also before anything is proposed. */
    private static final String DISK_FULL_TEXT = "etcdserver: no space left: the disk of this member is full";

    /** Checked before anything is proposed. Code Unknown in etcd, ResourceExhausted in its own tables (C.1 note 1). */
    private static final String BUSY_TEXT = "etcdserver: too many requests";

    /** How grpc-go and grpc-java servers say that a message is above their limit, before any handler saw it. */
    private static final Set<String> TOO_LARGE_TEXTS =
            Set.of("received message larger than max", "exceeds maximum size");

    /**
     * Judges an attempt.
     *
     * @param sent whether anything of it may have left this process
     */
    static Verdict of(Status status, boolean sent) {
        if (!sent) {
            return NOT_SENT;
        }
        String text = Objects.requireNonNullElse(status.getDescription(), "");
        if (TRY_ELSEWHERE_TEXTS.contains(text) || text.startsWith(DISK_FULL_TEXT)) {
            return TRY_ELSEWHERE;
        }
        if (text.equals(BUSY_TEXT)) {
            return BUSY;
        }
        return switch (status.getCode()) {
            // Only a server that looked at the request and turned it away answers these: etcd checks before it writes
            // (PU-1, TX-10), and grpc-java makes none of them up for a call in flight.
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNAUTHENTICATED,
                    UNIMPLEMENTED -> REFUSED;
            case PERMISSION_DENIED, DATA_LOSS -> text.startsWith(ETCD) ? REFUSED : UNKNOWN;
            case RESOURCE_EXHAUSTED -> text.startsWith(ETCD) || saysTooLarge(text) ? REFUSED : UNKNOWN;
            case UNAVAILABLE -> UNAVAILABLE;
            default -> UNKNOWN;
        };
    }

    private static boolean saysTooLarge(String text) {
        return TOO_LARGE_TEXTS.stream().anyMatch(text::contains);
    }

    /** Whether the attempt certainly changed nothing, if it was a write. */
    boolean provesNoEffect() {
        return this == NOT_SENT || this == TRY_ELSEWHERE || this == BUSY || this == REFUSED;
    }

    /**
     * Whether a call may be tried again.
     *
     * @param isNumbered whether the servers tell a repeat of it: then it does no harm, and its answer is what the call came to
     */
    boolean mayRepeat(Effect effect, boolean isNumbered) {
        return switch (this) {
            case NOT_SENT, TRY_ELSEWHERE, BUSY -> true;
            case UNAVAILABLE -> effect == Effect.READ || isNumbered;
            case UNKNOWN -> isNumbered;
            case REFUSED -> false;
        };
    }
}
