package io.axolotl.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.storage.identity.ForeignFolderException;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JoinPlanTest {
    private static final Founding FOUNDING = new Founding(Membership.ofVoters(List.of(new NodeId(1))), List.of());
    private static final MemberAttributes FIRST = new MemberAttributes(
            1, "n1", List.of("http://a:1"), List.of("http://a:2"), false, false, new StoreId(1, 1));
    private static final MemberAttributes ADDED = new MemberAttributes(0xb, "", List.of("http://b:1"), List.of(), true);

    private static Optional<ClusterDescription> cluster(MemberAttributes... members) {
        return Optional.of(new ClusterDescription(0xc1, FOUNDING, 7, List.of(members)));
    }

    private static String refusal(List<String> urls, Optional<ClusterDescription> answer) {
        List<String> said = new ArrayList<>();
        assertThatThrownBy(() -> JoinPlan.place("http://b:1", urls, answer))
                .isInstanceOfSatisfying(ForeignFolderException.class, e -> said.add(String.valueOf(e.getMessage())));
        return said.get(0);
    }

    @Test
    @DisplayName("a process is the member that was added with its peer URL")
    void theAddedMemberIsRecognizedByItsUrl() {
        assertThat(JoinPlan.place("http://b:1", List.of("http://b:1", "http://a:1"), cluster(FIRST, ADDED)))
                .isEqualTo(new Origin.Place(0xc1, new NodeId(0xb), FOUNDING));
    }

    @Test
    @DisplayName("nobody answers: etcd's text, and what to do")
    void withoutAnAnswerNobodyJoins() {
        assertThat(refusal(List.of("http://b:1"), Optional.empty()))
                .contains("cannot fetch cluster info from peer urls")
                .contains("at least one running member");
    }

    @Test
    @DisplayName("the lists differ: etcd's texts, both lists, and what to do")
    void differentListsAreTold() {
        assertThat(refusal(List.of("http://a:1", "http://b:1"), cluster(FIRST)))
                .contains("error validating peerURLs")
                .contains("member count is unequal")
                .contains("axolotl ctl member add before it is started");
        MemberAttributes third = new MemberAttributes(3, "", List.of("http://c:1"), List.of(), false);
        assertThat(refusal(List.of("http://a:1", "http://b:1"), cluster(FIRST, ADDED, third)))
                .contains("member count is unequal")
                .contains("name all members");
        assertThat(refusal(List.of("http://a:1", "http://b:1"), cluster(FIRST, third)))
                .contains("unmatched member while checking PeerURLs");
    }

    @Test
    @DisplayName(
            "pitfall 4: a member that has run before is not joined again with an empty folder; the way out is told")
    void amnesiaIsRefused() {
        MemberAttributes ran =
                new MemberAttributes(0xb, "n2", List.of("http://b:1"), List.of(), false, false, new StoreId(2, 2));
        assertThat(refusal(List.of("http://a:1", "http://b:1"), cluster(FIRST, ran)))
                .contains("member b at http://b:1 has run before with another one (store " + new StoreId(2, 2) + ")")
                .contains("axolotl ctl member remove b")
                .contains("axolotl ctl member add NAME --learner --peer-urls=http://b:1")
                .contains("--initial-cluster-state=existing");
    }

    private static void found(long clusterId, MemberAttributes... members) {
        JoinPlan.requireNeverStarted(
                new Origin.Place(0xc1, new NodeId(1), FOUNDING),
                List.of(new ClusterDescription(clusterId, FOUNDING, 0, List.of(members))));
    }

    @Test
    @DisplayName("pitfall 4: a founder that another has met before is refused in etcd's words; the way out is told")
    void aFounderIsNoNewOneTwice() {
        assertThatThrownBy(() -> found(0xc1, ADDED, FIRST))
                .isInstanceOf(ForeignFolderException.class)
                .hasMessageContaining("member 1 has already been bootstrapped")
                .hasMessageContaining("axolotl ctl member remove 1");
    }

    @Test
    @DisplayName("founders that start together, and those of another cluster, are in nobody's way")
    void foundersOfANewClusterAreWelcome() {
        MemberAttributes fresh = new MemberAttributes(1, "", List.of("http://a:1"), List.of(), false);
        assertThatCode(() -> found(0xc1, fresh, ADDED)).doesNotThrowAnyException();
        assertThatCode(() -> found(0xc2, FIRST)).doesNotThrowAnyException();
        assertThatCode(() -> JoinPlan.requireNeverStarted(new Origin.Place(1, new NodeId(1), FOUNDING), List.of()))
                .doesNotThrowAnyException();
    }
}
