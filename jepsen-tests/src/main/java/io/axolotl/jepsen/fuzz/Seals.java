package io.axolotl.jepsen.fuzz;

import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/** Makes the checksums of our formats right behind a mutation (docs/formats). Stateless. */
final class Seals {
    private static final int WAL_SECTOR_BYTES = 512;
    private static final int WAL_HEADER_CHECKSUM_AT = 60;
    private static final int WAL_RECORD_HEADER_BYTES = 32;
    private static final int WAL_TRAILER_BYTES = 64;
    private static final int WAL_TRAILER_MAGIC = 0x41585452;

    private Seals() {}

    /** CRC32C of everything before the last four bytes, in these. */
    static byte[] atEnd(byte[] input) {
        return at(input, 0, input.length - Integer.BYTES);
    }

    /** CRC32C of the first {@code at} bytes, in the four that follow. */
    static UnaryOperator<byte[]> after(int at) {
        return input -> at(input, 0, at);
    }

    /** CRC32C of {@code [from, at)} in the four bytes at {@code at}; nothing if the input is too short. */
    static byte[] at(byte[] input, int from, int at) {
        if (at < from || at + Integer.BYTES > input.length) {
            return input;
        }
        byte[] out = input.clone();
        ByteBuffer.wrap(out).putInt(at, crc(out, from, at));
        return out;
    }

    private static int crc(byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    /**
     * A segment of the log: its header, then records and trailers as far as their lengths lead, each linked to the one before.
     * The mask is that of the segment's number as the header has it.
     */
    static byte[] segment(byte[] input) {
        if (input.length < WAL_SECTOR_BYTES) {
            return input;
        }
        ByteBuffer out = ByteBuffer.wrap(input.clone());
        int mask = mask((int) out.getLong(16));
        int link = seal(out, 0, WAL_HEADER_CHECKSUM_AT, WAL_HEADER_CHECKSUM_AT, mask);
        int at = WAL_SECTOR_BYTES;
        while (at + WAL_TRAILER_BYTES <= input.length) {
            int payloadBytes = out.getInt(at + 8);
            if (out.get(at + 12) == 1
                    && payloadBytes >= 0
                    && payloadBytes <= input.length - at - WAL_RECORD_HEADER_BYTES) {
                out.putInt(at + 4, link);
                int end = at + WAL_RECORD_HEADER_BYTES + payloadBytes;
                link = seal(out, at + 4, end, at, mask);
                at = end;
                continue;
            }
            int trailer = (at + WAL_TRAILER_BYTES + WAL_SECTOR_BYTES - 1) / WAL_SECTOR_BYTES * WAL_SECTOR_BYTES
                    - WAL_TRAILER_BYTES;
            if (trailer + WAL_TRAILER_BYTES > input.length || out.getInt(trailer + 8) != WAL_TRAILER_MAGIC) {
                break;
            }
            out.putInt(trailer + 4, link);
            link = seal(out, trailer + 4, trailer + WAL_TRAILER_BYTES, trailer, mask);
            at = trailer + WAL_TRAILER_BYTES;
        }
        return out.array();
    }

    private static int seal(ByteBuffer bytes, int from, int to, int at, int mask) {
        int checksum = crc(bytes.array(), bytes.arrayOffset() + from, bytes.arrayOffset() + to) ^ mask;
        bytes.putInt(at, checksum);
        return checksum;
    }

    /** As docs/formats/wal.md has it. */
    private static int mask(int segment) {
        int x = segment;
        x ^= x >>> 16;
        x *= 0x7feb352d;
        x ^= x >>> 15;
        x *= 0x846ca68b;
        x ^= x >>> 16;
        return x;
    }
}
