package io.axolotl.server.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StageThreadTest {
    /** A stage over a queue, whose work is given. */
    private static final class Work implements Stage {
        final BatchQueue<Runnable> queue = new BatchQueue<>(100, 100);
        private final List<Runnable> batch = new ArrayList<>();

        @Override
        public boolean runOnce() {
            queue.drainTo(batch);
            boolean wasBusy = !batch.isEmpty();
            batch.forEach(Runnable::run);
            batch.clear();
            return wasBusy;
        }

        @Override
        public long maxParkNanos() {
            return TimeUnit.HOURS.toNanos(1);
        }

        @Override
        public void wakes(Waker waker) {
            queue.wakes(waker);
        }
    }

    private static final FatalHandler UNEXPECTED = (what, cause) -> {
        throw new AssertionError(what, cause);
    };

    @Test
    void workThatArrivesWakesTheThread() throws Exception {
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED);
        thread.start();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Boolean> done = new CompletableFuture<>();
            work.queue.add(() -> done.complete(true), 1);
            assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
        }
        thread.stopAndJoin();
        assertThat(thread.thread().isAlive()).isFalse();
    }

    @Test
    void stoppingFinishesWhatHasArrived() {
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED);
        AtomicLong count = new AtomicLong();
        for (int i = 0; i < 10; i++) {
            work.queue.add(count::incrementAndGet, 1);
        }
        thread.start();
        thread.stopAndJoin();
        assertThat(count).hasValue(10);
    }

    @Test
    @DisplayName("pitfall 67: what escapes from a stage is fatal, and names the thread")
    void escapesAreFatal() throws Exception {
        CompletableFuture<String> fatal = new CompletableFuture<>();
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, (what, cause) -> fatal.complete(what + " / " + cause));
        thread.start();
        work.queue.add(
                () -> {
                    throw new IllegalStateException("the disk is gone");
                },
                1);
        assertThat(fatal.get(10, TimeUnit.SECONDS)).contains("worker").contains("the disk is gone");
        thread.join();
    }

    @Test
    @DisplayName("pitfall 67: a stage that hangs is fatal; a machine that was suspended is not")
    void hangsAreFatal() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED);
        thread.start();
        work.queue.add(
                () -> {
                    hanging.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                1);
        assertThat(hanging.await(10, TimeUnit.SECONDS)).isTrue();
        AtomicLong clock = new AtomicLong(System.nanoTime());
        List<String> fatal = new ArrayList<>();
        Watchdog watchdog = new Watchdog(
                List.of(new Watchdog.Watched(thread, TimeUnit.SECONDS.toNanos(10))),
                clock::get,
                (what, cause) -> fatal.add(what));
        clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(watchdog.look())
                .as("the watchdog itself had not looked for a minute")
                .isFalse();
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(watchdog.look()).isTrue();
        assertThat(fatal).singleElement().asString().contains("worker").contains("hung for");
        release.countDown();
        thread.stopAndJoin();
    }

    @Test
    @DisplayName("pitfall 67: a long turn that tells of its progress does not hang")
    void progressIsNoHang() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch gotOn = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED);
        thread.start();
        work.queue.add(
                () -> {
                    try {
                        begun.countDown();
                        goOn.await();
                        thread.progressed();
                        gotOn.countDown();
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                1);
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        long beforeNanos = System.nanoTime();
        assertThat(thread.turnNanos(beforeNanos)).isPositive();
        goOn.countDown();
        assertThat(gotOn.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(thread.turnNanos(beforeNanos)).as("it got on after that").isNotPositive();
        release.countDown();
        thread.stopAndJoin();
    }
}
