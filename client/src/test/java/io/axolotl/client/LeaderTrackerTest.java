package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("G-7, MT-6: writes go to the leader when it is known, and to anybody when it is not")
final class LeaderTrackerTest {
    private final List<FakeEtcd> members = List.of(FakeEtcd.start(1), FakeEtcd.start(2), FakeEtcd.start(3));
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints(members.stream().map(FakeEtcd::endpoint).toList())
            .build();

    @BeforeEach
    void secondLeads() {
        leads(2, 5);
    }

    @AfterEach
    void close() {
        client.close();
        members.forEach(FakeEtcd::close);
    }

    private void leads(long leaderId, long term) {
        for (FakeEtcd member : members) {
            member.leaderId = leaderId;
            member.term = term;
        }
    }

    private FakeEtcd member(int id) {
        return members.get(id - 1);
    }

    /** A put that was just leaving when its member died may be unknown; none may be refused. */
    private void putUntilReceivedBy(FakeEtcd target) {
        while (target.puts.isEmpty()) {
            assertThat(client.kv().put("k", "v").awaitOutcome()).isNotInstanceOf(Outcome.Refused.class);
        }
    }

    @Test
    void onceFoundTheLeaderGetsAllWrites() {
        Leader leader = client.maintenance().leader().await().orElseThrow();
        assertThat(leader).isEqualTo(new Leader(2, 5, Endpoint.parse(member(2).endpoint())));
        for (int i = 0; i < 10; i++) {
            client.kv().put("k", "v").await();
        }
        assertThat(member(2).puts).hasSize(10);
    }

    @Test
    void readsAreSpreadOverAllMembers() {
        for (int i = 0; i < 9; i++) {
            client.kv().get("k").await();
        }
        assertThat(members).allSatisfy(member -> assertThat(member.ranges).hasSize(3));
    }

    @Test
    void anElectionSeenInAHeaderMovesTheWrites() {
        client.maintenance().leader().await();
        client.kv().put("k", "v").await();
        leads(3, 6);
        putUntilReceivedBy(member(3));
        int others = member(1).puts.size() + member(2).puts.size();
        client.kv().put("k", "v").await();
        assertThat(member(1).puts.size() + member(2).puts.size()).isEqualTo(others);
    }

    @Test
    void aDeadLeaderIsReplacedByAnyOtherAndThenByTheNewOne() {
        client.maintenance().leader().await();
        member(2).close();
        leads(1, 6);
        putUntilReceivedBy(member(1));
        assertThat(client.maintenance().leader().await().orElseThrow().memberId())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("D1: a leader that handed over because its disk is full gets no writes any more, though it answers")
    void aFullMemberIsNotTakenForTheLeaderForEver() {
        client.maintenance().leader().await();
        member(2).onPut = (request, observer) -> observer.onError(Status.RESOURCE_EXHAUSTED
                .withDescription("etcdserver: no space left: the disk of this member is full; deletes are taken")
                .asRuntimeException());
        leads(3, 6);
        putUntilReceivedBy(member(3));
        client.maintenance().leader().await();
        int refused = member(2).puts.size();
        for (int i = 0; i < 5; i++) {
            client.kv().put("k", "v").await();
        }
        assertThat(member(2).puts).hasSize(refused);
    }

    @Test
    void aDeposedLeaderThatHasNotNoticedDoesNotWin() {
        leads(3, 6);
        member(1).leaderId = 1;
        member(1).term = 5;
        for (int i = 0; i < 20; i++) {
            assertThat(client.maintenance().leader().await().orElseThrow().memberId())
                    .isNotEqualTo(1);
        }
    }

    @Test
    void aLeaderOutsideOfTheEndpointsIsFoundInTheMemberList() {
        member(1).onMembers = FakeEtcd.ok(request -> MemberListResponse.newBuilder()
                .addMembers(io.axolotl.client.proto.Member.newBuilder()
                        .setID(2)
                        .setName("n2")
                        .addClientURLs("unix:///somewhere")
                        .addClientURLs(member(2).endpoint()))
                .build());
        try (AxolotlClient narrow =
                AxolotlClient.builder().endpoints(member(1).endpoint()).build()) {
            Leader leader = narrow.maintenance().leader().await().orElseThrow();
            assertThat(leader.memberId()).isEqualTo(2);
            narrow.kv().put("k", "v").await();
            assertThat(member(2).puts).hasSize(1);
        }
    }

    @Test
    @DisplayName("a leader that advertises nonsense is not found; the search ends all the same")
    void aLeaderThatAdvertisesNonsenseIsNotFound() {
        member(1).onMembers = FakeEtcd.ok(request -> MemberListResponse.newBuilder()
                .addMembers(io.axolotl.client.proto.Member.newBuilder()
                        .setID(2)
                        .addClientURLs("http://0.0.0.0:0")
                        .addClientURLs("http://nonsense"))
                .build());
        try (AxolotlClient narrow =
                AxolotlClient.builder().endpoints(member(1).endpoint()).build()) {
            assertThat(narrow.maintenance().leader().await()).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsMadeAfterClosingIsClosed() {
        NettyTransport transport = new NettyTransport(
                "test",
                1,
                new NettyTransport.Settings(
                        Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(10), Optional.empty(), true));
        Connections connections =
                new Connections(List.of(Endpoint.parse(member(1).endpoint())), transport);
        connections.close();
        assertThat(connections
                        .to(Endpoint.parse(member(2).endpoint()))
                        .openChannel()
                        .isShutdown())
                .isTrue();
        transport.close();
    }

    @Test
    void withoutALeaderNothingIsFoundAndWritesGoToAnybody() {
        leads(0, 6);
        assertThat(client.maintenance().leader().await()).isEmpty();
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void moveLeaderIsSentToTheLeaderAlone() {
        Leader former = client.maintenance().moveLeader(3).await();
        assertThat(former.memberId()).isEqualTo(2);
        assertThat(member(2).moves)
                .singleElement()
                .satisfies(move -> assertThat(move.getTargetID()).isEqualTo(3));
        assertThat(member(1).moves).isEmpty();
        assertThat(member(3).moves).isEmpty();
    }

    @Test
    void aRefusedMoveIsRefused() {
        member(2).onMoveLeader = FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee");
        assertThatThrownBy(() -> client.maintenance().moveLeader(9).await())
                .isInstanceOf(RefusedException.class)
                .hasMessage("etcdserver: bad leader transferee");
    }

    @Test
    void aMoveThatNobodyCanTakeIsNotSent() {
        leads(0, 6);
        assertThatThrownBy(() -> client.maintenance().moveLeader(3).await())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no endpoint knows a leader");
    }
}
