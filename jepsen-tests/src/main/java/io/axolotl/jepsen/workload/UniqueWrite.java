package io.axolotl.jepsen.workload;

import io.axolotl.client.Bytes;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The identity of one write: the sequence number {@code sequence} of writer {@code writer}, both counting from 0. Key and
 * value follow from it, so nothing but the outcome has to be remembered. Immutable.
 */
record UniqueWrite(String prefix, int writer, int sequence) {
    /** {@code prefix + "w03/00000042"}: in order of writer and sequence. */
    Bytes key() {
        return Bytes.of(String.format(Locale.ROOT, "%sw%02d/%08d", prefix, writer, sequence));
    }

    /** Unlike the value of every other write, and hardly compressible: what travels and what is stored is this size. */
    Bytes value() {
        byte[] content = new byte[VALUE_BYTES];
        new SplittableRandom((long) writer << 32 | sequence).nextBytes(content);
        return Bytes.copyOf(content);
    }

    /** Reads a key back. Nothing if it is not one of {@link #key}. */
    static Optional<UniqueWrite> ofKey(String prefix, Bytes key) {
        String text = key.utf8();
        if (!text.startsWith(prefix + "w")) {
            return Optional.empty();
        }
        String[] parts = text.substring(prefix.length() + 1).split("/", -1);
        try {
            UniqueWrite write = new UniqueWrite(prefix, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            return write.key().equals(key) ? Optional.of(write) : Optional.empty();
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static final int VALUE_BYTES = 256;
}
