package io.axolotl.server.driver;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.peer.PeerTransport;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * Why did a request run out of time? The answer is for the person who reads it: a leader failed, this member was cut off,
 * or neither is known (contract C.1).
 *
 * <p>Confined to the driver thread.
 */
final class TimeoutCause {
    private final NodeId self;
    private final PeerTransport transport;
    private final long electionTimeoutNanos;
    private Membership membership;
    private @Nullable NodeId leader;
    private boolean hasSeenLeader;
    private long leaderSinceNanos;

    TimeoutCause(NodeId self, Membership membership, PeerTransport transport, long electionTimeoutNanos) {
        this.self = self;
        this.membership = membership;
        this.transport = transport;
        this.electionTimeoutNanos = electionTimeoutNanos;
    }

    /** @param newLeader who leads from now on, or null if nobody is known to */
    void leaderIs(@Nullable NodeId newLeader, long nowNanos) {
        if (newLeader != null && !newLeader.equals(leader)) {
            leaderSinceNanos = nowNanos;
            hasSeenLeader = true;
        }
        leader = newLeader;
    }

    void membershipIs(Membership newMembership) {
        membership = newMembership;
    }

    /** Why a request that started at {@code startNanos} has had no answer by {@code nowNanos}. */
    Failure of(long startNanos, long nowNanos) {
        NodeId current = leader;
        if (current == null) {
            // "no leader" is for those who asked for a leader (contract C.1); to others this is a timeout.
            return Failure.TIMEOUT;
        }
        if (hasSeenLeader
                && startNanos - leaderSinceNanos < 0
                && startNanos - (leaderSinceNanos - 2 * electionTimeoutNanos) > 0) {
            return Failure.TIMEOUT_LEADER_FAILED;
        }
        boolean wasConnected = current.equals(self)
                ? hadQuorum(membership.voters(), startNanos) && hadQuorum(membership.outgoingVoters(), startNanos)
                : isConnectedSince(current, startNanos);
        return wasConnected ? Failure.TIMEOUT : Failure.TIMEOUT_CONNECTION_LOST;
    }

    private boolean hadQuorum(NavigableSet<NodeId> voters, long startNanos) {
        int reached = 0;
        for (NodeId voter : voters) {
            if (voter.equals(self) || isConnectedSince(voter, startNanos)) {
                reached++;
            }
        }
        return voters.isEmpty() || reached > voters.size() / 2;
    }

    private boolean isConnectedSince(NodeId peer, long startNanos) {
        long sinceNanos = transport.connectedSinceNanos(peer);
        return sinceNanos != PeerTransport.NOT_CONNECTED && sinceNanos - startNanos <= 0;
    }
}
