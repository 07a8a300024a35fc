package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("N1, N3: a member that clients reach and the other members do not")
final class LeaderlessMemberTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final FakeEtcd third = FakeEtcd.start(3);
    private final List<FakeEtcd> all = List.of(first, second, third);
    private final MetricRegistry metrics = new MetricRegistry();

    @AfterEach
    void stop() {
        all.forEach(FakeEtcd::close);
    }

    private AxolotlClient client() {
        return AxolotlClient.builder()
                .endpoints(all.stream().map(FakeEtcd::endpoint).toList())
                .requestTimeout(Duration.ofSeconds(50))
                .metrics(metrics)
                .build();
    }

    @Test
    void readsThatWaitThereForALeaderAreMadeElsewhere() {
        second.onRange = FakeEtcd.never();
        second.onStatus = FakeEtcd.ok(request -> second.status().toBuilder()
                .setLeader(0)
                .addErrors("etcdserver: no leader")
                .build());
        try (AxolotlClient client = client()) {
            long startNanos = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                assertThat(client.kv().get("k").await().header().memberId()).isNotEqualTo(2);
            }
            assertThat(second.ranges).as("asked before it was found out").isNotEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                    .as("long before the time of the call is over")
                    .isLessThan(Duration.ofSeconds(20));
        }
        assertThat(metrics.counter("axolotl.client.members.lost").getCount())
                .as("it answers, so it is not lost")
                .isZero();
    }
}
