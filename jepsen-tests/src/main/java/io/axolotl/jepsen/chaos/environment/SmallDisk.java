package io.axolotl.jepsen.chaos.environment;

import com.sun.jna.LastErrorException;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * An ext4 file system of a few megabytes in a file: a disk that can be full, and whose power can be cut. Needs root, {@code mkfs.ext4}
 * and a loop device. Where mounts are private to a program ({@link io.axolotl.jepsen.process.Enclosure}) it ends with that program.
 *
 * <p>Confined to one thread, but for the questions.
 */
public final class SmallDisk implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final long SHUTDOWN = 0x8004587dL;
    /** Not even the journal is written out. */
    private static final byte[] WITHOUT_FLUSH = {2, 0, 0, 0};

    private final Path image;
    private final Path folder;
    private final Path filler;

    private SmallDisk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
        this.filler = folder.resolve("filler");
    }

    /** What keeps us from having one here, in words for people; nothing if it works. A tiny one is made and mounted to see. */
    public static Optional<String> obstacle() {
        for (String program : List.of("mkfs.ext4", "mount", "umount")) {
            if (!Target.onPath(program)) {
                return Optional.of(program + " is not installed");
            }
        }
        try {
            return onTiny(disk -> Files.isWritable(disk.folder())
                    ? Optional.empty()
                    : Optional.of("a file system in a file is mounted read-only"));
        } catch (IllegalStateException e) {
            return Optional.of("a file system in a file cannot be mounted: " + e.getMessage());
        }
    }

    /** The same for cuts of its power: a tiny one is made, and its power cut. */
    public static Optional<String> powerCutObstacle() {
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        try {
            return onTiny(disk -> {
                disk.cutPower();
                disk.powerOn();
                return Optional.empty();
            });
        } catch (IllegalStateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Tries something on one of two megabytes, which is taken away again.
     *
     * @throws IllegalStateException if there cannot be one here
     */
    static Optional<String> onTiny(Function<SmallDisk, Optional<String>> trial) {
        try {
            Path parent = Files.createTempDirectory("axolotl-disk-probe-");
            try (SmallDisk disk = mount(parent, "probe", 2)) {
                return trial.apply(disk);
            } finally {
                Files.deleteIfExists(parent.resolve("probe.img"));
                Files.deleteIfExists(parent.resolve("probe"));
                Files.delete(parent);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the temporary folder", e);
        }
    }

    /**
     * Makes {@code NAME.img} and mounts it as the folder {@code NAME}.
     *
     * @throws IllegalStateException if this is not possible here
     */
    public static SmallDisk mount(Path parent, String name, int megabytes) {
        try {
            Path image = parent.resolve(name + ".img");
            Path folder = Files.createDirectories(parent.resolve(name));
            require("truncate", "-s", megabytes + "M", image.toString());
            require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
            SmallDisk disk = new SmallDisk(image, folder);
            disk.mount();
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder in " + parent, e);
        }
    }

    public Path folder() {
        return folder;
    }

    /** Its block device as the kernel numbers it, {@code MAJOR:MINOR}; another one whenever it is mounted. */
    String device() {
        try {
            long number = ((Number) Files.getAttribute(folder, "unix:dev")).longValue();
            return ((number >> 8) & 0xfff) + ":" + ((number & 0xff) | ((number >> 12) & 0xfff00));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot see on which device " + folder + " is", e);
        }
    }

    /** Takes space until no more than this is left. */
    public void fillUpTo(int megabytesLeft) {
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (folder.toFile().getUsableSpace() > (long) megabytesLeft << 20) {
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot fill " + folder, e);
        }
    }

    /** Takes all space that is left. */
    public void fill() {
        byte[] block = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int size = block.length; size > 0; size /= 2) {
                writeWhatFits(out, block, size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot fill " + folder, e);
        }
    }

    private static void writeWhatFits(OutputStream out, byte[] block, int size) throws IOException {
        try {
            while (true) {
                out.write(block, 0, size);
            }
        } catch (IOException e) {
            // That is what was wanted: smaller pieces may still fit.
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Gives back what was taken. */
    public void free() {
        try {
            Files.deleteIfExists(filler);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot free " + folder, e);
        }
    }

    /** Why nothing can be written there, in the system's words; nothing if it can. */
    public Optional<String> refusal() {
        Path file = folder.resolve("probe");
        try {
            Files.write(file, new byte[1 << 16]);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } finally {
            // On a disk that fails it cannot be, and it is not there either.
            boolean unused = file.toFile().delete();
        }
    }

    /**
     * Takes the file system away as a power cut does: from now on every call fails, and what was not synced is never written. Who has
     * files open there has to be killed before {@link #powerOn}.
     *
     * @throws IllegalStateException if the kernel does not do this
     */
    public void cutPower() {
        try {
            int descriptor = Kernel.open(folder.toString(), Kernel.O_RDONLY | Kernel.O_CLOEXEC);
            try {
                int unused = Kernel.ioctl(descriptor, SHUTDOWN, WITHOUT_FLUSH.clone());
            } finally {
                int unused = Kernel.close(descriptor);
            }
        } catch (LastErrorException e) {
            throw new IllegalStateException("the file system cannot be shut down: " + e.getMessage(), e);
        }
    }

    /** Mounts it again, which replays its journal. */
    public void powerOn() {
        Await.fact(
                folder + " to be let go of",
                BOUND,
                () -> Command.run(List.of("umount", folder.toString()), "").exitCode() == 0);
        mount();
    }

    private void mount() {
        require("mount", "-o", "loop", image.toString(), folder.toString());
    }

    private static void require(String... words) {
        Command.require(List.of(words), "");
    }

    @Override
    public void close() {
        // It may be unmounted already, if it could not be mounted again.
        Command.Ended unused = Command.run(List.of("umount", "-l", folder.toString()), "");
        try {
            Files.deleteIfExists(image);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + image, e);
        }
    }
}
