package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** By a clock of the test's, and with members that say how they are when the test has them say it. */
@DisplayName("N20, P6: who does not answer, and what is done about it")
final class HealthWatchTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** Nobody connects to them. */
    private static final List<Endpoint> ENDPOINTS = List.of(
            Endpoint.parse("http://127.0.0.1:1"),
            Endpoint.parse("http://127.0.0.1:2"),
            Endpoint.parse("http://127.0.0.1:3"));

    private final NettyTransport transport = new NettyTransport(
            "test",
            1,
            new NettyTransport.Settings(
                    Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(5), Optional.empty(), true));
    private final MetricRegistry metrics = new MetricRegistry();
    private final EmbeddedChannel time = new EmbeddedChannel();
    private final List<Connections> made = new ArrayList<>();

    /** Who was asked how it is, and has not said it. */
    private final Map<Connection, StreamObserver<StatusResponse>> asked = new LinkedHashMap<>();

    private final List<String> abandoned = new ArrayList<>();
    private long nowNanos = 1;
    private boolean isAskingBroken;

    @BeforeEach
    void freeze() {
        time.freezeTime();
    }

    @AfterEach
    void close() {
        made.forEach(Connections::close);
        transport.close();
        time.finishAndReleaseAll();
    }

    private Connections connections(int count) {
        Connections connections = new Connections(
                ENDPOINTS.subList(0, count), transport, false, Optional.empty(), Duration.ofSeconds(5), true);
        made.add(connections);
        return connections;
    }

    private HealthWatch watch(Connections connections) {
        HealthWatch watch = new HealthWatch(
                connections.configured(),
                time.eventLoop(),
                () -> nowNanos,
                new ClientMetrics(metrics),
                (connection, answer) -> {
                    if (isAskingBroken) {
                        throw new IllegalStateException("asking is broken");
                    }
                    asked.put(connection, answer);
                });
        watch.called();
        return watch;
    }

    private void pass(long millis) {
        for (long i = 0; i < millis; i += 50) {
            nowNanos += 50 * MILLI;
            time.advanceTimeBy(50, TimeUnit.MILLISECONDS);
            time.runScheduledPendingTasks();
        }
    }

    /** The process stands still: what is due runs after it. */
    private void pause(long millis) {
        nowNanos += millis * MILLI;
        time.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    }

    /** An attempt of a call goes to a member. */
    private void send(Connection connection, String name) {
        connection.join(() -> abandoned.add(name));
        connection.health().started(nowNanos);
    }

    private void saysNothing(Connection connection) {
        Objects.requireNonNull(asked.remove(connection)).onError(Status.DEADLINE_EXCEEDED.asRuntimeException());
    }

    private void saysThatItIsWell(Connection connection) {
        StreamObserver<StatusResponse> answer = Objects.requireNonNull(asked.remove(connection));
        answer.onNext(StatusResponse.newBuilder().setLeader(1).build());
        answer.onCompleted();
    }

    @Test
    void aMemberThatIsSilentAndDoesNotSayHowItIsLosesItsCalls() {
        Connections three = connections(3);
        List<Connection> members = three.configured();
        var unused = watch(three);
        send(members.get(1), "read");
        pass(950);
        assertThat(asked).isEmpty();
        pass(300);
        assertThat(asked.keySet()).containsExactlyElementsOf(members);
        saysThatItIsWell(members.get(0));
        saysThatItIsWell(members.get(2));
        assertThat(abandoned).isEmpty();
        pass(950);
        saysNothing(members.get(1));
        assertThat(abandoned).containsExactly("read");
        assertThat(metrics.counter("axolotl.client.members.lost").getCount()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            assertThat(three.next(Set.of())).isNotSameAs(members.get(1));
        }
        pass(1_000);
        saysThatItIsWell(members.get(1));
        assertThat(members.get(1).health().isSick()).isFalse();
    }

    @Test
    void aCallThatTakesLongAtAMemberThatSaysHowItIsIsLeftAlone() {
        Connections three = connections(3);
        List<Connection> members = three.configured();
        var unused = watch(three);
        send(members.get(1), "read");
        for (int i = 0; i < 5; i++) {
            pass(1_250);
            List.copyOf(asked.keySet()).forEach(this::saysThatItIsWell);
        }
        assertThat(abandoned).isEmpty();
    }

    @Test
    @DisplayName("with one endpoint, that of a balancer say, nothing is gained by asking it twice")
    void theOnlyEndpointKeepsItsCalls() {
        Connections one = connections(1);
        Connection member = one.configured().get(0);
        var unused = watch(one);
        send(member, "read");
        pass(1_300);
        saysNothing(member);
        assertThat(member.health().isSick()).isTrue();
        assertThat(abandoned).isEmpty();
    }

    @Test
    @DisplayName("A16: a cluster that has no time to answer does not get everything twice")
    void whereNobodyIsBetterCallsStay() {
        Connections three = connections(3);
        List<Connection> members = three.configured();
        var unused = watch(three);
        send(members.get(2), "read");
        pass(1_300);
        members.forEach(this::saysNothing);
        assertThat(members).allMatch(member -> member.health().isSick());
        assertThat(abandoned).isEmpty();
    }

    @Test
    @DisplayName("P6: when this process has been paused, answers may be here that nobody has read")
    void aPauseOfTheClientIsNoSilenceOfTheMembers() {
        Connections three = connections(3);
        List<Connection> members = three.configured();
        var unused = watch(three);
        send(members.get(1), "read");
        pass(1_300);
        pause(3_000);
        saysNothing(members.get(1));
        assertThat(members.get(1).health().isSick()).isFalse();
        pass(1_300);
        pause(900);
        pass(50);
        saysNothing(members.get(1));
        assertThat(members.get(1).health().isSick())
                .as("the look after the pause came first")
                .isFalse();
        assertThat(abandoned).isEmpty();
        pass(2_000);
        saysNothing(members.get(1));
        assertThat(members.get(1).health().isSick()).isTrue();
        assertThat(abandoned).containsExactly("read");
    }

    @Test
    @DisplayName("pitfall 67: a look that fails is not the last one")
    void aLookThatThrowsIsFollowedByTheNext() {
        Connections three = connections(3);
        var unused = watch(three);
        send(three.configured().get(1), "read");
        isAskingBroken = true;
        pass(1_300);
        assertThat(asked).isEmpty();
        isAskingBroken = false;
        pass(1_300);
        assertThat(asked.keySet()).containsExactlyInAnyOrderElementsOf(three.configured());
    }

    private long shareOfSecond(Connections three) {
        Connection second = three.configured().get(1);
        long share = 0;
        for (int i = 0; i < 300; i++) {
            share += three.next(Set.of()) == second ? 1 : 0;
        }
        return share;
    }

    private void read(Connections three, long secondMillis) {
        for (int i = 0; i < 30; i++) {
            nowNanos += MILLI;
            for (Connection connection : three.configured()) {
                boolean isSecond = connection == three.configured().get(1);
                connection.health().read(nowNanos, (isSecond ? secondMillis : 1) * MILLI);
            }
        }
    }

    @Test
    void aSlowMemberGetsFewAndItsShareBackWhenItIsWell() {
        Connections three = connections(3);
        var unused = watch(three);
        assertThat(shareOfSecond(three)).isEqualTo(100);
        read(three, 500);
        pass(250);
        assertThat(shareOfSecond(three)).isLessThan(20);
        read(three, 1);
        pass(250);
        assertThat(shareOfSecond(three)).isEqualTo(100);
    }
}
