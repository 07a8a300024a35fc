package io.axolotl.client;

/**
 * Hears of every call that the program makes, for tracing: {@link ClientOptions.Builder#listener}. Not of what the client asks for
 * itself, such as who leads, and not of streams.
 *
 * <p>What it throws is logged and changes nothing. It is called where the call is made and on network threads, one after the other for
 * each attempt, and must not block: whatever takes long belongs on another thread. To be safe for all threads.
 */
@FunctionalInterface
public interface CallListener {
    /** Hears nothing. */
    CallListener NONE = name -> new Call() {};

    /**
     * A call begins. Runs on the thread that makes it, where a tracer finds the span that it belongs to.
     *
     * @param name as in the metrics, such as {@code put}
     * @return who hears of this call
     */
    Call started(String name);

    /**
     * Hears of one call. An attempt may begin while another one is under way, if reads are hedged, and end after the call has.
     */
    interface Call {
        /** @param attempt 1 for the first */
        default void attemptStarted(int attempt, Endpoint endpoint) {}

        /** @param code what the attempt has come to; {@link ErrorCode#OK} if it was answered */
        default void attemptEnded(int attempt, Endpoint endpoint, ErrorCode code) {}

        /** Once, after which only attempts end that are not needed any more. */
        default void ended(Outcome<?> outcome) {}
    }
}
