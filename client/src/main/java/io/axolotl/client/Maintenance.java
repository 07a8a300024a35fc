package io.axolotl.client;

import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.StatusRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The state of single members, the alarms of all, and the place of leadership. Safe for all threads. */
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

    /** All alarms of the cluster (MT-1). */
    public Pending<AlarmsResult> alarms() {
        return runner.run(Calls.ALARMS, AlarmRequest.getDefaultInstance());
    }

    /** Disarms one alarm; the result is empty if it was not raised (any more). */
    public Pending<AlarmsResult> disarm(Alarm alarm) {
        if (alarm.kind() == Alarm.Kind.UNRECOGNIZED) {
            throw new IllegalArgumentException(
                    "an alarm of a kind that this client does not know cannot be named: " + alarm);
        }
        return runner.run(
                Calls.DISARM,
                AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                        .setMemberID(alarm.memberId())
                        .setAlarm(AlarmType.valueOf(alarm.kind().name()))
                        .build());
    }

    /**
     * Lists the alarms and disarms one after the other, as etcd's client does. Ends with the first that fails; those before are
     * disarmed then.
     *
     * @return those that were disarmed
     */
    public Pending<AlarmsResult> disarmAll() {
        Pending<AlarmsResult> pending = runner.pending("disarmAll", Effect.WRITE);
        var unused = alarms().whenComplete((listed, failure) -> {
            if (failure != null) {
                pending.completeExceptionally(failure);
            } else {
                disarm(new ArrayDeque<>(listed.alarms()), new ArrayList<>(), pending);
            }
        });
        return pending;
    }

    private void disarm(Deque<Alarm> left, List<Alarm> disarmed, Pending<AlarmsResult> pending) {
        Alarm next = left.poll();
        if (next == null) {
            pending.complete(new AlarmsResult(new Header(0, 0, 0, 0), disarmed));
            return;
        }
        var unused = disarm(next).whenComplete((result, failure) -> {
            if (failure != null) {
                pending.completeExceptionally(failure);
            } else {
                disarmed.addAll(result.alarms());
                disarm(left, disarmed, pending);
            }
        });
    }

    /**
     * The hash of one member's history through a revision, 0 for the newest (MT-4).
     *
     * @throws IllegalArgumentException if the text is no endpoint
     */
    public Pending<HashKvResult> hashKv(String endpoint, long revision) {
        return runner.runOn(
                connections.to(Endpoint.parse(endpoint)),
                Calls.HASH_KV,
                HashKVRequest.newBuilder().setRevision(revision).build());
    }

    /**
     * Has one member give room back to its disk (MT-3). Takes long on a large store; the member goes on serving.
     *
     * @throws IllegalArgumentException if the text is no endpoint
     */
    public Pending<Header> defragment(String endpoint) {
        return runner.runOn(
                connections.to(Endpoint.parse(endpoint)), Calls.DEFRAGMENT, DefragmentRequest.getDefaultInstance());
    }

    /**
     * Saves the whole store of one member, as of now, in a file (MT-5), and waits for it: as long as the member sends. A file
     * of this name is replaced, but only by a whole one.
     *
     * @throws AxolotlException if the member refuses or cannot be reached
     * @throws IOException if the file cannot be written, or what arrived does not match its checksum
     * @throws IllegalArgumentException if the text is no endpoint
     */
    public SavedSnapshot saveSnapshot(String endpoint, Path file) throws IOException {
        return new SnapshotDownload(connections.to(Endpoint.parse(endpoint))).saveTo(file);
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
