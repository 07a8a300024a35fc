package io.axolotl.server.http;

import io.grpc.Status;

/**
 * Judges a call by its first frame, before grpc knows of it: when there is far more to refuse than to do, what a refusal costs
 * is what is taken from those who are served.
 *
 * <p>Asked on event loops, for each call of the client port.
 */
public interface Turnstile {
    /** Turns nobody away. */
    Turnstile OPEN = new Turnstile() {
        @Override
        public boolean turnsAway(CharSequence path, long timeoutNanos) {
            return false;
        }

        @Override
        public Status refusal() {
            return Status.RESOURCE_EXHAUSTED;
        }
    };

    /**
     * @param path a slash and the full name of the method
     * @param timeoutNanos what its caller gives it, {@link Long#MAX_VALUE} without a deadline
     */
    boolean turnsAway(CharSequence path, long timeoutNanos);

    /** What those who are turned away are told; the description is printable ASCII without a percent sign. */
    Status refusal();
}
