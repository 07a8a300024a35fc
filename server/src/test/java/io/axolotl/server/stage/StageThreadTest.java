package io.axolotl.server.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
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

    // ---- turns that are lent ----

    private final List<EventExecutor> opened = new ArrayList<>();

    private EventExecutor loop() {
        EventExecutor loop = new DefaultEventExecutor();
        opened.add(loop);
        return loop;
    }

    @AfterEach
    void closeLoops() {
        for (EventExecutor loop : opened) {
            Future<?> unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static void on(EventExecutor loop, Runnable work) throws Exception {
        loop.submit(work).get(10, TimeUnit.SECONDS);
    }

    @Test
    void whoBringsWorkToASleepingStageDoesItWhenItIsDoneWithItsOwn() throws Exception {
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED, Lender.EVENT_LOOPS);
        EventExecutor loop = loop();
        thread.start();
        awaitSleep(thread);
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Thread> runner = new CompletableFuture<>();
        on(loop, () -> {
            work.queue.add(
                    () -> {
                        order.add("turn");
                        runner.complete(Thread.currentThread());
                    },
                    1);
            order.add("own work");
        });
        assertThat(runner.get(10, TimeUnit.SECONDS)).isNotSameAs(thread.thread());
        assertThat(order).containsExactly("own work", "turn");
        thread.stopAndJoin();
    }

    private static void awaitSleep(StageThread thread) {
        while (thread.thread().getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    @Test
    void nothingIsDoneBeforeTheStartOrAfterTheEnd() throws Exception {
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED, Lender.EVENT_LOOPS);
        EventExecutor loop = loop();
        AtomicLong count = new AtomicLong();
        on(loop, () -> work.queue.add(count::incrementAndGet, 1));
        on(loop, () -> {});
        assertThat(count).as("before the start").hasValue(0);
        thread.start();
        thread.stopAndJoin();
        assertThat(count).as("at the end").hasValue(1);
        on(loop, () -> work.queue.add(count::incrementAndGet, 1));
        on(loop, () -> {});
        assertThat(count).as("after the end").hasValue(1);
    }

    @Test
    @DisplayName("pitfall 65: turns never overlap, whoever has them, and none is forgotten")
    void turnsFollowEachOther() throws Exception {
        int each = 20_000;
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED, Lender.EVENT_LOOPS);
        List<EventExecutor> loops = List.of(loop(), loop());
        long[] unguarded = new long[1];
        CountDownLatch done = new CountDownLatch(3 * each);
        Runnable increment = () -> {
            unguarded[0]++;
            done.countDown();
        };
        Runnable push = () -> work.queue.add(increment, 0);
        thread.start();
        Thread stranger = new Thread(() -> {
            for (int i = 0; i < each; i++) {
                push.run();
            }
        });
        stranger.start();
        for (int i = 0; i < each; i++) {
            for (EventExecutor loop : loops) {
                loop.execute(push);
            }
        }
        stranger.join();
        assertThat(done.await(30, TimeUnit.SECONDS))
                .as("an hour's sleep would show a lost wake-up")
                .isTrue();
        thread.stopAndJoin();
        assertThat(unguarded[0]).isEqualTo(3L * each);
    }

    @Test
    @DisplayName(
            "pitfall 67: what escapes from a lent turn is fatal, ends the stage, and may be reported by who had the turn")
    void escapesFromALentTurnAreFatal() throws Exception {
        CompletableFuture<String> fatal = new CompletableFuture<>();
        CompletableFuture<StageThread> itself = new CompletableFuture<>();
        Work work = new Work();
        StageThread thread = new StageThread(
                "worker",
                work,
                (what, cause) -> {
                    itself.join().abort();
                    itself.join().join();
                    fatal.complete(what);
                },
                Lender.EVENT_LOOPS);
        itself.complete(thread);
        EventExecutor loop = loop();
        AtomicLong after = new AtomicLong();
        thread.start();
        awaitSleep(thread);
        on(loop, () -> {
            work.queue.add(
                    () -> {
                        throw new IllegalStateException("the core is broken");
                    },
                    1);
        });
        assertThat(fatal.get(10, TimeUnit.SECONDS)).contains("worker").contains("the core is broken");
        on(loop, () -> work.queue.add(after::incrementAndGet, 1));
        on(loop, () -> {});
        assertThat(after).hasValue(0);
    }

    @Test
    @DisplayName("pitfall 67: a lent turn that hangs is fatal as well, and the report says where")
    void aLentTurnThatHangsIsFatal() throws Exception {
        CompletableFuture<Thread> hanging = new CompletableFuture<>();
        CountDownLatch release = new CountDownLatch(1);
        Work work = new Work();
        StageThread thread = new StageThread("worker", work, UNEXPECTED, Lender.EVENT_LOOPS);
        EventExecutor loop = loop();
        thread.start();
        awaitSleep(thread);
        on(loop, () -> {
            work.queue.add(
                    () -> {
                        hanging.complete(Thread.currentThread());
                        awaitUninterruptibly(release);
                    },
                    1);
        });
        assertThat(hanging.get(10, TimeUnit.SECONDS)).isSameAs(thread.runner());
        thread.wake();
        long laterNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        assertThat(thread.turnNanos(laterNanos)).isGreaterThan(TimeUnit.SECONDS.toNanos(30));
        release.countDown();
        thread.stopAndJoin();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
