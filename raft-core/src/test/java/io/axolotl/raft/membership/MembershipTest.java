package io.axolotl.raft.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static Membership voters(int... ids) {
        return Membership.ofVoters(Arrays.stream(ids).mapToObj(NodeId::new).toList());
    }

    @Test
    void damagedEncodingIsRefused() {
        byte[] good = voters(1, 2, 3).encode();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Membership.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Membership.decode(Arrays.copyOf(good, good.length + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] newer = good.clone();
        newer[0] = 2;
        assertThatThrownBy(() -> Membership.decode(newer)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("pitfall 34: the history goes back when the log is cut, and forgets what a snapshot covers")
    void historyFollowsTheLog() {
        MembershipHistory history = new MembershipHistory(0, voters(1));
        history.append(3, voters(1, 2));
        history.append(7, voters(1, 2, 3));
        assertThat(history.current()).isEqualTo(voters(1, 2, 3));
        assertThat(history.asOf(6)).isEqualTo(voters(1, 2));
        assertThat(history.asOf(2)).isEqualTo(voters(1));
        history.truncateSuffix(7);
        assertThat(history.current()).isEqualTo(voters(1, 2));
        assertThat(history.quorum().isReached(node -> node.value() == 1)).isFalse();
        history.rebase(5);
        assertThatThrownBy(() -> history.asOf(4)).isInstanceOf(IllegalArgumentException.class);
        history.truncateSuffix(1);
        assertThat(history.current()).as("the base is committed and stays").isEqualTo(voters(1, 2));
        history.reset(20, voters(9));
        assertThat(history.current()).isEqualTo(voters(9));
        assertThat(history.quorum().isReached(node -> node.value() == 9)).isTrue();
        assertThat(history.previous()).as("nothing of before is left").isNull();
        assertThatThrownBy(() -> history.asOf(19)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> history.append(20, voters(1))).isInstanceOf(AssertionError.class);
    }

    @Test
    void asManyNodesAsACountByteCanTell() {
        int[] most = IntStream.rangeClosed(1, 255).toArray();
        Membership large = voters(most);
        assertThat(Membership.decode(large.encode())).isEqualTo(large);
        assertThatThrownBy(() -> voters(IntStream.rangeClosed(1, 256).toArray()).encode())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("255");

        MembershipChange oneLess = MembershipChange.NONE.without(node(1));
        assertThat(large.objectionTo(oneLess.withVoter(node(256)))).isNull();
        assertThat(large.objectionTo(MembershipChange.NONE.withVoter(node(256))))
                .contains("more than 255");
        MembershipChange learners = MembershipChange.NONE;
        for (int id = 301; id <= 555; id++) {
            learners = learners.withLearner(node(id));
        }
        assertThat(large.objectionTo(learners)).isNull();
        assertThat(large.objectionTo(learners.withLearner(node(556)))).contains("more than 255");
    }

    @Test
    @DisplayName("pitfall 21: a node outside of the newest membership may campaign while the committed one has it")
    void mayCampaignWhileTheCommittedMembershipHasIt() {
        MembershipHistory history = new MembershipHistory(0, voters(1, 2));
        history.append(5, voters(2, 3));
        assertThat(history.mayCampaign(new NodeId(1), 4)).isTrue();
        assertThat(history.mayCampaign(new NodeId(1), 5)).isFalse();
        assertThat(history.mayCampaign(new NodeId(3), 4)).isTrue();
        assertThat(history.mayCampaign(new NodeId(4), 4)).isFalse();
    }

    @Test
    @DisplayName("a change that makes no sense is told why")
    void changesThatMakeNoSense() {
        Membership now =
                new Membership(voters(1, 2).voters(), new TreeSet<>(), voters(3).voters());
        assertThat(now.objectionTo(MembershipChange.NONE)).contains("changes nothing");
        assertThat(now.objectionTo(MembershipChange.NONE.withVoter(node(1)))).contains("node 1 is a voter already");
        assertThat(now.objectionTo(MembershipChange.NONE.withLearner(node(3)))).contains("node 3 is a learner already");
        assertThat(now.objectionTo(MembershipChange.NONE.without(node(4)))).contains("node 4 is no member");
        assertThat(now.objectionTo(MembershipChange.NONE.without(node(1)).withLearner(node(2))))
                .contains("would leave no voter");
        assertThat(now.objectionTo(
                        MembershipChange.NONE.without(node(1)).without(node(2)).withVoter(node(3))))
                .as("the learner takes over")
                .isNull();
        Membership joint = now.enter(now.after(MembershipChange.NONE.without(node(1))));
        assertThat(joint.objectionTo(MembershipChange.NONE.without(node(3)))).contains("still leaving voters");
        assertThatThrownBy(() -> now.after(MembershipChange.NONE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MembershipChange.NONE.withVoter(node(5)).without(node(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("named twice");
        MembershipChange tooMany = MembershipChange.NONE;
        for (int id = 10; id < 10 + 255; id++) {
            tooMany = tooMany.withVoter(node(id));
        }
        assertThat(now.objectionTo(tooMany)).contains("more than 255");
    }

    @Test
    @DisplayName("a voter that becomes a learner votes in the outgoing half until that is forgotten")
    void demotedVoterVotesUntilTheEnd() {
        Membership now = voters(1, 2, 3);
        Membership joint = now.enter(now.after(MembershipChange.NONE.withLearner(node(3))));
        assertThat(joint.isJoint()).isTrue();
        assertThat(joint.isVoter(node(3))).isTrue();
        assertThat(joint.isLearner(node(3))).isFalse();
        assertThat(Membership.decode(joint.encode())).isEqualTo(joint);
        Membership after = joint.leaveJoint();
        assertThat(after.isVoter(node(3))).isFalse();
        assertThat(after.isLearner(node(3))).isTrue();
        assertThatThrownBy(() -> new Membership(
                        voters(1).voters(), new TreeSet<>(), voters(1).voters()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static NodeId node(int id) {
        return new NodeId(id);
    }
}
