package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberUpdateRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.peer.PeerQuestions.Readiness;
import io.axolotl.storage.command.Command;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two voters, of which one has not started, and a learner. */
class ClusterServiceTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private static MemberAddRequest add(boolean isLearner, String... urls) {
        return MemberAddRequest.newBuilder()
                .addAllPeerURLs(List.of(urls))
                .setIsLearner(isLearner)
                .build();
    }

    private void remove(NodeId id) {
        var unused = edge.cluster.memberRemove(
                MemberRemoveRequest.newBuilder().setID(id.value()).build());
    }

    private void promote(NodeId id) {
        var unused = edge.cluster.memberPromote(
                MemberPromoteRequest.newBuilder().setID(id.value()).build());
    }

    private List<Member> list() {
        return edge.cluster.memberList(MemberListRequest.getDefaultInstance()).getMembersList();
    }

    private void otherStarts() {
        edge.node.propose(
                new Command.PublishMember(FakeNode.OTHER.value(), "n2", List.of(), List.of("http://h2:2379"), null),
                result -> assertThat(result).isInstanceOf(ProposalResult.Done.class));
    }

    private void otherIsConnectedForSeconds(long seconds) {
        edge.node.connectedSince.put(FakeNode.OTHER, System.nanoTime() - TimeUnit.SECONDS.toNanos(seconds));
    }

    private void clusterIsWell() {
        otherStarts();
        otherIsConnectedForSeconds(6);
    }

    @Test
    @DisplayName("CL-1, HD-3: the answer holds the new member, without name and client URLs, and all members")
    void anAddedMemberIsInTheAnswer() {
        clusterIsWell();
        MemberAddResponse response = edge.cluster.memberAdd(add(false, "http://h5:2380", "http://h4:2380"));
        assertThat(response.getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
        assertThat(response.getHeader().getRevision()).isZero();
        Member member = response.getMember();
        assertThat(member.getID()).isNotZero();
        assertThat(member.getName()).isEmpty();
        assertThat(member.getClientURLsList()).isEmpty();
        assertThat(member.getPeerURLsList()).containsExactly("http://h4:2380", "http://h5:2380");
        assertThat(response.getMembersList()).hasSize(4).contains(member);
        assertThat(list()).containsExactlyElementsOf(response.getMembersList());
        assertThat(edge.node.store().membership().voters()).contains(new NodeId(member.getID()));
    }

    @Test
    @DisplayName(
            "CL-1: the second voter of a cluster may be needed for its own addition, so the call does not wait for it")
    void anAdditionThatNeedsTheNewMemberIsAnswered() {
        clusterIsWell();
        edge.node.isMembershipStuck = true;
        MemberAddResponse response = edge.cluster.memberAdd(add(false, "http://h4:2380"));
        assertThat(response.getMembersList()).hasSize(4).contains(response.getMember());
        assertThat(list()).contains(response.getMember());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "foo",
                "h:1",
                "http://h",
                "http://:1",
                "http://h:0",
                "http://h:1/path",
                "ftp://h:1",
                "http://h:99999"
            })
    @DisplayName("CL-1: URLs at which no member could be reached")
    void uselessUrlsAreRefused(String url) {
        clusterIsWell();
        assertRefused(EtcdError.BAD_MEMBER_URLS, () -> edge.cluster.memberAdd(add(true, url)));
        assertRefused(
                EtcdError.BAD_MEMBER_URLS,
                () -> edge.cluster.memberUpdate(MemberUpdateRequest.newBuilder()
                        .setID(FakeNode.OTHER.value())
                        .addPeerURLs(url)
                        .build()));
        assertRefused(EtcdError.BAD_MEMBER_URLS, () -> edge.cluster.memberAdd(add(true)));
    }

    @Test
    @DisplayName("CL-1: a peer URL in use; more learners than may be")
    void whatIsTakenIsRefused() {
        clusterIsWell();
        assertRefused(
                EtcdError.PEER_URL_EXISTS,
                () -> edge.cluster.memberAdd(add(false, "http://h9:2380", "http://h2:2380")));
        assertRefused(EtcdError.TOO_MANY_LEARNERS, () -> edge.cluster.memberAdd(add(true, "http://h4:2380")));
    }

    @Test
    @DisplayName("CL-2: a voter is not added where too few have started, nor while a voter is out of reach")
    void theQuorumIsGuardedWhenAdding() {
        otherIsConnectedForSeconds(6);
        assertRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, () -> edge.cluster.memberAdd(add(false, "http://h4:2380")));
        otherStarts();
        edge.node.connectedSince.clear();
        assertRefused(EtcdError.UNHEALTHY_CLUSTER, () -> edge.cluster.memberAdd(add(false, "http://h4:2380")));
        otherIsConnectedForSeconds(4);
        assertRefused(EtcdError.UNHEALTHY_CLUSTER, () -> edge.cluster.memberAdd(add(false, "http://h4:2380")));
        otherIsConnectedForSeconds(6);
        assertThat(edge.cluster.memberAdd(add(false, "http://h4:2380")).getMembersCount())
                .isEqualTo(4);
    }

    @Test
    @DisplayName(
            "CL-2: a voter that works is not removed if too few would be left; one out of reach, and a learner, may go")
    void theQuorumIsGuardedWhenRemoving() {
        assertRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, () -> remove(FakeNode.SELF));
        remove(FakeNode.LEARNER);
        otherStarts();
        otherIsConnectedForSeconds(1);
        assertRefused(EtcdError.UNHEALTHY_CLUSTER, () -> remove(FakeNode.OTHER));
        otherIsConnectedForSeconds(6);
        long third =
                edge.cluster.memberAdd(add(false, "http://h4:2380")).getMember().getID();
        assertRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, () -> remove(FakeNode.OTHER));
        remove(new NodeId(third));
        edge.node.connectedSince.clear();
        remove(FakeNode.OTHER);
        assertRefused(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, () -> remove(FakeNode.SELF));
        assertThat(list()).extracting(Member::getID).containsExactly(FakeNode.SELF.value());
    }

    @Test
    @DisplayName("CL-3: an unknown id, and one that was removed, are not found")
    void unknownMembersAreNotFound() {
        for (NodeId id : List.of(new NodeId(99), FakeNode.LEARNER)) {
            if (id.equals(FakeNode.LEARNER)) {
                remove(id);
            }
            assertRefused(EtcdError.MEMBER_NOT_FOUND, () -> remove(id));
            assertRefused(EtcdError.MEMBER_NOT_FOUND, () -> promote(id));
            assertRefused(
                    EtcdError.MEMBER_NOT_FOUND,
                    () -> edge.cluster.memberUpdate(MemberUpdateRequest.newBuilder()
                            .setID(id.value())
                            .addPeerURLs("http://h9:1")
                            .build()));
        }
        edge.node.readiness = Readiness.NOT_FOUND;
        assertRefused(EtcdError.MEMBER_NOT_FOUND, () -> promote(new NodeId(99)));
        assertRefused(
                EtcdError.MEMBER_NOT_FOUND,
                () -> edge.cluster.memberPromote(MemberPromoteRequest.getDefaultInstance()));
    }

    @Test
    @DisplayName("CL-3: promoted is a learner that is in sync with the leader, and nobody else")
    void onlyALearnerInSyncIsPromoted() {
        clusterIsWell();
        edge.node.readiness = Readiness.NOT_READY;
        assertRefused(EtcdError.LEARNER_NOT_READY, () -> promote(FakeNode.LEARNER));
        edge.node.readiness = Readiness.READY;
        promote(FakeNode.LEARNER);
        assertThat(edge.node.store().membership().voters()).contains(FakeNode.LEARNER);
        assertThat(list()).noneMatch(Member::getIsLearner);
        assertRefused(EtcdError.MEMBER_NOT_LEARNER, () -> promote(FakeNode.LEARNER));
    }

    @Test
    @DisplayName("CL-3: a member is found at its new peer URL")
    void aMemberMoves() {
        var unused = edge.cluster.memberUpdate(MemberUpdateRequest.newBuilder()
                .setID(FakeNode.OTHER.value())
                .addPeerURLs("http://elsewhere:2380")
                .build());
        assertThat(list())
                .filteredOn(member -> member.getID() == FakeNode.OTHER.value())
                .singleElement()
                .satisfies(member -> assertThat(member.getPeerURLsList()).containsExactly("http://elsewhere:2380"));
        assertRefused(
                EtcdError.PEER_URL_EXISTS,
                () -> edge.cluster.memberUpdate(MemberUpdateRequest.newBuilder()
                        .setID(FakeNode.OTHER.value())
                        .addPeerURLs("http://h1:2380")
                        .build()));
    }

    @Test
    @DisplayName("C.3: a change whose end is not known is told as such, and is not lost")
    void anUnfinishedChangeIsUnknown() {
        edge.node.isMembershipStuck = true;
        assertRefused(EtcdError.TIMEOUT, () -> remove(FakeNode.LEARNER));
        assertThat(edge.node.store().roster().dueChange().removed()).containsExactly(FakeNode.LEARNER);
        edge.node.outcome = new ProposalResult.Unknown(Failure.STOPPED);
        assertRefused(EtcdError.STOPPED, () -> remove(FakeNode.OTHER));
    }

    @Test
    @DisplayName("MT-8: a learner serves its status and serializable ranges, and nothing else")
    void aLearnerServesLittle() {
        edge.node.becomeLearner();
        RangeRequest range = RangeRequest.newBuilder()
                .setKey(com.google.protobuf.ByteString.copyFromUtf8("k"))
                .build();
        assertThat(edge.kv
                        .range(range.toBuilder().setSerializable(true).build())
                        .getCount())
                .isZero();
        assertThat(edge.maintenance.status(StatusRequest.getDefaultInstance()).getIsLearner())
                .isTrue();
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> edge.kv.range(range));
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> edge.kv.put(PutRequest.getDefaultInstance()));
        assertRefused(EtcdError.NOT_FOR_LEARNER, this::list);
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> remove(FakeNode.OTHER));
    }

    @Test
    @DisplayName("a learner that is added with metadata axolotl-standby is on record as a standby; a voter never is")
    void aStandbyIsOnRecord() {
        clusterIsWell();
        remove(FakeNode.LEARNER);
        Metadata mark = new Metadata();
        mark.put(Metadata.Key.of("axolotl-standby", Metadata.ASCII_STRING_MARSHALLER), "true");
        var marked = edge.cluster.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(mark));
        long standby = marked.memberAdd(add(true, "http://h4:2380")).getMember().getID();
        long voter = marked.memberAdd(add(false, "http://h5:2380")).getMember().getID();
        assertThat(edge.node
                        .store()
                        .roster()
                        .find(new NodeId(standby))
                        .orElseThrow()
                        .isStandby())
                .isTrue();
        assertThat(edge.node
                        .store()
                        .roster()
                        .find(new NodeId(voter))
                        .orElseThrow()
                        .isStandby())
                .isFalse();
    }

    @Test
    @DisplayName(
            "B9, CL-4: a member in doubt vouches for no member list, and tells its own only to who asks for no more")
    void aMemberInDoubtVouchesForNoList() {
        edge.node.isTrusted = false;
        assertRefused(
                EtcdError.QUARANTINED,
                () -> edge.cluster.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build()));
        assertThat(list()).isNotEmpty();
    }
}
