package io.axolotl.jepsen.chaos.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Stands before the peer port of one node and passes bytes on as the links' states say. What a cut link holds back arrives when it is
 * whole again, as TCP would send it again; a connection that is made meanwhile leads nowhere until then.
 *
 * <p>Safe for all threads.
 */
final class PeerProxy implements AutoCloseable {
    private static final int CHUNK_BYTES = 16 << 10;
    /** Of one direction of one connection: more than a window of TCP is not under way. */
    private static final int MOST_CHUNKS = 64;

    private static final long POLL_NANOS = 2_000_000;

    private record Chunk(byte[] bytes, long dueNanos) {}

    private static final Chunk END = new Chunk(new byte[0], 0);

    private final int node;
    private final int targetPort;
    private final ServerSocket listening;
    private final Function<Link, LinkState> states;
    private final IntFunction<Optional<Integer>> nodeByPort;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Starts to listen.
     *
     * @param node the one that it stands before
     * @param nodeByPort which node holds the other end of a connection that comes from a port
     */
    PeerProxy(
            int node,
            int port,
            int targetPort,
            Function<Link, LinkState> states,
            IntFunction<Optional<Integer>> nodeByPort) {
        this.node = node;
        this.targetPort = targetPort;
        this.states = states;
        this.nodeByPort = nodeByPort;
        try {
            listening = new ServerSocket();
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on port " + port + " of 127.0.0.1", e);
        }
        start("accept", this::accept);
    }

    private void start(String what, Runnable body) {
        Thread thread = new Thread(body, "proxy-" + node + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = listening.accept();
                open.add(near);
                start("connect", () -> join(near));
            } catch (IOException e) {
                if (!closed) {
                    System.err.println("The proxy before node " + node + " could not accept: " + e.getMessage());
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
        }
    }

    private void join(Socket near) {
        Optional<Integer> peer = nodeByPort.apply(near.getPort()).filter(other -> other != node);
        if (peer.isEmpty()) {
            // It has gone again. Whoever it was, nobody gets past a cut by not being known.
            breakOff(near);
            return;
        }
        Link there = new Link(peer.get(), node);
        Link back = new Link(node, peer.get());
        while (isCut(there) || isCut(back)) {
            if (closed) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        try {
            Socket far = new Socket(InetAddress.getLoopbackAddress(), targetPort);
            open.add(far);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            pass(near, far, there);
            pass(far, near, back);
        } catch (IOException e) {
            // The node is down.
            breakOff(near);
        }
    }

    private boolean isCut(Link link) {
        return states.apply(link).cut();
    }

    private void pass(Socket from, Socket to, Link link) {
        BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(MOST_CHUNKS);
        start("in", () -> read(from, queue, link));
        start("out", () -> write(from, to, queue, link));
    }

    private void read(Socket from, BlockingQueue<Chunk> queue, Link link) {
        SplittableRandom chance = new SplittableRandom();
        byte[] buffer = new byte[CHUNK_BYTES];
        long due = System.nanoTime();
        try {
            while (true) {
                int count = from.getInputStream().read(buffer);
                if (count < 0) {
                    break;
                }
                LinkState state = states.apply(link);
                long jitter = state.jitter().isZero()
                        ? 0
                        : chance.nextLong(state.jitter().toNanos());
                // TCP keeps the order: what overtakes on the way waits at the end.
                due = Math.max(due, System.nanoTime() + state.delay().toNanos() + jitter);
                if (state.bytesPerSecond() > 0) {
                    due += count * 1_000_000_000L / state.bytesPerSecond();
                }
                queue.put(new Chunk(Arrays.copyOf(buffer, count), due));
            }
        } catch (IOException e) {
            // As good as the end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            queue.put(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Socket from, Socket to, BlockingQueue<Chunk> queue, Link link) {
        try {
            while (true) {
                Chunk chunk = queue.take();
                while (!closed && (System.nanoTime() < chunk.dueNanos || isCut(link))) {
                    LockSupport.parkNanos(
                            Math.min(POLL_NANOS, Math.max(POLL_NANOS / 10, chunk.dueNanos - System.nanoTime())));
                }
                if (chunk.bytes.length == 0 || closed) {
                    break;
                }
                to.getOutputStream().write(chunk.bytes);
            }
        } catch (IOException e) {
            // The other end has gone, and takes this one with it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        breakOff(from);
        breakOff(to);
    }

    private void breakOff(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            System.err.println(
                    "A connection of the proxy before node " + node + " did not end well: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the proxy before node " + node, e);
        } finally {
            open.forEach(this::breakOff);
        }
    }
}
