package io.axolotl.server.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That a node which must not go on does not go on, whatever becomes of its last words. */
@Timeout(60)
class HaltingHandlerTest {
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);

    private final BlockingQueue<Integer> halts = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    @Test
    @DisplayName("pitfall 54: last words into a pipe that nobody reads do not keep the process alive")
    void itEndsThoughNobodyReadsItsLastWords() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        HaltingHandler handler = new HaltingHandler(
                (what, cause) -> {
                    said.add(what);
                    awaitUninterruptibly(never);
                },
                halts::add,
                TimeUnit.MILLISECONDS.toNanos(50));
        Thread failing = new Thread(() -> handler.fatal("the sync failed", null), "failing");
        failing.setDaemon(true);
        failing.start();

        assertThat(halts.poll(30, TimeUnit.SECONDS)).isEqualTo(FatalHandler.EXIT_CODE);
        assertThat(said).containsExactly("the sync failed");
        assertThat(failing.isAlive()).isTrue();
        never.countDown();
        failing.join();
    }

    @Test
    void itEndsAtOnceWhenEverythingIsSaid() {
        new HaltingHandler((what, cause) -> said.add(what), halts::add, LONG_NANOS).fatal("a stage died", null);
        assertThat(said).containsExactly("a stage died");
        assertThat(halts).containsExactly(FatalHandler.EXIT_CODE);
    }

    @Test
    @DisplayName("P10: it ends also if there is no memory left for last words")
    void itEndsThoughItsLastWordsFail() {
        HaltingHandler handler = new HaltingHandler(
                (what, cause) -> {
                    throw new OutOfMemoryError("thrown by the test");
                },
                halts::add,
                LONG_NANOS);
        assertThatThrownBy(() -> handler.fatal("out of memory", null)).isInstanceOf(OutOfMemoryError.class);
        assertThat(halts).containsExactly(FatalHandler.EXIT_CODE);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean isInterrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
