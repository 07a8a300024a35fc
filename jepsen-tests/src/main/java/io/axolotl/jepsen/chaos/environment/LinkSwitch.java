package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.NodeNetwork;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries the packets of links that are neither whole nor cut: a port of the peers' bridge whose other end is this program. A sender is
 * led here by the hardware address that it takes for the receiver's, and here the packet gets the right one, and what becomes of it is
 * for a {@link LinkQueue} to say. What is sent over whole links does not come by.
 *
 * <p>Two threads; if one of them dies, the other ends too, and whoever made this is told: what is led here from then on vanishes.
 *
 * <p>Safe for all threads.
 */
final class LinkSwitch implements AutoCloseable {
    static final String DEVICE = "switch";

    private static final int FRAME_BYTES = 1 << 16;
    private static final int ADDRESS_BYTES = 6;

    private final PacketDevice device;
    private final Consumer<String> death;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock. */
    private final LinkQueue queue;

    private volatile boolean closed;

    private interface Loop {
        void run() throws IOException, InterruptedException;
    }

    /** @param death is told once, in words, by the thread that dies, if one does before this is closed */
    LinkSwitch(PacketDevice device, LinkQueue queue, Consumer<String> death) {
        this.device = device;
        this.queue = queue;
        this.death = death;
    }

    /** Begins to carry. */
    void start() {
        start("switch-in", this::readAll);
        start("switch-out", this::writeAll);
    }

    private void start(String name, Loop loop) {
        Thread thread = new Thread(() -> live(loop), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void live(Loop loop) {
        try {
            loop.run();
        } catch (InterruptedException e) {
            die("it was interrupted");
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            die(e.toString());
        }
    }

    private void die(String why) {
        boolean isFirst;
        lock.lock();
        try {
            isFirst = !closed;
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (isFirst) {
            death.accept(why);
        }
    }

    /** From now on; a link that is whole again has none. */
    void set(Link link, LinkState state) {
        lock.lock();
        try {
            queue.set(link, state);
        } finally {
            lock.unlock();
        }
    }

    /** What has become of the packets that were led here. */
    LinkTally tally(Link link) {
        lock.lock();
        try {
            return queue.tally(link);
        } finally {
            lock.unlock();
        }
    }

    /** The hardware address by which a link leads here. */
    static String address(Link link) {
        return String.format("02:00:00:00:%02x:%02x", 0x80 + link.from(), 0x80 + link.to());
    }

    private static Optional<Link> link(byte[] frame, int bytes) {
        if (bytes <= 2 * ADDRESS_BYTES || frame[0] != 2 || frame[1] != 0 || frame[2] != 0 || frame[3] != 0) {
            return Optional.empty();
        }
        int from = (frame[4] & 0xff) - 0x80;
        int to = (frame[5] & 0xff) - 0x80;
        return from < 0 || to < 0 || from == to ? Optional.empty() : Optional.of(new Link(from, to));
    }

    private void readAll() throws IOException {
        byte[] frame = new byte[FRAME_BYTES];
        while (!closed) {
            int bytes = device.read(frame);
            link(frame, bytes).ifPresent(link -> take(link, Arrays.copyOf(frame, bytes)));
        }
    }

    private void take(Link link, byte[] frame) {
        System.arraycopy(NodeNetwork.hardwareAddress(link.to()), 0, frame, 0, ADDRESS_BYTES);
        lock.lock();
        try {
            queue.take(link, frame, System.nanoTime());
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() throws IOException, InterruptedException {
        while (!closed) {
            byte[] next = next();
            if (next != null) {
                device.write(next);
            }
        }
    }

    /** The next one when it is due; null if this was closed. */
    private byte @Nullable [] next() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                byte[] next = queue.poll(System.nanoTime());
                if (next != null) {
                    return next;
                }
                long left = queue.nanosLeft(System.nanoTime());
                if (left == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    long unused = changed.awaitNanos(left);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** The device has to be deleted by who closes this, which ends the thread that reads. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
