package io.axolotl.storage.snapshot;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * What a snapshot stands for, of which cluster it is, and every file of it. Drawn in docs/formats/snapshot-manifest.md.
 *
 * <p>Immutable.
 *
 * @param files in the order of their names, no name twice
 */
public record SnapshotManifest(SnapshotMetadata metadata, long clusterId, List<FileEntry> files) {
    private static final byte[] MAGIC = "AXSN".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    /** File systems take no more than 255; the engine's own names are far shorter. */
    private static final int MAX_NAME_BYTES = 200;

    /**
     * One file of a snapshot. Immutable.
     *
     * @param name a plain name, without folders
     * @param crc32c over its content
     */
    public record FileEntry(String name, long sizeBytes, int crc32c) {
        public FileEntry {
            boolean isPlain = !name.isEmpty()
                    && name.length() <= MAX_NAME_BYTES
                    && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != '\\')
                    && !name.startsWith(".");
            if (!isPlain || sizeBytes < 0) {
                throw new IllegalArgumentException("\"" + name + "\" of " + sizeBytes + " bytes cannot be a file of a"
                        + " snapshot: a plain name and a size are needed");
            }
        }
    }

    public SnapshotManifest {
        files = List.copyOf(files);
        TreeSet<String> names = new TreeSet<>();
        long total = 0;
        for (FileEntry file : files) {
            if (file.sizeBytes() > Long.MAX_VALUE - total) {
                throw new IllegalArgumentException("the files of a snapshot have more bytes than can be counted");
            }
            total += file.sizeBytes();
            if (!names.isEmpty() && file.name().compareTo(names.last()) <= 0) {
                throw new IllegalArgumentException("the files of a snapshot are not in the order of their names");
            }
            names.add(file.name());
        }
    }

    /** The last entry that is in the snapshot. */
    public EntryId last() {
        return metadata.last();
    }

    public Optional<FileEntry> file(String name) {
        return files.stream().filter(file -> file.name().equals(name)).findFirst();
    }

    public long totalBytes() {
        return files.stream().mapToLong(FileEntry::sizeBytes).sum();
    }

    /** The durable form, which is also the form in which it is sent. */
    public byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting, 0);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, 0);
        byte[] bytes = out.toArray();
        ByteSink.putInt(bytes, bytes.length - Integer.BYTES, crcBeforeTail(bytes));
        return bytes;
    }

    private void write(ByteSink out, int crc) {
        out.raw(MAGIC);
        out.u8(VERSION);
        out.i64(clusterId);
        out.i64(last().term());
        out.i64(last().index());
        out.bytes(metadata.membership().encode());
        out.varint(files.size());
        for (FileEntry file : files) {
            out.bytes(file.name().getBytes(StandardCharsets.US_ASCII));
            out.varint(file.sizeBytes());
            out.i32(file.crc32c());
        }
        out.i32(crc);
    }

    /**
     * @param source where the bytes come from, for messages
     * @throws NewerFormatException if a newer version of this program wrote them
     * @throws SnapshotDamagedException if they are anything else than what {@link #encode} wrote
     */
    public static SnapshotManifest decode(byte[] bytes, Path source) {
        try {
            ByteSource in = new ByteSource(bytes);
            if (!java.util.Arrays.equals(in.raw(MAGIC.length), MAGIC)) {
                throw damaged(source, "it does not begin as a manifest does");
            }
            int version = in.u8();
            if (version > VERSION) {
                throw new NewerFormatException(source, version, VERSION);
            }
            if (version != VERSION
                    || in.remaining() < Integer.BYTES
                    || crcBeforeTail(bytes) != ByteSource.getInt(bytes, bytes.length - Integer.BYTES)) {
                throw damaged(source, "its checksum does not match");
            }
            long clusterId = in.i64();
            EntryId last = new EntryId(in.i64(), in.i64());
            Membership membership = Membership.decode(in.bytes());
            int count = in.count();
            List<FileEntry> files = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                files.add(new FileEntry(new String(in.bytes(), StandardCharsets.US_ASCII), in.varint(), in.i32()));
            }
            in.i32();
            in.end();
            return new SnapshotManifest(new SnapshotMetadata(last, membership), clusterId, files);
        } catch (MalformedBytesException | IllegalArgumentException e) {
            throw damaged(source, String.valueOf(e.getMessage()));
        }
    }

    private static SnapshotDamagedException damaged(Path source, String what) {
        return new SnapshotDamagedException(source, what, "It is not used; another one will be taken or received.");
    }

    private static int crcBeforeTail(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }
}
