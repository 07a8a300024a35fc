package io.axolotl.server.peer;

import io.axolotl.raft.RaftConfig;
import io.axolotl.server.peer.proto.Hello;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What all members of a cluster should do alike. Told in each greeting, so that a mixture does not go unnoticed: a lease for
 * reads rests on the promises of the others not to vote for so long as this member believes (docs/adr/0014), and elections of
 * members with different timeouts get in each other's way. Nobody is refused for it, or the settings could never be changed.
 *
 * <p>Immutable.
 *
 * @param isLeaseReads whether a leader answers reads by lease
 */
public record Habits(long heartbeatNanos, long electionTimeoutNanos, boolean isLeaseReads) {
    public static Habits of(RaftConfig config) {
        return new Habits(
                config.heartbeatIntervalNanos(),
                config.electionTimeoutNanos(),
                config.availability().isLeaseReads());
    }

    Hello.Builder tellIn(Hello.Builder hello) {
        return hello.setHeartbeatNanos(heartbeatNanos)
                .setElectionTimeoutNanos(electionTimeoutNanos)
                .setIsLeaseReads(isLeaseReads);
    }

    /** What is wrong when the greeter and this node are in one cluster, for people; null if nothing is, or it does not tell. */
    @Nullable String concern(Hello hello) {
        if (hello.getElectionTimeoutNanos() == 0) {
            return null;
        }
        String peer = "peer " + Long.toHexString(hello.getFrom());
        if (hello.getIsLeaseReads() != isLeaseReads) {
            return peer
                    + (isLeaseReads
                            ? " does not read by lease, and this node does"
                            : " reads by lease, and this node" + " does not")
                    + ": a lease rests on the promises of all members, and with some that make none a read may"
                    + " be STALE. Start all members with the same --read-mode";
        }
        if (hello.getElectionTimeoutNanos() != electionTimeoutNanos || hello.getHeartbeatNanos() != heartbeatNanos) {
            return peer + " has a heartbeat interval of " + millis(hello.getHeartbeatNanos())
                    + " ms and an election timeout of " + millis(hello.getElectionTimeoutNanos()) + " ms, this node of "
                    + millis(heartbeatNanos) + " ms and " + millis(electionTimeoutNanos) + " ms: "
                    + (isLeaseReads
                            ? "a lease may outlast the promises of a member with a shorter timeout, and a read may be STALE"
                            : "elections take longer, and members may unseat a leader that is well")
                    + ". Start all members with the same --heartbeat-interval and --election-timeout";
        }
        return null;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
