package io.axolotl.storage.session;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One session and what its slots hold. Drawn in docs/formats/rocksdb-keys.md.
 *
 * <p>Confined to the apply thread.
 */
final class Session {
    private static final int VERSION = 1;

    final long id;
    final Owner owner;

    /** Session time when it was opened. */
    private final long openedSeconds;

    /** Session time when it was last used. */
    private long usedSeconds;

    private final NavigableMap<Integer, Slot> slots = new TreeMap<>();
    private long keptBytes;

    /**
     * Whose calls a session takes. Immutable.
     *
     * @param user empty for a client without a name
     * @param credentialIndex the entry that gave the user its password when the session was opened: a user who was made anew
     *     under the same name is another one
     */
    record Owner(String user, long credentialIndex) {}

    /**
     * The last call of a slot. Immutable by convention.
     *
     * @param seconds session time when it was last asked about
     * @param fingerprint of what was called
     * @param answer as {@link KeptAnswer} has it
     */
    record Slot(long sequence, long seconds, long fingerprint, byte[] answer) {
        byte[] encode() {
            ByteSink counting = ByteSink.counting();
            write(counting);
            ByteSink out = ByteSink.ofSize(counting.count());
            write(out);
            return out.toArray();
        }

        private void write(ByteSink out) {
            out.u8(VERSION);
            out.varint(seconds);
            out.varint(sequence);
            out.i64(fingerprint);
            out.raw(answer);
        }

        static Slot decode(byte[] bytes) {
            return decoded("slot", bytes, in -> {
                long seconds = in.varint();
                return new Slot(in.varint(), seconds, in.i64(), in.raw(in.remaining()));
            });
        }
    }

    Session(long id, Owner owner, long openedSeconds) {
        this.id = id;
        this.owner = owner;
        this.openedSeconds = openedSeconds;
        this.usedSeconds = openedSeconds;
    }

    long usedSeconds() {
        return usedSeconds;
    }

    long keptBytes() {
        return keptBytes;
    }

    /** By their numbers. */
    NavigableMap<Integer, Slot> slots() {
        return slots;
    }

    @Nullable Slot slot(int number) {
        return slots.get(number);
    }

    void put(int number, Slot slot) {
        Slot before = slots.put(number, slot);
        keptBytes += slot.answer.length - (before == null ? 0 : before.answer.length);
        usedSeconds = Math.max(usedSeconds, slot.seconds);
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8(VERSION);
        out.varint(openedSeconds);
        out.bytes(owner.user.getBytes(StandardCharsets.UTF_8));
        out.varint(owner.credentialIndex);
    }

    static Session decode(long id, byte[] bytes) {
        return decoded("session", bytes, in -> {
            long opened = in.varint();
            Owner owner = new Owner(new String(in.bytes(), StandardCharsets.UTF_8), in.varint());
            return new Session(id, owner, opened);
        });
    }

    /** Reads the rest of a record that begins with its version. */
    private interface Reading<T> {
        T of(ByteSource in);
    }

    private static <T> T decoded(String what, byte[] bytes, Reading<T> reading) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "the record of a " + what + " has version " + version, "version " + VERSION);
            }
            T read = reading.of(in);
            in.end();
            return read;
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("the record of a " + what + " is malformed: " + e.getMessage(), e);
        }
    }
}
