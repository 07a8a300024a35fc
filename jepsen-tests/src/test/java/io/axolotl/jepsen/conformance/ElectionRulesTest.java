package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.LeaderKey;
import io.axolotl.client.proto.LeaderRequest;
import io.axolotl.client.proto.LeaderResponse;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.ProclaimRequest;
import io.axolotl.client.proto.ResignRequest;
import io.axolotl.jepsen.process.Await;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class ElectionRulesTest extends Asked {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private long lease() {
        return server().lease()
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(5_000).build())
                .getID();
    }

    private CampaignRequest campaigning(long lease, String value) {
        return CampaignRequest.newBuilder()
                .setName(key("election"))
                .setLease(lease)
                .setValue(bytes(value))
                .build();
    }

    private LeaderKey campaign(long lease, String value) {
        return server().election().campaign(campaigning(lease, value)).getLeader();
    }

    private LeaderRequest asking() {
        return LeaderRequest.newBuilder().setName(key("election")).build();
    }

    private String leader() {
        return server().election().leader(asking()).getKv().getValue().toStringUtf8();
    }

    private void resign(LeaderKey leader) {
        assertThat(server().election()
                        .resign(ResignRequest.newBuilder().setLeader(leader).build())
                        .hasHeader())
                .isTrue();
    }

    private void proclaim(LeaderKey leader, String value) {
        assertThat(server().election()
                        .proclaim(ProclaimRequest.newBuilder()
                                .setLeader(leader)
                                .setValue(bytes(value))
                                .build())
                        .hasHeader())
                .isTrue();
    }

    @Test
    @Contract({"LK-1", "LK-4"})
    void electedKnowsItsKeyAndRevision() {
        long lease = lease();
        LeaderKey elected = campaign(lease, "me");
        assertThat(elected.getName()).isEqualTo(key("election"));
        assertThat(elected.getKey())
                .isEqualTo(key("election")
                        .concat(ByteString.copyFrom("/" + Long.toHexString(lease), StandardCharsets.UTF_8)));
        assertThat(elected.getLease()).isEqualTo(lease);
        var kv = server().election().leader(asking()).getKv();
        assertThat(kv.getCreateRevision()).isEqualTo(elected.getRev());
        assertThat(kv.getKey()).isEqualTo(elected.getKey());
        assertThat(leader()).isEqualTo("me");
        LeaderKey again = campaign(lease, "still me");
        assertThat(again.getRev()).isEqualTo(elected.getRev());
        assertThat(leader()).isEqualTo("still me");
    }

    @Test
    @Contract("LK-4")
    void proclamationIsForLeaders() {
        LeaderKey elected = campaign(lease(), "one");
        proclaim(elected, "two");
        assertThat(leader()).isEqualTo("two");
        resign(elected);
        refused(Status.Code.UNKNOWN, "election: not leader", () -> proclaim(elected, "three"));
        refused(Status.Code.UNKNOWN, "election: no leader", this::leader);
        resign(elected);
    }

    @Test
    @Contract("LK-4")
    void secondWaitsUntilTheFirstResigns() throws Exception {
        LeaderKey first = campaign(lease(), "first");
        long lease = lease();
        ListenableFuture<CampaignResponse> waiting =
                ElectionGrpc.newFutureStub(server().channel()).campaign(campaigning(lease, "second"));
        Await.fact(
                "a candidate's key",
                BOUND,
                () -> get("election/" + Long.toHexString(lease)).getCount() == 1);
        assertThat(leader()).isEqualTo("first");
        assertThat(waiting.isDone()).isFalse();
        resign(first);
        assertThat(waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS).getLeader().getLease())
                .isEqualTo(lease);
        assertThat(leader()).isEqualTo("second");
    }

    @Test
    @Contract("LK-4")
    void observerSeesTheLeaderAndEveryChange() throws Exception {
        LeaderKey first = campaign(lease(), "one");
        Iterator<LeaderResponse> observed = server().election().observe(asking());
        assertThat(observed.next().getKv().getValue()).isEqualTo(bytes("one"));
        proclaim(first, "two");
        assertThat(observed.next().getKv().getValue()).isEqualTo(bytes("two"));
        resign(first);
        campaign(lease(), "three");
        assertThat(observed.next().getKv().getValue()).isEqualTo(bytes("three"));
    }

    @Test
    @Contract({"LK-2", "LK-4"})
    void whatIsMissingIsToldAsUnknown() {
        String missing = "\"leader\" field must be provided";
        refused(Status.Code.UNKNOWN, missing, () -> {
            var unused = server().election().proclaim(ProclaimRequest.getDefaultInstance());
        });
        refused(Status.Code.UNKNOWN, missing, () -> {
            var unused = server().election().resign(ResignRequest.getDefaultInstance());
        });
        refused(Status.Code.UNKNOWN, "etcdserver: requested lease not found", () -> campaign(0x7fff_0001, "x"));
    }
}
