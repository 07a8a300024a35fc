package io.axolotl.server.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    @Test
    void drainsEverythingOldestFirst() {
        BatchQueue<String> queue = new BatchQueue<>(10, 100);
        queue.offer("a", 1);
        queue.offer("b", 1);
        queue.add("c", 1);
        List<String> out = new ArrayList<>(List.of("before"));
        queue.drainTo(out);
        assertThat(out).containsExactly("before", "a", "b", "c");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    @DisplayName("pitfall 62: full in items or in bytes, it refuses those who offer, never those who complete")
    void boundsRefuse() {
        BatchQueue<String> byItems = new BatchQueue<>(2, 100);
        assertThat(byItems.offer("a", 1)).isTrue();
        assertThat(byItems.offer("b", 1)).isTrue();
        assertThat(byItems.offer("c", 1)).isFalse();
        byItems.add("completion", 0);
        assertThat(byItems.depth()).isEqualTo(3);

        BatchQueue<String> byBytes = new BatchQueue<>(10, 100);
        assertThat(byBytes.offer("one that is larger than the bound still gets in alone", 1_000))
                .isTrue();
        assertThat(byBytes.offer("b", 1)).isFalse();
        byBytes.drainTo(new ArrayList<>());
        assertThat(byBytes.offer("b", 60)).isTrue();
        assertThat(byBytes.offer("c", 60)).isFalse();
        assertThat(byBytes.bytes()).isEqualTo(60);
    }

    @Test
    void wakesOnlyWhenItStopsBeingEmpty() {
        AtomicInteger wakes = new AtomicInteger();
        BatchQueue<String> queue = new BatchQueue<>(10, 100);
        queue.wakes(wakes::incrementAndGet);
        queue.add("a", 0);
        queue.add("b", 0);
        assertThat(wakes).hasValue(1);
        queue.drainTo(new ArrayList<>());
        queue.add("c", 0);
        assertThat(wakes).hasValue(2);
    }

    @Test
    void keepsEachProducersOrderAndLosesNothing() throws InterruptedException {
        int producers = 3;
        int each = 20_000;
        BatchQueue<long[]> queue = new BatchQueue<>(Integer.MAX_VALUE, Long.MAX_VALUE);
        CountDownLatch done = new CountDownLatch(producers);
        for (int p = 0; p < producers; p++) {
            int producer = p;
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            queue.add(new long[] {producer, i}, 1);
                        }
                        done.countDown();
                    })
                    .start();
        }
        List<long[]> out = new ArrayList<>();
        while (out.size() < producers * each) {
            boolean isLast = done.getCount() == 0;
            queue.drainTo(out);
            if (isLast) {
                break;
            }
        }
        done.await();
        long[] next = new long[producers];
        for (long[] item : out) {
            assertThat(item[1]).isEqualTo(next[(int) item[0]]++);
        }
        assertThat(out).hasSize(producers * each);
    }
}
