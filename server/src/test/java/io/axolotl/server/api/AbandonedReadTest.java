package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Gauge;
import io.axolotl.server.metrics.BucketHistogram;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pitfall 62: what waited until nobody waits for it is not worked on. */
@Timeout(60)
class AbandonedReadTest {
    private static long readsMade(Edge edge) {
        BucketHistogram made = (BucketHistogram) Objects.requireNonNull(
                edge.registry.getMetrics().get("etcd_server_range_duration_seconds{success=\"true\"}"));
        return Arrays.stream(made.counts()).sum();
    }

    private static int readsInFlight(Edge edge) {
        Gauge<?> gauge =
                Objects.requireNonNull(edge.registry.getGauges().get("axolotl_requests_inflight{kind=\"read\"}"));
        return (Integer) gauge.getValue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while a read thread is kept", e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError("interrupted while waiting for the read threads", e);
        }
    }

    @Test
    @DisplayName("pitfall 62: a read whose deadline passed while it waited for a thread is not made")
    void aReadThatNobodyWaitsForIsNotMade() {
        try (Edge edge = new Edge()) {
            CountDownLatch kept = new CountDownLatch(1);
            CyclicBarrier bothThreadsAndUs = new CyclicBarrier(3);
            for (int i = 0; i < 2; i++) {
                assertThat(edge.reads.offerPoint(() -> await(kept))).isTrue();
            }
            assertThatThrownBy(() -> edge.kv
                            .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                            .range(range("k").build()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            while (readsInFlight(edge) > 0) {
                Thread.onSpinWait();
            }
            kept.countDown();
            for (int i = 0; i < 2; i++) {
                assertThat(edge.reads.offerPoint(() -> await(bothThreadsAndUs))).isTrue();
            }
            await(bothThreadsAndUs);
            assertThat(readsMade(edge)).isZero();
            var unused = edge.kv.range(range("k").build());
            assertThat(readsMade(edge)).isEqualTo(1);
        }
    }
}
