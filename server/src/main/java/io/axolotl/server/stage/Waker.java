package io.axolotl.server.stage;

/** Tells a sleeping stage that there is something to do. Safe for all threads; cheap when the stage is awake. */
@FunctionalInterface
public interface Waker {
    /** Wakes nobody: for a stage that is run by hand. */
    Waker NOBODY = () -> {};

    void wake();

    /**
     * Told by the stage itself, within a turn that takes long for a good reason: it has got on and does not hang (pitfall
     * 67).
     */
    default void progressed() {}

    /** Whether the stage is to end: asked within a turn that waits for something that may never come. */
    default boolean isEnding() {
        return false;
    }
}
