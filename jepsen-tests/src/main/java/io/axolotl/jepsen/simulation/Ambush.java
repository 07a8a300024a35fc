package io.axolotl.jepsen.simulation;

/**
 * A fault that waits for a node at a {@link Moment}, and strikes once. Immutable.
 *
 * @param lengthNanos how long it is down, paused or held up
 * @param operations disk operations until the cut, for {@link Deed#POWER_CUT_SOON}
 */
record Ambush(Moment moment, Deed deed, long lengthNanos, int operations) {
    enum Deed {
        /** The process ends here. */
        KILL,
        /** The machine ends here. */
        POWER_CUT,
        /** The machine ends a few disk operations after this. */
        POWER_CUT_SOON,
        /** The whole process stops when this turn of this thread is over. */
        PAUSE,
        /** This thread stops here, the others go on; only where it is the driver's. */
        STALL
    }

    /** Unwinds the turn of a process that ended in the middle of it. An error, so that no code takes it for its own. */
    static final class Sprung extends Error {
        private static final long serialVersionUID = 1;

        Sprung() {
            super("the process ended in the middle of a turn", null, false, false);
        }
    }
}
