package io.axolotl.server.api;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * etcd's strict checks of a change of the members (CL-2): it must leave a quorum of members that have started, and the voters
 * must be reachable from the member that takes the call. They protect people from mistakes; safety does not rest on them.
 *
 * <p>Immutable: safe for all threads.
 */
final class QuorumGuard {
    private final NodeService node;
    private final ReconfigurationRules rules;
    private final LongSupplier clock;

    QuorumGuard(NodeService node, ReconfigurationRules rules, LongSupplier clock) {
        this.node = node;
        this.rules = rules;
        this.clock = clock;
    }

    /** A learner endangers no quorum, but none is added to a cluster that is not well. */
    void checkAdd(boolean isLearner) throws RequestRefused {
        if (!rules.isStrict()) {
            return;
        }
        List<MemberAttributes> voters = voters();
        if (!isLearner) {
            long started = started(voters);
            boolean isSecond = voters.size() == 1 && started == 1;
            if (!isSecond && started < quorumOf(voters.size() + 1)) {
                throw new RequestRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS);
            }
        }
        if (reachable(voters) < voters.size()) {
            throw new RequestRefused(EtcdError.UNHEALTHY_CLUSTER);
        }
    }

    void checkPromote() throws RequestRefused {
        List<MemberAttributes> voters = voters();
        // The learner counts as a voter that has started: it is in sync with the leader.
        if (rules.isStrict() && started(voters) + 1 < quorumOf(voters.size() + 1)) {
            throw new RequestRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS);
        }
    }

    /** One that cannot be reached is no part of the working quorum and may go. */
    void checkRemove(long id) throws RequestRefused {
        List<MemberAttributes> voters = voters();
        boolean isVoter = voters.stream().anyMatch(voter -> voter.id() == id);
        if (!rules.isStrict() || !isVoter) {
            return;
        }
        List<MemberAttributes> left =
                voters.stream().filter(voter -> voter.id() != id).toList();
        if (started(left) < quorumOf(left.size())) {
            throw new RequestRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS);
        }
        boolean isSelf = id == node.self().value();
        if (!isSelf && node.connectedSinceNanos(new NodeId(id)) == Long.MAX_VALUE) {
            return;
        }
        if (reachable(voters) - 1 < 1 + (voters.size() - 1) / 2) {
            throw new RequestRefused(EtcdError.UNHEALTHY_CLUSTER);
        }
    }

    private List<MemberAttributes> voters() {
        Roster roster = node.store().roster();
        return roster.members().stream().filter(member -> !member.isLearner()).toList();
    }

    private static int quorumOf(int voters) {
        return voters / 2 + 1;
    }

    private static long started(List<MemberAttributes> members) {
        return members.stream().filter(MemberAttributes::isStarted).count();
    }

    private int reachable(List<MemberAttributes> members) {
        long latestNanos = clock.getAsLong() - rules.healthInterval().toNanos();
        int reachable = 0;
        for (MemberAttributes member : members) {
            long sinceNanos = node.connectedSinceNanos(new NodeId(member.id()));
            boolean isSelf = member.id() == node.self().value();
            if (isSelf || (sinceNanos != Long.MAX_VALUE && sinceNanos - latestNanos <= 0)) {
                reachable++;
            }
        }
        return reachable;
    }
}
