package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One byte of a file, changed; and put right again. */
record Damage(Path file, long offset) {
    /** Changes a byte in the middle of what the newest segment of a data folder's log holds. The node must be down. */
    static Damage inTheMiddleOfTheLog(Path dataFolder) throws IOException {
        Path newest = null;
        long longest = 0;
        try (Stream<Path> files = Files.list(dataFolder.resolve("member").resolve("wal"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                long used = usedBytes(file);
                if (used >= longest) {
                    newest = file;
                    longest = used;
                }
            }
        }
        if (newest == null || longest < 4096) {
            throw new IllegalStateException("the log of " + dataFolder + " holds too little to be damaged: " + longest);
        }
        Damage damage = new Damage(newest, longest / 2);
        damage.flip();
        return damage;
    }

    /** Up to the last byte that is not zero: segments are preallocated with zeros. */
    private static long usedBytes(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        int used = content.length;
        while (used > 0 && content[used - 1] == 0) {
            used--;
        }
        return used;
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
