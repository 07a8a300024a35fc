package io.axolotl.client.ctl;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jline.utils.AttributedString;

/** Keeps what is written, and lets a test wait for a text in it. Safe for all threads. */
final class SeenOutput extends ByteArrayOutputStream {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Bytes that were there when the last wait ended. */
    private int seenBytes;

    @Override
    public synchronized void write(int b) {
        super.write(b);
        notifyAll();
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        super.write(bytes, from, count);
        notifyAll();
    }

    /** All of it, without colours and movements of the cursor. */
    synchronized String whole() {
        return text(0);
    }

    private String text(int from) {
        return AttributedString.stripAnsi(new String(buf, from, count - from, StandardCharsets.UTF_8))
                .replace("\r", "");
    }

    /** Waits until this text has been written behind what was there when the last wait ended. */
    synchronized void await(String text) throws InterruptedException {
        long endNanos = System.nanoTime() + PATIENCE_NANOS;
        while (!text(seenBytes).contains(text)) {
            long leftNanos = endNanos - System.nanoTime();
            if (leftNanos <= 0) {
                throw new AssertionError("\"" + text + "\" was not written, but this was:\n" + text(seenBytes));
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
        }
        seenBytes = count;
    }
}
