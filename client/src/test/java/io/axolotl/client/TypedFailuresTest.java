package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("Bad input: each kind has its own type, and says what to do")
final class TypedFailuresTest {
    private final FakeEtcd server = FakeEtcd.start(1);
    private final AxolotlClient client = client(server.endpoint());

    private static AxolotlClient client(String... endpoints) {
        return AxolotlClient.builder()
                .endpoints(endpoints)
                .requestTimeout(Duration.ofSeconds(20))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static void hasAdvice(AxolotlException failure, String advice) {
        assertThat(failure.advice()).contains(advice);
        assertThat(failure).asString().contains(failure.getMessage()).contains(failure.advice());
    }

    @Test
    void noEndpoints() {
        assertThatThrownBy(() -> AxolotlClient.builder().build())
                .isInstanceOf(NoEndpointsException.class)
                .hasMessageContaining("name at least one, such as http://");
    }

    @Test
    void aWrongSchemeAndWhatIsNoEndpoint() {
        for (String bad : List.of("ftp://h:1", "h", "h:0", "h:x", "http://h:70000", "http://h:1/path", "[::1:1")) {
            assertThatThrownBy(() -> AxolotlClient.builder().endpoints(bad))
                    .as(bad)
                    .isInstanceOf(BadEndpointException.class)
                    .hasMessageContaining(bad)
                    .hasMessageContaining("http://");
        }
    }

    @Test
    void aDeadCluster() {
        try (AxolotlClient lonely = AxolotlClient.builder()
                .endpoints("http://127.0.0.1:" + LoopbackPorts.free())
                .requestTimeout(Duration.ofMillis(300))
                .build()) {
            assertThatThrownBy(() -> lonely.kv().get("k").await())
                    .isInstanceOfSatisfying(
                            ClusterUnreachableException.class, e -> hasAdvice(e, "check that the endpoints are right"));
            assertThatThrownBy(() -> lonely.kv().put("k", "v").await())
                    .isInstanceOfSatisfying(
                            ClusterUnreachableException.class, e -> hasAdvice(e, "check that the endpoints are right"));
        }
    }

    @Test
    void aMemberOfAnotherClusterIsNotListenedTo() {
        try (FakeEtcd stranger = FakeEtcd.start(2);
                AxolotlClient both = AxolotlClient.builder()
                        .endpoints(server.endpoint(), stranger.endpoint())
                        .requestTimeout(Duration.ofSeconds(2))
                        .build()) {
            stranger.clusterId = 0xbad;
            stranger.revision = 1_000;
            assertThat(both.maintenance()
                            .status(server.endpoint())
                            .await()
                            .header()
                            .clusterId())
                    .isEqualTo(1);
            for (int i = 0; i < 4; i++) {
                assertThat(both.kv().get("k").await().header().memberId()).isEqualTo(1);
            }
            assertThat(stranger.ranges).as("asked once and never again").hasSize(1);
            for (int i = 0; i < 4; i++) {
                both.kv().put("k", "v").await();
            }
            assertThat(stranger.puts).isEmpty();
            Set<Long> seen = new TreeSet<>();
            seen.add(both.maintenance()
                    .status(stranger.endpoint())
                    .await()
                    .header()
                    .clusterId());
            assertThat(seen)
                    .as("who asks for one member is told what that one says")
                    .containsExactly(0xbadL);
            server.close();
            assertThatThrownBy(() -> both.kv().get("k").await())
                    .isInstanceOfAny(WrongClusterException.class, ClusterUnreachableException.class);
        }
    }

    @Test
    void anotherClusterAtTheSamePlace() {
        client.kv().get("k").await();
        server.clusterId = 0xbad;
        assertThatThrownBy(() -> client.kv().get("k").await())
                .isInstanceOfSatisfying(WrongClusterException.class, e -> hasAdvice(e, "make a new client"));
        assertThatThrownBy(() -> client.kv().put("k", "v").await()).isInstanceOf(WrongClusterException.class);
        assertThat(server.puts).isEmpty();
    }

    @Test
    void whoIsNotKnownAndWhoMayNot() {
        List<AxolotlException> failures = new ArrayList<>();
        for (String text : List.of(
                "etcdserver: invalid auth token",
                "etcdserver: user name is empty",
                "etcdserver: authentication failed, invalid user ID or password")) {
            server.onPut = FakeEtcd.fail(Status.Code.INVALID_ARGUMENT, text);
            assertThatThrownBy(() -> client.kv().put("k", "v").await())
                    .isInstanceOfSatisfying(AuthenticationException.class, failures::add)
                    .hasMessage(text);
        }
        failures.forEach(e -> hasAdvice(e, "ClientOptions.credentials"));
        server.onPut = FakeEtcd.fail(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(PermissionDeniedException.class, e -> hasAdvice(e, "roleGrantPermission"))
                .hasMessage("etcdserver: permission denied");
    }

    @Test
    void whatIsTooLargeHereAndThere() {
        try (AxolotlClient small = AxolotlClient.builder()
                .endpoints(server.endpoint())
                .maxRequestBytes(100)
                .build()) {
            assertThatThrownBy(() -> small.kv().put("k", "v".repeat(101)).await())
                    .isInstanceOf(RequestTooLargeException.class)
                    .hasMessageContaining("--max-request-bytes");
            assertThat(server.puts).isEmpty();
        }
        server.onPut = FakeEtcd.fail(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large");
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(
                        RequestTooLargeException.class, e -> hasAdvice(e, "--max-request-bytes at the servers"));
    }

    @Test
    void aClosedClient() {
        client.close();
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(ClientClosedException.class, e -> hasAdvice(e, "make another client"));
        assertThatThrownBy(() -> client.kv().get("k").await()).isInstanceOf(ClientClosedException.class);
    }

    @Test
    void aClosedClientSaysSoWhateverItIsAskedFor() {
        client.close();
        for (ThrowableAssert.ThrowingCallable call : List.<ThrowableAssert.ThrowingCallable>of(
                () -> client.kv().txn().then(Op.put("k", "v")).commit().await(),
                () -> client.leases().keep(5, KeptLease.Listener.NONE).await(),
                () -> client.coordination()
                        .hold(Bytes.of("lock"), 5, KeptLease.Listener.NONE)
                        .await(),
                () -> client.coordination().observe(Bytes.of("election"), leader -> {}),
                () -> client.watch(KeyRange.all(), WatchOptions.DEFAULT).next(),
                () -> client.cluster().members().await())) {
            assertThatThrownBy(call).isInstanceOf(ClientClosedException.class);
        }
    }

    @Test
    @DisplayName("https where http is spoken: nobody can be reached, and the advice names the scheme")
    void theOtherSchemeThanTheMemberSpeaks() {
        try (AxolotlClient secured = AxolotlClient.builder()
                .endpoints(server.endpoint().replace("http://", "https://"))
                .requestTimeout(Duration.ofSeconds(3))
                .build()) {
            assertThatThrownBy(() -> secured.kv().put("k", "v").await())
                    .isInstanceOfSatisfying(
                            ClusterUnreachableException.class, e -> hasAdvice(e, "http or https is what it speaks"));
        }
    }

    @Test
    void anUnknownOutcomeSaysWhatToDo() {
        server.onPut = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(UnknownOutcomeException.class, e -> hasAdvice(e, "read back"));
    }
}
