package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Holds one living process to a share of one processor by a control group, until this is closed. Groups that an earlier run left
 * behind are known by their name.
 *
 * <p>Confined to one thread.
 */
public final class ProcessorShare implements AutoCloseable {
    private static final String PREFIX = "axolotl-chaos-";
    private static final Path FIRST_VERSION = Path.of("/sys/fs/cgroup/cpu");
    private static final int PERIOD_MICROS = 100_000;
    private static final String MEMBERS = "cgroup.procs";

    private final Path group;

    private ProcessorShare(Path group) {
        this.group = group;
    }

    /** What keeps us from this here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        if (!Files.exists(FIRST_VERSION.resolve("cpu.cfs_quota_us")) && !Files.exists(FIRST_VERSION.resolve(MEMBERS))) {
            return Optional.of("there are no control groups for processor time at " + FIRST_VERSION);
        }
        return Files.isWritable(FIRST_VERSION)
                ? Optional.empty()
                : Optional.of("this user may not make control groups in " + FIRST_VERSION + "; root may");
    }

    /** Removes what an earlier run left behind, if nobody is in it. */
    static void removeLeftOvers() {
        if (obstacle().isPresent()) {
            return;
        }
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(FIRST_VERSION, PREFIX + "*")) {
            for (Path group : groups) {
                removeIfEmpty(group);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove what an earlier run left in " + FIRST_VERSION, e);
        }
    }

    private static void removeIfEmpty(Path group) {
        try {
            Files.delete(group);
        } catch (IOException e) {
            // Somebody is in it, of a run that lives.
            System.err.println("A control group of another run stays: " + e.getMessage());
        }
    }

    /** @param percent of one processor */
    public static ProcessorShare of(ServerProcess node, int percent) {
        Path group = FIRST_VERSION.resolve(PREFIX + UUID.randomUUID());
        try {
            Files.createDirectory(group);
            Files.writeString(group.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROS));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), Integer.toString(PERIOD_MICROS / 100 * percent));
            Files.writeString(group.resolve(MEMBERS), Long.toString(node.pid()));
            return new ProcessorShare(group);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot hold " + node + " to a share of the processor", e);
        }
    }

    /** The process may have all there is again. */
    @Override
    public void close() {
        try {
            for (String process :
                    Files.readString(group.resolve(MEMBERS)).lines().toList()) {
                Files.writeString(FIRST_VERSION.resolve(MEMBERS), process);
            }
            Files.delete(group);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot undo " + group, e);
        }
    }
}
