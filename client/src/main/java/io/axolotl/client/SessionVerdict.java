package io.axolotl.client;

import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * What the servers' session knows of a write that failed: the trailer {@code axolotl-once}. It speaks of the call, and so of
 * all its attempts, where a status speaks of one.
 *
 * @param revision at which the write was applied; 0 unless {@link Kind#APPLIED}
 */
record SessionVerdict(Kind kind, long revision) {
    /** The metadata of a request, and the trailer of its answer. */
    static final Metadata.Key<String> ONCE = Metadata.Key.of("axolotl-once", Metadata.ASCII_STRING_MARSHALLER);

    private static final String APPLIED_AT = "applied ";

    /** What it may say. */
    enum Kind {
        /** Nothing: judge the status, of this attempt alone. */
        NONE,
        /** Refused; no attempt has changed anything, or will. */
        SETTLED,
        /** Applied, and its answer is gone. */
        APPLIED,
        /** This attempt changed nothing; the session is not known. */
        NO_SESSION,
        /** This attempt changed nothing; the slot has had a later call. */
        PASSED,
        /** This attempt changed nothing, and no other of this number has; somebody else has used the number for another call. */
        DIFFERS,
        /** This attempt changed nothing; there is no room for more sessions. */
        FULL
    }

    private static final SessionVerdict NONE = new SessionVerdict(Kind.NONE, 0);

    static SessionVerdict of(Metadata trailers) {
        String text = trailers.get(ONCE);
        if (text == null) {
            return NONE;
        }
        return switch (text) {
            case "settled" -> new SessionVerdict(Kind.SETTLED, 0);
            case "no-session" -> new SessionVerdict(Kind.NO_SESSION, 0);
            case "passed" -> new SessionVerdict(Kind.PASSED, 0);
            case "differs" -> new SessionVerdict(Kind.DIFFERS, 0);
            case "full" -> new SessionVerdict(Kind.FULL, 0);
            default -> {
                Long revision = text.startsWith(APPLIED_AT) ? number(text.substring(APPLIED_AT.length())) : null;
                yield revision == null ? NONE : new SessionVerdict(Kind.APPLIED, revision);
            }
        };
    }

    private static @Nullable Long number(String digits) {
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException ofANewerServer) {
            return null;
        }
    }
}
