package io.axolotl.jepsen.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** An ext4 file system of a few megabytes in a file. Needs root, {@code mkfs.ext4} and a loop device. */
final class SmallDisk implements AutoCloseable {
    private final Path image;
    private final Path folder;
    private final Path filler;

    private SmallDisk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
        this.filler = folder.resolve("filler");
    }

    /**
     * Makes and mounts one under {@code parent}.
     *
     * @throws TestAbortedException if this is not possible here
     */
    static SmallDisk mount(Path parent, int megabytes) throws IOException {
        Path image = parent.resolve("disk.img");
        Path folder = Files.createDirectories(parent.resolve("disk"));
        require("truncate", "-s", megabytes + "M", image.toString());
        require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        require("mount", "-o", "loop", image.toString(), folder.toString());
        return new SmallDisk(image, folder);
    }

    Path folder() {
        return folder;
    }

    /** Takes space until no more than this is left. */
    void fillUpTo(int megabytesLeft) throws IOException {
        byte[] block = new byte[1 << 20];
        try (var out = Files.newOutputStream(filler)) {
            while (folder.toFile().getUsableSpace() > (long) megabytesLeft << 20) {
                out.write(block);
            }
        }
    }

    /** Takes all space that is left. */
    void fill() throws IOException {
        byte[] block = new byte[1 << 16];
        try (var out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int size = block.length; size > 0; size /= 2) {
                writeWhatFits(out, block, size);
            }
        }
    }

    private static void writeWhatFits(java.io.OutputStream out, byte[] block, int size) {
        try {
            while (true) {
                out.write(block, 0, size);
            }
        } catch (IOException full) {
            // That is what was wanted: smaller pieces may still fit.
            return;
        }
    }

    /** Gives back what {@link #fill} took. */
    void free() throws IOException {
        Files.delete(filler);
    }

    @Override
    public void close() throws IOException {
        require("umount", "-l", folder.toString());
        Files.delete(image);
    }

    private static void require(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.Charset.defaultCharset());
            if (process.waitFor() != 0) {
                throw new TestAbortedException("a small disk cannot be made here (it needs root and loop devices): "
                        + String.join(" ", command) + ": " + output.strip());
            }
        } catch (IOException e) {
            throw new TestAbortedException("a small disk cannot be made here: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestAbortedException("interrupted while making a small disk", e);
        }
    }
}
