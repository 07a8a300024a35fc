package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberUpdateRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a cluster of one can show: learners come, are looked at, and go again. */
@AskedOfBoth
final class ClusterRulesTest extends Asked {
    private static final long NOBODY = 0x7777;
    /** etcd makes ids of the URLs and the time in seconds, and never takes a removed id back: no URL is used twice. */
    private static final AtomicInteger PORTS = new AtomicInteger();

    private static String freshUrl() {
        return "http://127.0.0.1:" + PORTS.incrementAndGet();
    }

    private MemberListResponse list() {
        return server().cluster().memberList(MemberListRequest.getDefaultInstance());
    }

    private Member self() {
        return list().getMembersList().stream()
                .filter(member -> member.getName().equals("n1"))
                .findFirst()
                .orElseThrow();
    }

    private MemberAddResponse addLearner(String... peerUrls) {
        return server().cluster()
                .memberAdd(MemberAddRequest.newBuilder()
                        .setIsLearner(true)
                        .addAllPeerURLs(List.of(peerUrls))
                        .build());
    }

    private void remove(long id) {
        var unused = server().cluster()
                .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
    }

    private void promote(long id) {
        var unused = server().cluster()
                .memberPromote(MemberPromoteRequest.newBuilder().setID(id).build());
    }

    private void update(long id, String... peerUrls) {
        var unused = server().cluster()
                .memberUpdate(MemberUpdateRequest.newBuilder()
                        .setID(id)
                        .addAllPeerURLs(List.of(peerUrls))
                        .build());
    }

    @AfterEach
    void removeTheOthers() {
        list().getMembersList().stream()
                .filter(member -> member.getName().isEmpty())
                .forEach(other -> remove(other.getID()));
    }

    @Test
    @Contract("CL-1")
    void addedMemberIsNamelessAndInTheListThatIsAnswered() {
        String url = freshUrl();
        MemberAddResponse added = addLearner(url);
        Member learner = added.getMember();
        assertThat(learner.getID()).isNotZero();
        assertThat(learner.getName()).isEmpty();
        assertThat(learner.getClientURLsList()).isEmpty();
        assertThat(learner.getPeerURLsList()).containsExactly(url);
        assertThat(learner.getIsLearner()).isTrue();
        assertThat(added.getMembersList()).hasSize(2).contains(learner, self());
        assertThat(list().getMembersList()).containsExactlyInAnyOrderElementsOf(added.getMembersList());
    }

    @Test
    @Contract(
            value = "CL-1",
            errors = {ContractError.BAD_MEMBER_URLS, ContractError.PEER_URL_EXISTS, ContractError.TOO_MANY_LEARNERS})
    void impossibleMembersAreRefused() {
        refused(ContractError.BAD_MEMBER_URLS, () -> addLearner("no url"));
        refused(ContractError.BAD_MEMBER_URLS, this::addLearner);
        refused(ContractError.PEER_URL_EXISTS, () -> addLearner(self().getPeerURLs(0)));
        String url = freshUrl();
        addLearner(url);
        refused(ContractError.PEER_URL_EXISTS, () -> addLearner(freshUrl(), url));
        refused(ContractError.TOO_MANY_LEARNERS, () -> addLearner(freshUrl()));
        assertThat(list().getMembersList()).hasSize(2);
    }

    @Test
    @Contract(value = "CL-2", errors = ContractError.NOT_ENOUGH_STARTED_MEMBERS)
    void lastMemberStays() {
        refused(
                differing(
                        KnownDifference.NOT_ENOUGH_STARTED_MEMBERS,
                        io.grpc.Status.Code.UNKNOWN,
                        ContractError.NOT_ENOUGH_STARTED_MEMBERS.code()),
                ContractError.NOT_ENOUGH_STARTED_MEMBERS.text(),
                () -> remove(self().getID()));
        assertThat(list().getMembersList()).hasSize(1);
    }

    @Test
    @Contract(
            value = "CL-3",
            errors = {ContractError.MEMBER_NOT_LEARNER, ContractError.LEARNER_NOT_READY, ContractError.MEMBER_NOT_FOUND
            })
    void onlyAKnownLearnerThatFollowsIsPromoted() {
        refused(ContractError.MEMBER_NOT_LEARNER, () -> promote(self().getID()));
        long learner = addLearner(freshUrl()).getMember().getID();
        refused(ContractError.LEARNER_NOT_READY, () -> promote(learner));
        remove(learner);
        for (long id : new long[] {learner, NOBODY}) {
            refused(ContractError.MEMBER_NOT_FOUND, () -> promote(id));
            refused(ContractError.MEMBER_NOT_FOUND, () -> remove(id));
            refused(ContractError.MEMBER_NOT_FOUND, () -> update(id, freshUrl()));
        }
    }

    @Test
    @Contract(
            value = "CL-3",
            errors = {ContractError.PEER_URL_EXISTS, ContractError.BAD_MEMBER_URLS})
    void updateMovesAMemberToFreeUrls() {
        long learner = addLearner(freshUrl()).getMember().getID();
        String elsewhere = freshUrl();
        update(learner, elsewhere);
        assertThat(list().getMembersList())
                .filteredOn(member -> member.getID() == learner)
                .singleElement()
                .satisfies(member -> {
                    assertThat(member.getPeerURLsList()).containsExactly(elsewhere);
                    assertThat(member.getIsLearner())
                            .isEqualTo(differing(KnownDifference.UPDATED_LEARNER, false, true));
                });
        refused(ContractError.PEER_URL_EXISTS, () -> update(learner, self().getPeerURLs(0)));
        if (differing(KnownDifference.BAD_URL_IN_UPDATE, false, true)) {
            refused(ContractError.BAD_MEMBER_URLS, () -> update(learner, "127.0.0.1"));
        }
    }

    @Test
    @Contract("CL-4")
    void membersAreListedWithAndWithoutABarrier() {
        MemberListResponse local = list();
        MemberListResponse behindABarrier = server().cluster()
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build());
        assertThat(behindABarrier.getMembersList()).isEqualTo(local.getMembersList());
    }

    @Test
    @Contract("CL-5")
    void startedMemberHasItsNameAndUrls() {
        Member self = self();
        assertThat(self.getName()).isEqualTo("n1");
        assertThat(self.getClientURLsList()).containsExactly(clientUrl());
        assertThat(self.getPeerURLsList()).hasSize(1);
    }
}
