package io.axolotl.jepsen.chaos;

import java.util.List;

/** A workload: clients that call, write down what they saw, and the judges of it. Thread-safe start/stop. */
public interface Workload {
    String name();

    /**
     * Of the calls that it is asked for, how many a whole cluster answers at least, on a machine that has time for it. Below one: a turn may
     * wait, as for a lock, or find nobody free to take it.
     */
    double reachableShare();

    /** Starts its clients; each call is added to the history when it ended. */
    Running start(Target target, History history, long seed, double callsPerSecond);

    /** Clients at work. */
    interface Running extends AutoCloseable {
        /** Stops starting calls and waits until all have ended. */
        void stop();

        /** Last reads after healing, on every member, also added to the history (as clients of their own). */
        void finish();

        @Override
        void close();
    }

    /** Judges a whole history; no cluster needed, so that a kept history can be judged again. */
    List<Verdict> judge(List<Call> calls);
}
