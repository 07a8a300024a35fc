package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** Gathers what is written until it is flushed, and hands it on in one piece. Safe for all threads. */
final class WholeOutput extends OutputStream {
    private final Consumer<Bytes> to;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

    /** @param to called by one thread at a time */
    WholeOutput(Consumer<Bytes> to) {
        this.to = to;
    }

    @Override
    public synchronized void write(int b) {
        gathered.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        gathered.write(bytes, from, count);
    }

    @Override
    public synchronized void flush() {
        if (gathered.size() > 0) {
            Bytes whole = Bytes.copyOf(gathered.toByteArray());
            gathered.reset();
            to.accept(whole);
        }
    }
}
