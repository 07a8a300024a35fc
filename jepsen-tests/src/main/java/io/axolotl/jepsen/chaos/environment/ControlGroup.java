package io.axolotl.jepsen.chaos.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A control group of the kernel's first version below one of its hierarchies, with a name by which a later run knows what an earlier
 * one left behind. Immutable, as far as it is ours.
 */
record ControlGroup(Path folder) {
    static final String MEMBERS = "cgroup.procs";

    private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");
    private static final String PREFIX = "axolotl-chaos-";
    /** Longer than any run. */
    private static final Duration LEFT_OVER = Duration.ofDays(1);

    /** What keeps us from having one of these here, in words for people; nothing if it works. */
    static Optional<String> obstacle(String hierarchy, String what) {
        Path root = HIERARCHIES.resolve(hierarchy);
        if (!Files.exists(root.resolve(MEMBERS))) {
            return Optional.of("there are no control groups for " + what + " at " + root);
        }
        return Files.isWritable(root)
                ? Optional.empty()
                : Optional.of("this user may not make control groups in " + root + "; root may");
    }

    /**
     * Removes what an earlier run left behind: old and with nobody in it. A young one may well be that of another run, whose member is
     * dead for a while.
     */
    static void removeLeftOvers(String hierarchy) {
        Path root = HIERARCHIES.resolve(hierarchy);
        if (obstacle(hierarchy, "").isPresent()) {
            return;
        }
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(root, PREFIX + "*")) {
            for (Path group : groups) {
                if (Files.getLastModifiedTime(group)
                        .toInstant()
                        .isBefore(Instant.now().minus(LEFT_OVER))) {
                    new ControlGroup(group).removeIfEmpty();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove what an earlier run left in " + root, e);
        }
    }

    static ControlGroup make(String hierarchy) {
        Path folder = HIERARCHIES.resolve(hierarchy).resolve(PREFIX + UUID.randomUUID());
        try {
            Files.createDirectory(folder);
            return new ControlGroup(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the control group " + folder, e);
        }
    }

    void set(String name, long value) {
        set(name, Long.toString(value));
    }

    void set(String name, String value) {
        try {
            Files.writeString(folder.resolve(name), value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set " + name + " of " + folder + " to " + value, e);
        }
    }

    String read(String name) {
        try {
            return Files.readString(folder.resolve(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + " of " + folder, e);
        }
    }

    long number(String name) {
        return Long.parseLong(read(name));
    }

    /** A line {@code word number} of a file. */
    long number(String name, String word) {
        return read(name)
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .mapToLong(
                        line -> Long.parseLong(line.substring(word.length() + 1).strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(folder.resolve(name) + " has no line " + word));
    }

    void removeIfEmpty() {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // Somebody is in it: of a run that lives, or about to end.
            System.err.println("A control group stays: " + e.getMessage());
        }
    }
}
