package io.axolotl.server.launch;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how this process is, by datagrams to the socket that it names in the environment (sd_notify(3)): more time
 * while it starts, that it is ready, that it is alive, that it stops. Without such a socket all of it does nothing.
 *
 * <p>A start may take as long as the log is long, or until there is a quorum; so the time that systemd allows is extended
 * for as long as this process turns. Once ready, a sign of life goes out twice per period, but only while the caller finds
 * the server well: a process whose threads hang is to be ended.
 *
 * <p>Safe for all threads.
 */
public final class ServiceManager {
    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    /** How often a start asks for more time, and for how much: one lost datagram does no harm. */
    private static final Duration START_PULSE = Duration.ofSeconds(10);

    private static final Duration START_EXTENSION = Duration.ofSeconds(35);
    private static final int MAX_PATH_BYTES = 107;

    private final byte @Nullable [] address;
    private final @Nullable Duration watchdog;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    private ServiceManager(byte @Nullable [] address, @Nullable Duration watchdog) {
        this.address = address;
        this.watchdog = watchdog;
    }

    /** As systemd has described itself in the environment of the process with this id. */
    public static ServiceManager of(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return new ServiceManager(null, null);
        }
        byte[] address = addressOf(socket);
        if (address == null) {
            log.warn(
                    "NOTIFY_SOCKET is {}, which is no path of a socket: the service manager is not told that this server is ready",
                    socket);
            return new ServiceManager(null, null);
        }
        return new ServiceManager(address, watchdog(environment, pid).orElse(null));
    }

    /** The period within which signs of life are expected of this very process. */
    private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String who = environment.getOrDefault("WATCHDOG_PID", "");
        if (!micros.matches("[1-9][0-9]{0,14}") || !(who.isEmpty() || who.equals(Long.toString(pid)))) {
            return Optional.empty();
        }
        return Optional.of(Duration.of(Long.parseLong(micros), java.time.temporal.ChronoUnit.MICROS));
    }

    /** A sockaddr_un: the family in the machine's order, then a path that ends with zero or a name that begins with it. */
    private static byte @Nullable [] addressOf(String socket) {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = name[0] == '@';
        if (!(isAbstract || name[0] == '/') || name.length > MAX_PATH_BYTES) {
            return null;
        }
        ByteBuffer address = ByteBuffer.allocate(2 + name.length + (isAbstract ? 0 : 1))
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_UNIX)
                .put(name);
        if (isAbstract) {
            address.put(2, (byte) 0);
        }
        return address.array();
    }

    /** Whether anybody listens. */
    public boolean isPresent() {
        return address != null;
    }

    /**
     * Keeps the manager content from now until {@link #stopping}, on a thread of its own.
     *
     * @param isWell asked twice per period once {@link #ready}; while false no sign of life goes out
     */
    public void accompany(ThreadFactory threads, BooleanSupplier isWell) {
        if (isPresent()) {
            threads.newThread(() -> pulse(isWell)).start();
        }
    }

    private void pulse(BooleanSupplier isWell) {
        try {
            do {
                send("EXTEND_TIMEOUT_USEC=" + TimeUnit.MILLISECONDS.toMicros(START_EXTENSION.toMillis()));
            } while (!ready.await(START_PULSE.toMillis(), TimeUnit.MILLISECONDS) && stopped.getCount() > 0);
            Duration period = watchdog;
            if (period == null) {
                return;
            }
            do {
                if (isWell.getAsBoolean()) {
                    send("WATCHDOG=1");
                }
            } while (!stopped.await(period.toNanos() / 2, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Every kind of call is served. */
    public void ready() {
        send("READY=1\nSTATUS=ready to serve client requests");
        ready.countDown();
    }

    /** What {@code systemctl status} shows; one line. */
    public void status(String text) {
        send("STATUS=" + text.lines().findFirst().orElse(""));
    }

    /** The end has begun; there are no more signs of life. */
    public void stopping() {
        stopped.countDown();
        ready.countDown();
        send("STOPPING=1\nSTATUS=stopping");
    }

    private void send(String state) {
        byte[] to = address;
        if (to == null) {
            return;
        }
        try {
            send(state.getBytes(StandardCharsets.UTF_8), to);
        } catch (IOException e) {
            log.warn(
                    "the service manager could not be told \"{}\": {}; with Type=notify it will take this server for not started",
                    state.lines().findFirst().orElse(""),
                    e.getMessage());
        }
    }

    private static void send(byte[] message, byte[] address) throws IOException {
        try {
            int socket = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
            try {
                long unused = LibC.sendto(socket, message, message.length, LibC.MSG_NOSIGNAL, address, address.length);
            } finally {
                LibC.close(socket);
            }
        } catch (LastErrorException e) {
            throw new IOException(e.getMessage(), e);
        } catch (LinkageError e) {
            throw new IOException("the native part of JNA cannot be loaded (" + e.getMessage() + ")", e);
        }
    }
}
