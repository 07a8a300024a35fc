package io.axolotl.client;

import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.StatusRequest;
import java.util.Optional;

/** The state of single members, and the place of leadership. Safe for all threads. */
public final class Maintenance {
    private final CallRunner runner;
    private final Connections connections;

    Maintenance(CallRunner runner, Connections connections) {
        this.runner = runner;
        this.connections = connections;
    }

    /**
     * What one member says about itself; needs no quorum. Asked once: that it does not answer is an answer too. The endpoint
     * need not be among those of the client.
     */
    public Pending<StatusResult> status(Endpoint endpoint) {
        return runner.runOn(connections.to(endpoint), Calls.STATUS, StatusRequest.getDefaultInstance());
    }

    /**
     * @throws IllegalArgumentException if the text is no endpoint
     */
    public Pending<StatusResult> status(String endpoint) {
        return status(Endpoint.parse(endpoint));
    }

    /** Asks all endpoints who leads. Nothing if none of them knows a leader that can be reached from here. */
    public Pending<Optional<Leader>> leader() {
        Pending<Optional<Leader>> pending = runner.pending("leader", Effect.READ);
        var unused = runner.leader()
                .find()
                .whenComplete((found, failure) -> pending.complete(found.map(LeaderTracker.Known::leader)));
        return pending;
    }

    /**
     * Hands leadership to a member. Asks for the leader first, since only it accepts the call (MT-6).
     *
     * @param memberId unsigned
     * @return the leader that gave way
     */
    public Pending<Leader> moveLeader(long memberId) {
        MoveLeaderRequest request =
                MoveLeaderRequest.newBuilder().setTargetID(memberId).build();
        Pending<Leader> pending = runner.pending("moveLeader", Effect.WRITE);
        var unused = runner.leader().find().whenComplete((found, failure) -> {
            if (found.isEmpty()) {
                pending.completeExceptionally(new RefusedException(
                        ErrorCode.UNAVAILABLE,
                        "moveLeader was not sent: no endpoint knows a leader that can be reached"));
                return;
            }
            LeaderTracker.Known leader = found.get();
            var unusedMove = runner.runOn(leader.connection(), Calls.MOVE_LEADER, request)
                    .whenComplete((header, refusal) -> {
                        if (refusal == null) {
                            pending.complete(leader.leader());
                        } else {
                            pending.completeExceptionally(refusal);
                        }
                    });
        });
        return pending;
    }
}
