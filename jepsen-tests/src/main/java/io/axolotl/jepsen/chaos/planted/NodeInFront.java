package io.axolotl.jepsen.chaos.planted;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import java.util.Optional;
import java.util.function.Predicate;

/** A node that has another one do everything. Safe for all threads. */
abstract class NodeInFront implements NodeService {
    final NodeService node;

    NodeInFront(NodeService node) {
        this.node = node;
    }

    @Override
    public NodeId self() {
        return node.self();
    }

    @Override
    public long clusterId() {
        return node.clusterId();
    }

    @Override
    public NodeView view() {
        return node.view();
    }

    @Override
    public KvStateMachine store() {
        return node.store();
    }

    @Override
    public Optional<StateArchive> archive(KvStateMachine state) {
        return node.archive(state);
    }

    @Override
    public boolean isTrusted() {
        return node.isTrusted();
    }

    @Override
    public void propose(Caller caller, Command command, ProposalCallback callback) {
        node.propose(caller, command, callback);
    }

    @Override
    public void hearTokens(TokenListener listener) {
        node.hearTokens(listener);
    }

    @Override
    public void readBarrier(ReadCallback callback) {
        node.readBarrier(callback);
    }

    @Override
    public void moveLeader(NodeId target, MoveLeaderCallback callback) {
        node.moveLeader(target, callback);
    }

    @Override
    public void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached) {
        node.awaitRoster(reached, patienceNanos, onReached);
    }

    @Override
    public long connectedSinceNanos(NodeId member) {
        return node.connectedSinceNanos(member);
    }

    @Override
    public void askReadiness(NodeId learner, ReadinessCallback callback) {
        node.askReadiness(learner, callback);
    }

    @Override
    public void follow(HistoryFollower follower) {
        node.follow(follower);
    }

    @Override
    public void askLease(LeaseQuestion question, LeaseCallback callback) {
        node.askLease(question, callback);
    }

    @Override
    public long shortestLeaseSeconds() {
        return node.shortestLeaseSeconds();
    }
}
