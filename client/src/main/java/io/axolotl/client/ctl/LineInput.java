package io.axolotl.client.ctl;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lines as a stream of bytes. Asks for a line only when the one before has been read: who reads ahead gets no more. */
final class LineInput extends InputStream {
    private final Supplier<@Nullable String> lines;
    private byte[] line = new byte[0];
    private int at;
    private boolean isOver;

    /** @param lines one character per byte, without their ends; null after the last */
    LineInput(Supplier<@Nullable String> lines) {
        this.lines = lines;
    }

    /** Whether there is a byte; asks for a line if need be. */
    private boolean fill() {
        if (at < line.length) {
            return true;
        }
        String next = isOver ? null : lines.get();
        isOver = next == null;
        line = next == null ? new byte[0] : (next + "\n").getBytes(StandardCharsets.ISO_8859_1);
        at = 0;
        return !isOver;
    }

    @Override
    public int read() {
        return fill() ? line[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int count) {
        if (count == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int taken = Math.min(count, line.length - at);
        System.arraycopy(line, at, bytes, from, taken);
        at += taken;
        return taken;
    }

    @Override
    public int available() {
        return line.length - at;
    }
}
