package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("Reads are spread over the members that serve, and leave those that do not")
final class LoadBalancingTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final FakeEtcd third = FakeEtcd.start(3);
    private final List<FakeEtcd> all = List.of(first, second, third);
    private final ScheduledExecutorService delays = Executors.newSingleThreadScheduledExecutor();
    private final MetricRegistry metrics = new MetricRegistry();

    private AxolotlClient client(LoadBalancing balancing) {
        return AxolotlClient.builder()
                .endpoints(all.stream().map(FakeEtcd::endpoint).toList())
                .requestTimeout(Duration.ofSeconds(20))
                .loadBalancing(balancing)
                .metrics(metrics)
                .build();
    }

    @AfterEach
    void stop() {
        all.forEach(FakeEtcd::close);
        delays.shutdownNow();
    }

    private static void read(AxolotlClient client, int count) {
        for (int i = 0; i < count; i++) {
            client.kv().get("k").await();
        }
    }

    private static FakeEtcd.Answer<RangeRequest, RangeResponse> late(
            ScheduledExecutorService delays, long millis, FakeEtcd.Answer<RangeRequest, RangeResponse> then) {
        return (request, observer) -> {
            var unused = delays.schedule(() -> then.accept(request, observer), millis, TimeUnit.MILLISECONDS);
        };
    }

    @Test
    void membersThatAreWellGetTheSame() {
        try (AxolotlClient client = client(LoadBalancing.ROUND_ROBIN)) {
            read(client, 30);
            assertThat(all).allSatisfy(member -> assertThat(member.ranges).hasSize(10));
        }
    }

    @Test
    @DisplayName("N20, P6: a member that is cut off or paused loses its reads, and those under way are made elsewhere")
    void aSilentMemberLosesItsReadsAndHasThemBack() {
        try (AxolotlClient client = client(LoadBalancing.WEIGHTED)) {
            read(client, 3);
            FakeEtcd.Answer<RangeRequest, RangeResponse> answering = second.onRange;
            var telling = second.onStatus;
            second.onRange = FakeEtcd.never();
            second.onStatus = FakeEtcd.never();
            // One of these goes to the second, and would fail when its time is over if it were not moved.
            read(client, 3);
            assertThat(metrics.counter("axolotl.client.members.lost").getCount())
                    .isEqualTo(1);
            int before = second.ranges.size();
            read(client, 100);
            assertThat(second.ranges).hasSize(before);
            second.onRange = answering;
            second.onStatus = telling;
            while (second.ranges.size() < before + 10) {
                read(client, 1);
            }
            assertThat(metrics.counter("axolotl.client.outcomes.refused").getCount())
                    .isZero();
        }
    }

    /** Reads until so many of the last 30 were the second's, whose part would be 10. */
    private void readUntilSecondServes(AxolotlClient client, IntPredicate count) {
        int served;
        do {
            int before = second.ranges.size();
            read(client, 30);
            served = second.ranges.size() - before;
        } while (!count.test(served));
    }

    @Test
    void aSlowMemberGetsFewAndItsShareBackWhenItIsWell() {
        try (AxolotlClient client = client(LoadBalancing.WEIGHTED)) {
            FakeEtcd.Answer<RangeRequest, RangeResponse> prompt = second.onRange;
            second.onRange = late(delays, 100, prompt);
            readUntilSecondServes(client, served -> served <= 3);
            second.onRange = prompt;
            readUntilSecondServes(client, served -> served >= 9);
        }
    }

    @Test
    @DisplayName("a read that takes long is not given up and made again where there is no other member")
    void theOnlyMemberIsAskedOnce() {
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints(first.endpoint())
                .requestTimeout(Duration.ofSeconds(20))
                .build()) {
            first.onStatus = FakeEtcd.never();
            first.onRange = late(delays, 3_000, first.onRange);
            assertThat(client.kv().get("k").awaitOutcome()).isInstanceOf(Outcome.Done.class);
            assertThat(first.ranges).hasSize(1);
        }
    }
}
