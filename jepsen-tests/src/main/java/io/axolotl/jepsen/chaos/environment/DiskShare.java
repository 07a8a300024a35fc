package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.Target;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Holds one living process to so many requests and bytes a second that it may write to one disk, by a control group, until this is closed.
 * What the kernel itself writes, as a journal or what nobody has synced, is not held: it is the syncs of the process that wait.
 *
 * <p>Confined to one thread, but for the questions.
 */
public final class DiskShare implements AutoCloseable {
    static final String HIERARCHY = "blkio";

    private static final String REQUESTS = "blkio.throttle.write_iops_device";
    private static final String BYTES = "blkio.throttle.write_bps_device";
    private static final String COUNTED = "blkio.throttle.io_serviced";
    private static final long NO_LIMIT = 0;

    private static final int PROBE_REQUESTS_PER_SECOND = 20;
    private static final int PROBE_SYNCS = 10;
    /** Some may go at once: what a second allows is dealt out in slices. */
    private static final Duration PROBE_LEAST = Duration.ofMillis(250);

    private final HeldProcess held;
    private final String device;
    private final int requestsPerSecond;
    private final long heldNanos = System.nanoTime();

    private DiskShare(HeldProcess held, String device, int requestsPerSecond) {
        this.held = held;
        this.device = device;
        this.requestsPerSecond = requestsPerSecond;
    }

    /** What keeps us from this here, in words for people; nothing if it works. Somebody is held and syncs, on a tiny disk, to see. */
    public static Optional<String> obstacle() {
        Optional<String> obstacle = ControlGroup.obstacle(HIERARCHY, "requests to disks")
                .or(SmallDisk::obstacle)
                .or(() -> Target.onPath("dd") ? Optional.empty() : Optional.of("dd is not installed"));
        if (obstacle.isPresent()) {
            return obstacle;
        }
        try {
            return SmallDisk.onTiny(DiskShare::probe);
        } catch (IllegalStateException | UncheckedIOException e) {
            return Optional.of("requests to a disk cannot be limited by a control group: " + e.getMessage());
        }
    }

    private static Optional<String> probe(SmallDisk disk) {
        ControlGroup group = ControlGroup.make(HIERARCHY);
        try {
            group.set(REQUESTS, disk.device() + " " + PROBE_REQUESTS_PER_SECOND);
            long startNanos = System.nanoTime();
            Command.require(
                    List.of(
                            "sh",
                            "-c",
                            "echo 0 > \"$0\" && exec dd if=/dev/zero of=\"$1\" bs=512 oflag=dsync count=" + PROBE_SYNCS,
                            group.folder().resolve(ControlGroup.MEMBERS).toString(),
                            disk.folder().resolve("synced").toString()),
                    "");
            long nanos = System.nanoTime() - startNanos;
            return counted(group, disk.device()) >= PROBE_SYNCS && nanos >= PROBE_LEAST.toNanos()
                    ? Optional.empty()
                    : Optional.of(
                            "the kernel does not hold back a control group's requests to a file system in a file");
        } finally {
            group.removeIfEmpty();
        }
    }

    /**
     * @param disk as it is mounted now
     * @param requestsPerSecond of which a sync is one or two
     */
    public static DiskShare of(long pid, SmallDisk disk, int requestsPerSecond, int bytesPerSecond) {
        String device = disk.device();
        HeldProcess held = HeldProcess.by(
                HIERARCHY,
                group -> {
                    group.set(REQUESTS, device + " " + requestsPerSecond);
                    group.set(BYTES, device + " " + bytesPerSecond);
                },
                pid);
        return new DiskShare(held, device, requestsPerSecond);
    }

    /** Requests that it has made so far, served or not. */
    public long requests() {
        return counted(held.group(), device);
    }

    /** What a request takes, on average, for those who ask for more than there is. */
    public Duration perRequest() {
        return Duration.ofSeconds(1).dividedBy(requestsPerSecond);
    }

    /** How many requests could have been served so far. */
    public double requestsAllowed() {
        return (System.nanoTime() - heldNanos) / (double) perRequest().toNanos();
    }

    private static long counted(ControlGroup group, String device) {
        String start = device + " Write ";
        // A disk that nobody has asked for anything has no line.
        return group.read(COUNTED)
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToLong(line -> Long.parseLong(line.substring(start.length()).strip()))
                .sum();
    }

    /** The process may write as fast as the disk can again, and what waits goes on at once. */
    @Override
    public void close() {
        try (held) {
            held.group().set(REQUESTS, device + " " + NO_LIMIT);
            held.group().set(BYTES, device + " " + NO_LIMIT);
        }
    }
}
