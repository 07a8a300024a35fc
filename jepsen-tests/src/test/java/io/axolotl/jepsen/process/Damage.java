package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One byte of a file, changed; and put right again. */
record Damage(Path file, long offset) {
    /** Changes a byte of the log entry that holds this text, in a data folder whose node is down. */
    static Damage ofTheEntryThatHolds(String marker, Path dataFolder) throws IOException {
        try (Stream<Path> files = Files.list(dataFolder.resolve("member").resolve("wal"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // One character a byte, so that an index in the text is an offset in the file.
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                int at = content.lastIndexOf(marker);
                if (at >= 0) {
                    Damage damage = new Damage(file, at);
                    damage.flip();
                    return damage;
                }
            }
        }
        throw new IllegalStateException("no segment of " + dataFolder + " holds " + marker);
    }

    void undo() throws IOException {
        flip();
    }

    private void flip() throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(offset);
            int before = access.read();
            access.seek(offset);
            access.write(before ^ 0x10);
        }
    }
}
