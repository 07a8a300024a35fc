package io.axolotl.storage.archive;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.statemachine.StateSummary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What an archive begins with: whose state it is, what is in it, and which files follow. Drawn in docs/formats/archive.md.
 * Immutable.
 *
 * @param clusterId of the cluster that it was taken of
 * @param memberId of the member that gave it
 * @param takenMillis when, by that member's clock, since 1970
 * @param files in the order in which they follow
 */
public record ArchiveHeader(
        long clusterId, long memberId, long takenMillis, StateSummary summary, List<PackedFile> files) {
    static final int VERSION = 1;

    /** Magic, version and length: enough to read the rest. */
    static final int START_BYTES = 16;

    private static final byte[] MAGIC = "AXOLARCH".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_BYTES = 64 << 20;

    /** One file of the state. */
    public record PackedFile(String name, long sizeBytes) {}

    public ArchiveHeader {
        files = List.copyOf(files);
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting, 0);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, counting.count());
        byte[] bytes = out.toArray();
        ByteSink.putInt(bytes, bytes.length - Integer.BYTES, checksum(bytes));
        return bytes;
    }

    private void write(ByteSink out, int sizeBytes) {
        out.raw(MAGIC);
        out.i32(VERSION);
        out.i32(sizeBytes);
        out.i64(clusterId);
        out.i64(memberId);
        out.i64(takenMillis);
        out.i64(summary.applied().term());
        out.i64(summary.applied().index());
        out.i64(summary.revision());
        out.i64(summary.compactRevision());
        out.i64(summary.liveKeys());
        out.i64(summary.events());
        out.varint(files.size());
        for (PackedFile file : files) {
            out.bytes(file.name().getBytes(StandardCharsets.UTF_8));
            out.i64(file.sizeBytes());
        }
        out.i32(0);
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /**
     * How long the header is that begins with these bytes.
     *
     * @param source for messages
     * @throws ArchiveDamagedException if no archive begins so
     * @throws NewerFormatException if one of a newer version does
     */
    static int sizeOf(byte[] start, Path source) {
        ByteSource in = new ByteSource(start);
        if (start.length < START_BYTES || !java.util.Arrays.equals(in.raw(MAGIC.length), MAGIC)) {
            throw new ArchiveDamagedException(
                    source + " is no snapshot of Axolotl. One of etcd (a bbolt file) cannot be" + " restored here");
        }
        int version = in.i32();
        if (version != VERSION) {
            throw new NewerFormatException(source, version, VERSION);
        }
        int size = in.i32();
        if (size < START_BYTES || size > MAX_BYTES) {
            throw new ArchiveDamagedException(source + " is damaged: its header cannot be " + size + " bytes long");
        }
        return size;
    }

    /** @throws ArchiveDamagedException if these are not the bytes of a header */
    static ArchiveHeader decode(byte[] bytes, Path source) {
        try {
            int size = sizeOf(bytes, source);
            if (size != bytes.length || ByteSource.getInt(bytes, bytes.length - Integer.BYTES) != checksum(bytes)) {
                throw new MalformedBytesException("its header does not match its checksum");
            }
            ByteSource in = new ByteSource(bytes, START_BYTES);
            long clusterId = in.i64();
            long memberId = in.i64();
            long takenMillis = in.i64();
            StateSummary summary =
                    new StateSummary(new EntryId(in.i64(), in.i64()), in.i64(), in.i64(), in.i64(), in.i64());
            int count = in.count();
            List<PackedFile> files = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (int i = 0; i < count; i++) {
                PackedFile file = readFile(in);
                if (!names.add(file.name())) {
                    throw new MalformedBytesException("it names the file \"" + file.name() + "\" twice");
                }
                files.add(file);
            }
            in.i32();
            in.end();
            ArchiveHeader header = new ArchiveHeader(clusterId, memberId, takenMillis, summary, files);
            long unused = header.contentBytes(size);
            return header;
        } catch (ArithmeticException e) {
            throw new ArchiveDamagedException(source + " is damaged: its files have more bytes than any file can have");
        } catch (MalformedBytesException | IllegalArgumentException e) {
            throw new ArchiveDamagedException(source + " is damaged: " + e.getMessage());
        }
    }

    /** A name that leads out of the folder it is unpacked to is none. */
    private static PackedFile readFile(ByteSource in) {
        String name = new String(in.bytes(), StandardCharsets.UTF_8);
        long sizeBytes = in.i64();
        if (!name.matches("[A-Za-z0-9_.-]+") || name.matches("\\.+") || sizeBytes < 0) {
            throw new MalformedBytesException("it names a file \"" + name + "\" of " + sizeBytes + " bytes");
        }
        return new PackedFile(name, sizeBytes);
    }

    /** Bytes of the whole archive, the checksum at its end left out: header, files, and zeros up to a sector. */
    long contentBytes(int headerBytes) {
        long bytes = headerBytes;
        for (PackedFile file : files) {
            bytes = Math.addExact(bytes, file.sizeBytes());
        }
        return Math.addExact(bytes, SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    }

    /** Clients of etcd tell by this that a checksum follows (MT-5). */
    static final int SECTOR_BYTES = 512;
}
