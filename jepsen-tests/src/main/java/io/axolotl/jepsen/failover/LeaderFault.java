package io.axolotl.jepsen.failover;

import io.axolotl.jepsen.process.Enclosure;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.SystemCalls;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What is done to a leader, and undone. The ids are those of the fault catalogue. {@link #NONE} and {@link #WATCHED} are the
 * controls: what the instrument itself sees and costs.
 */
enum LeaderFault {
    /** Nothing: the longest gap that this machine makes by itself. */
    NONE("nothing (control)", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            return () -> {};
        }
    },
    /** P1. */
    KILL("kill -9", End.WHEN_SERVED) {
        @Override
        Injury inflict(Victim victim) {
            victim.node.kill();
            return victim.node::start;
        }
    },
    /** P6. */
    PAUSE("pause (SIGSTOP)", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            victim.node.pause();
            return victim.node::resume;
        }
    },
    /** N1, from its peers; clients still reach it. */
    CUT("cut off", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            NodeNetwork network = victim.network.orElseThrow();
            network.cut(victim.place);
            return () -> network.mend(victim.place);
        }

        @Override
        Optional<String> obstacle(boolean isEnclosed) {
            return isEnclosed ? Optional.empty() : Enclosure.obstacle().or(() -> Optional.of("--in-place was given"));
        }
    },
    /** P5. */
    STOP("graceful stop (SIGTERM)", End.WHEN_SERVED) {
        @Override
        Injury inflict(Victim victim) {
            victim.node.beginStop();
            return () -> {
                int unused = victim.node.awaitExit(STOP_BOUND);
                victim.node.start();
            };
        }
    },
    /** The tool that slows syncs down, with nothing to add. */
    WATCHED("strace, no delay (control)", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            return slow(victim, Duration.ofNanos(1_000));
        }

        @Override
        Optional<String> obstacle(boolean isEnclosed) {
            return SystemCalls.obstacle();
        }
    },
    /** D23. */
    SYNC_500("+0.5 s per sync", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            return slow(victim, Duration.ofMillis(500));
        }

        @Override
        Optional<String> obstacle(boolean isEnclosed) {
            return SystemCalls.obstacle();
        }
    },
    /** D23. */
    SYNC_2000("+2 s per sync", End.AFTER_HOLD) {
        @Override
        Injury inflict(Victim victim) {
            return slow(victim, Duration.ofSeconds(2));
        }

        @Override
        Optional<String> obstacle(boolean isEnclosed) {
            return SystemCalls.obstacle();
        }
    };

    private static final Duration STOP_BOUND = Duration.ofSeconds(30);

    /** When a fault is undone. */
    enum End {
        /** As soon as the others have served for a while. */
        WHEN_SERVED,
        /** After the time that the command line names, whether they serve or not. */
        AFTER_HOLD
    }

    /** A fault that is there; running it undoes the fault. */
    interface Injury {
        void heal();
    }

    /**
     * Who it is done to.
     *
     * @param place number of the node, from 0
     * @param network if the nodes have one of their own
     */
    record Victim(ServerProcess node, int place, Optional<NodeNetwork> network) {}

    final String title;
    final End end;

    LeaderFault(String title, End end) {
        this.title = title;
        this.end = end;
    }

    abstract Injury inflict(Victim victim);

    /** What it needs and is missing here, in words for people. */
    Optional<String> obstacle(boolean isEnclosed) {
        return Optional.empty();
    }

    private static Injury slow(Victim victim, Duration perSync) {
        return SystemCalls.slowSyncs(victim.node, perSync)::close;
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
