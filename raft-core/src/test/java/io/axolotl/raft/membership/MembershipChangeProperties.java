package io.axolotl.raft.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whole sequences of changes, drawn at random, of any number of nodes at once. */
class MembershipChangeProperties {
    private static final int NODES = 7;

    @Property(tries = 300)
    @Label("pitfall 36, I16: of two memberships that follow each other, no two majorities can decide apart")
    void majoritiesOfSuccessiveMembershipsAlwaysMeet(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = NODES) Integer> voters,
            @ForAll @Size(min = 1, max = 12) List<@Size(min = 1, max = 4) List<@IntRange(min = 0, max = 20) Integer>> changes) {
        List<Membership> sequence = sequence(voters, changes);
        for (int i = 1; i < sequence.size(); i++) {
            JointQuorum before = new JointQuorum(sequence.get(i - 1));
            JointQuorum after = new JointQuorum(sequence.get(i));
            for (int subset = 0; subset < 1 << NODES; subset++) {
                int some = subset;
                boolean canDecideApart =
                        before.isReached(node -> isIn(some, node)) && after.isReached(node -> !isIn(some, node));
                assertThat(canDecideApart)
                        .as("%s, then %s, apart at %s", sequence.get(i - 1), sequence.get(i), subset)
                        .isFalse();
            }
        }
    }

    @Property(tries = 300)
    @Label("pitfall 29: learners are in no majority, whatever they were before")
    void learnersNeverCount(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = NODES) Integer> voters,
            @ForAll @Size(min = 1, max = 12) List<@Size(min = 1, max = 4) List<@IntRange(min = 0, max = 20) Integer>> changes) {
        for (Membership membership : sequence(voters, changes)) {
            JointQuorum quorum = new JointQuorum(membership);
            assertThat(quorum.isReached(membership::isVoter)).isTrue();
            assertThat(quorum.isReached(membership::isLearner)).isFalse();
            assertThat(Membership.decode(membership.encode())).isEqualTo(membership);
        }
    }

    /** Every membership that is in force on the way; changes that make no sense are left out. */
    private static List<Membership> sequence(List<Integer> voters, List<List<Integer>> changes) {
        List<Membership> sequence = new ArrayList<>();
        sequence.add(Membership.ofVoters(voters.stream().map(NodeId::new).toList()));
        for (List<Integer> drawn : changes) {
            Membership now = sequence.get(sequence.size() - 1);
            MembershipChange change = change(drawn);
            if (now.objectionTo(change) != null) {
                continue;
            }
            Membership entered = now.enter(now.after(change));
            sequence.add(entered);
            if (entered.isJoint()) {
                sequence.add(entered.leaveJoint());
            }
            assertThat(sequence.get(sequence.size() - 1)).isEqualTo(now.after(change));
        }
        return sequence;
    }

    /** Each number stands for a node and what becomes of it. */
    private static MembershipChange change(List<Integer> drawn) {
        MembershipChange change = MembershipChange.NONE;
        TreeSet<Integer> named = new TreeSet<>();
        for (int each : drawn) {
            int number = each % NODES + 1;
            if (!named.add(number)) {
                continue;
            }
            NodeId node = new NodeId(number);
            change = switch (each / NODES) {
                case 0 -> change.withVoter(node);
                case 1 -> change.withLearner(node);
                default -> change.without(node);
            };
        }
        return change;
    }

    private static boolean isIn(int subset, NodeId node) {
        return (subset >> (node.value() - 1) & 1) == 1;
    }
}
