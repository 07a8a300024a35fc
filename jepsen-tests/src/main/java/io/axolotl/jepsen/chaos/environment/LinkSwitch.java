package io.axolotl.jepsen.chaos.environment;

import com.sun.jna.LastErrorException;
import io.axolotl.jepsen.process.NodeNetwork;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries the packets of links that are slow, narrow or lossy: a port of the peers' bridge whose other end is this program (a TAP
 * device). A sender is led here by the hardware address that it takes for the receiver's, and here the packet gets the right one,
 * late, or never. What is sent over whole links does not come by.
 *
 * <p>A packet that has to wait its turn for longer than {@link #QUEUE_NANOS} at a narrow link is dropped, as by a router.
 *
 * <p>Safe for all threads.
 */
final class LinkSwitch implements AutoCloseable {
    static final String DEVICE = "switch";

    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TAP = 0x2;
    private static final int IFF_NO_PI = 0x1000;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;
    private static final int FRAME_BYTES = 1 << 16;
    private static final int ADDRESS_BYTES = 6;
    private static final long QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    private record Waiting(long dueNanos, long order, byte[] frame, int bytes) implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            int byTime = Long.compare(dueNanos, other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final int descriptor;
    private final SplittableRandom chance;
    private final Map<Link, LinkState> states = new ConcurrentHashMap<>();
    /** When the last packet of a narrow link will have left. Confined to the reading thread. */
    private final Map<Link, Long> freeAtNanos = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private long order;
    private volatile boolean closed;

    private LinkSwitch(int descriptor, long seed) {
        this.descriptor = descriptor;
        this.chance = new SplittableRandom(seed);
        start("switch-in", this::readAll);
        start("switch-out", this::writeAll);
    }

    /** What keeps us from making one, in words for people; nothing if it works. The device is tried and given back. */
    static Optional<String> obstacle() {
        try {
            int unused = Kernel.close(device("probe"));
            return Optional.empty();
        } catch (LastErrorException e) {
            return Optional.of("/dev/net/tun cannot be used (" + e.getMessage() + ")");
        }
    }

    /** Makes the device, which ends with this process. It has to be brought up and into the bridge. */
    static LinkSwitch open(long seed) {
        return new LinkSwitch(device(DEVICE), seed);
    }

    private static int device(String name) {
        int descriptor = Kernel.open("/dev/net/tun", Kernel.O_RDWR | Kernel.O_CLOEXEC);
        byte[] request = new byte[REQUEST_BYTES];
        byte[] letters = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(letters, 0, request, 0, letters.length);
        int flags = IFF_TAP | IFF_NO_PI;
        request[NAME_BYTES] = (byte) flags;
        request[NAME_BYTES + 1] = (byte) (flags >> 8);
        try {
            int unused = Kernel.ioctl(descriptor, TUNSETIFF, request);
            return descriptor;
        } catch (LastErrorException e) {
            int unused = Kernel.close(descriptor);
            throw e;
        }
    }

    private static void start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on; a link that is whole again has none. */
    void set(Link link, LinkState state) {
        states.put(link, state);
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

    private void readAll() {
        byte[] frame = new byte[FRAME_BYTES];
        try {
            while (!closed) {
                int bytes = (int) Kernel.read(descriptor, frame, frame.length);
                link(frame, bytes).ifPresent(link -> take(link, frame, bytes));
            }
        } catch (LastErrorException e) {
            if (!closed) {
                System.err.println("The switch of slow links reads no more: " + e.getMessage());
            }
        }
    }

    private void take(Link link, byte[] frame, int bytes) {
        LinkState state = states.getOrDefault(link, LinkState.WHOLE);
        if (state.cut() || chance.nextDouble() < state.loss()) {
            return;
        }
        long now = System.nanoTime();
        long due = now + state.delay().toNanos();
        if (!state.jitter().isZero()) {
            due += chance.nextLong(state.jitter().toNanos());
        }
        if (state.bytesPerSecond() > 0) {
            long free = Math.max(now, freeAtNanos.getOrDefault(link, now));
            if (free - now > QUEUE_NANOS) {
                return;
            }
            long left = free + bytes * 1_000_000_000L / state.bytesPerSecond();
            freeAtNanos.put(link, left);
            due += left - now;
        }
        byte[] copy = Arrays.copyOf(frame, bytes);
        byte[] right = NodeNetwork.hardwareAddress(link.to());
        System.arraycopy(right, 0, copy, 0, ADDRESS_BYTES);
        lock.lock();
        try {
            waiting.add(new Waiting(due, order++, copy, bytes));
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() {
        try {
            while (!closed) {
                Waiting next = next();
                long unused = Kernel.write(descriptor, next.frame, next.bytes);
            }
        } catch (LastErrorException e) {
            if (!closed) {
                System.err.println("The switch of slow links writes no more: " + e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Waiting next() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Waiting first = waiting.peek();
                if (first == null) {
                    changed.await();
                    continue;
                }
                long left = first.dueNanos - System.nanoTime();
                if (left <= 0) {
                    return waiting.remove();
                }
                long unused = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The device has to be deleted by who closes this, which ends the thread that reads. */
    @Override
    public void close() {
        closed = true;
    }
}
