package io.axolotl.storage.lease;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;

/**
 * What all members know of one lease. The value of {@code meta} under the lease's key, drawn in docs/formats/rocksdb-keys.md.
 * Immutable.
 *
 * @param id any number but 0
 * @param grantIndex the entry that granted it: tells it from an earlier lease of the same id
 * @param ttlSeconds granted
 * @param remainingSeconds what a leader last said to be left; 0 if nothing was said since it had its whole TTL
 */
public record Lease(long id, long grantIndex, long ttlSeconds, long remainingSeconds) {
    /** LE-1. */
    public static final long MAX_TTL_SECONDS = 9_000_000_000L;

    private static final int VERSION = 1;

    public Lease {
        if (id == 0 || grantIndex <= 0 || ttlSeconds <= 0 || ttlSeconds > MAX_TTL_SECONDS) {
            throw new IllegalArgumentException("there can be no lease " + Long.toHexString(id) + " of " + ttlSeconds
                    + " s, granted at entry " + grantIndex);
        }
        if (remainingSeconds < 0 || remainingSeconds > ttlSeconds) {
            throw new IllegalArgumentException("lease " + Long.toHexString(id) + " of " + ttlSeconds + " s cannot have "
                    + remainingSeconds + " s left");
        }
    }

    Lease withRemaining(long seconds) {
        return new Lease(id, grantIndex, ttlSeconds, seconds);
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
        out.varint(grantIndex);
        out.varint(ttlSeconds);
        out.varint(remainingSeconds);
    }

    /**
     * @throws StoreDamagedException if these are not the bytes of a lease
     * @throws UnknownFormatException if they are of another version
     */
    static Lease decode(long id, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "the record of lease " + Long.toHexString(id) + " has version " + version,
                        "version " + VERSION);
            }
            Lease decoded = new Lease(id, in.varint(), in.varint(), in.varint());
            in.end();
            return decoded;
        } catch (MalformedBytesException | IllegalArgumentException e) {
            throw new StoreDamagedException(
                    "the record of lease " + Long.toHexString(id) + " is malformed: " + e.getMessage(), e);
        }
    }
}
