package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.ports.Arrivals;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the client port knows of a request that was not read when it came. */
@Timeout(60)
class LateReadTest {
    private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** When a call began on the event loop, and how long it may have waited until then. */
    private record Begun(long nowNanos, long waitedNanos) {}

    private static void call(RawHttp2 client, int stream) throws Exception {
        client.send(
                RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, RawHttp2.call("test.Small/Hang"));
    }

    private static void spin(long fromNanos) {
        while (System.nanoTime() - fromNanos < HELD_NANOS) {
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName(
            "pitfall 62: what lay in a socket while the event loop was busy is known to be that old; what wakes it is not")
    void timeInTheSocketIsSeen() throws Exception {
        BlockingQueue<Begun> begun = new LinkedBlockingQueue<>();
        CountDownLatch isHeld = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (SmallPort port = new SmallPort(ConnectionLimits.standard(100), null);
                RawHttp2 first = new RawHttp2(port.clearPort()).greeted();
                RawHttp2 second = new RawHttp2(port.clearPort()).greeted()) {
            port.atCall = () -> {
                isHeld.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
            call(first, 1);
            isHeld.await();
            port.atCall = () -> {
                long waitedNanos = Arrivals.waitedNanos();
                begun.add(new Begun(System.nanoTime(), waitedNanos));
            };
            call(second, 1);
            long sentNanos = System.nanoTime();
            spin(sentNanos);
            goOn.countDown();
            Begun late = begun.take();
            assertThat(late.waitedNanos()).isGreaterThanOrEqualTo(HELD_NANOS);

            long idleNanos = System.nanoTime();
            spin(idleNanos);
            call(second, 3);
            Begun prompt = begun.take();
            assertThat(prompt.nowNanos() - prompt.waitedNanos() - idleNanos).isPositive();
        }
    }
}
