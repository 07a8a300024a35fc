package io.axolotl.jepsen.fuzz;

import io.axolotl.raft.HardState;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.archive.ArchiveDamagedException;
import io.axolotl.storage.archive.ArchiveFile;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.identity.ForeignFolderException;
import io.axolotl.storage.identity.Identity;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StartCount;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.HardStateLostException;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalCorruptedException;
import io.axolotl.storage.wal.WalGapException;
import io.axolotl.storage.wal.WalOptions;
import io.axolotl.storage.wal.WalSalvage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** The files of a data folder and those that an operator brings, each on a disk in memory. */
final class FolderTargets {
    private static final Path FOLDER = Path.of("/data");
    private static final Path FILE = FOLDER.resolve("file");
    private static final WalOptions SMALL_SEGMENTS = new WalOptions(8192, 4096, 1);

    /** Buffers of fixed size that reading a log or an archive takes. */
    private static final long BUFFERS_BYTES = 24L << 20;

    private static final int HARD_STATE_SLOT_BYTES = 4096;

    private FolderTargets() {}

    static List<FuzzTarget> all() {
        return List.of(
                Parser.of(
                                "identity",
                                FolderTargets::identity,
                                input -> Identity.read(diskWith(input), FILE),
                                Set.of(ForeignFolderException.class, NewerFormatException.class))
                        .sealedBy(Seals.after(52)),
                Parser.of(
                                "start-count",
                                FolderTargets::startCount,
                                input -> StartCount.next(diskWith(input), FILE),
                                Set.of(ForeignFolderException.class, NewerFormatException.class))
                        .sealedBy(Seals.after(20)),
                Parser.of(
                                "known-stores",
                                FolderTargets::knownStores,
                                input -> KnownStores.open(diskWith(input), FILE),
                                Set.of(ForeignFolderException.class, NewerFormatException.class))
                        .sealedBy(Seals::atEnd),
                Parser.of(
                                "founding",
                                FolderTargets::founding,
                                input -> Founding.decode(input, FILE),
                                Set.of(ForeignFolderException.class, NewerFormatException.class))
                        .sealedBy(Seals::atEnd),
                Parser.of(
                                "hard-state",
                                FolderTargets::hardState,
                                input -> HardStateFile.open(diskWith(input), FILE)
                                        .close(),
                                Set.of(HardStateLostException.class, NewerFormatException.class))
                        .sealedBy(input ->
                                Seals.at(Seals.at(input, 0, 60), HARD_STATE_SLOT_BYTES, HARD_STATE_SLOT_BYTES + 60)),
                Parser.of(
                                "wal",
                                FolderTargets::segment,
                                FolderTargets::openLog,
                                Set.of(WalCorruptedException.class, WalGapException.class, NewerFormatException.class))
                        .sealedBy(Seals::segment)
                        .withFixedBytes(BUFFERS_BYTES),
                Parser.of(
                                "wal-salvage",
                                FolderTargets::segment,
                                FolderTargets::salvageLog,
                                Set.of(WalCorruptedException.class, WalGapException.class, NewerFormatException.class))
                        .sealedBy(Seals::segment)
                        .withFixedBytes(BUFFERS_BYTES),
                Parser.of(
                                "snapshot-manifest",
                                random -> manifest(random).encode(),
                                input -> SnapshotManifest.decode(input, FILE),
                                Set.of(SnapshotDamagedException.class, NewerFormatException.class))
                        .sealedBy(Seals::atEnd),
                Parser.of(
                        "snapshot-transfer",
                        FolderTargets::transfer,
                        FolderTargets::receive,
                        Set.of(
                                SnapshotDamagedException.class,
                                IllegalArgumentException.class,
                                IllegalStateException.class)),
                Parser.of(
                                "archive",
                                FolderTargets::archive,
                                FolderTargets::openArchive,
                                Set.of(ArchiveDamagedException.class, NewerFormatException.class))
                        .sealedBy(FolderTargets::sealedArchive)
                        .withFixedBytes(BUFFERS_BYTES));
    }

    private static FaultyDisk diskWith(byte[] content) {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        write(disk, FILE, content);
        return disk;
    }

    private static void write(FaultyDisk disk, Path path, byte[] content) {
        if (disk.exists(path)) {
            disk.delete(path);
        }
        try (DiskFile file = disk.create(path)) {
            file.write(ByteBuffer.wrap(content), 0);
            file.sync();
        }
    }

    private static FaultyDisk empty() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        return disk;
    }

    private static byte[] identity(SplittableRandom random) {
        FaultyDisk disk = empty();
        NodeId member = new NodeId(1 + random.nextLong(Long.MAX_VALUE));
        StoreId store = new StoreId(random.nextLong(), random.nextLong());
        Identity identity = random.nextBoolean()
                ? Identity.of(random.nextLong(), member, store)
                : Identity.ofJoined(random.nextLong(), member, store);
        identity.write(disk, FILE);
        return disk.content(FILE);
    }

    private static byte[] startCount(SplittableRandom random) {
        byte[] out = ByteBuffer.allocate(24)
                .putLong(0x41584F4C53545254L)
                .putInt(1)
                .putLong(random.nextInt(1_000))
                .array();
        return Seals.at(out, 0, 20);
    }

    private static byte[] knownStores(SplittableRandom random) {
        FaultyDisk disk = empty();
        KnownStores.create(disk, FILE);
        KnownStores stores = KnownStores.open(disk, FILE);
        for (int i = random.nextInt(4); i > 0; i--) {
            KnownStores.Known unused = stores.remember(
                    new NodeId(1 + random.nextLong(Long.MAX_VALUE)),
                    new KnownStores.Known(
                            new StoreId(random.nextLong(), random.nextLong()),
                            1 + random.nextInt(9),
                            random.nextLong(),
                            random.nextInt(99)));
        }
        return disk.content(FILE);
    }

    private static byte[] founding(SplittableRandom random) {
        List<MemberAttributes> members = Chance.list(
                random,
                3,
                () -> new MemberAttributes(
                        1 + random.nextLong(Long.MAX_VALUE),
                        "n" + random.nextInt(9),
                        List.of(Chance.url(random)),
                        List.of(),
                        random.nextBoolean()));
        return new Founding(CommandTargets.membership(random), members).encode();
    }

    private static byte[] hardState(SplittableRandom random) {
        FaultyDisk disk = empty();
        HardStateFile.create(disk, FILE);
        try (HardStateFile file = HardStateFile.open(disk, FILE)) {
            file.write(new HardState(
                    1 + random.nextInt(99),
                    random.nextBoolean() ? null : new NodeId(1 + random.nextInt(9)),
                    random.nextInt(999)));
        }
        return disk.content(FILE);
    }

    // ---- the log ----

    /** The first segment of a log, of which it may be the only one. */
    private static byte[] segment(SplittableRandom random) {
        FaultyDisk disk = empty();
        Path folder = FOLDER.resolve("wal");
        Wal.create(disk, folder, SMALL_SEGMENTS);
        try (Wal wal = open(disk, folder)) {
            long index = 1;
            for (int batch = random.nextInt(4); batch > 0; batch--) {
                List<Entry> entries = new ArrayList<>();
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    entries.add(new Entry(new EntryId(1, index++), Entry.Kind.COMMAND, Chance.bytes(random, 0, 400)));
                }
                wal.append(entries);
                wal.sync();
            }
        }
        return disk.content(firstSegment(disk, folder));
    }

    private static Path firstSegment(FaultyDisk disk, Path folder) {
        return disk.list(folder).stream().sorted().findFirst().orElseThrow();
    }

    private static Wal open(FaultyDisk disk, Path folder) {
        return Wal.open(disk, folder, SMALL_SEGMENTS, EntryId.ZERO).wal();
    }

    private static FaultyDisk logOf(byte[] segment) {
        FaultyDisk disk = empty();
        Path folder = FOLDER.resolve("wal");
        Wal.create(disk, folder, SMALL_SEGMENTS);
        write(disk, firstSegment(disk, folder), segment);
        return disk;
    }

    private static void openLog(byte[] segment) {
        try (Wal wal = open(logOf(segment), FOLDER.resolve("wal"))) {
            long from = wal.previous().index() + 1;
            if (from <= wal.last().index()) {
                List<Entry> unused = wal.entries(from, wal.last().index() + 1, 1 << 20);
            }
        }
    }

    private static void salvageLog(byte[] segment) {
        try (WalSalvage salvage =
                WalSalvage.inspect(logOf(segment), FOLDER.resolve("wal"), SMALL_SEGMENTS, EntryId.ZERO)) {
            WalSalvage.Outcome unused = salvage.outcome();
        }
    }

    // ---- snapshots ----

    private static SnapshotManifest manifest(SplittableRandom random) {
        List<SnapshotManifest.FileEntry> files = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            byte[] content = content(i);
            files.add(new SnapshotManifest.FileEntry(String.format("%06d.sst", i), content.length, crc(content)));
        }
        return new SnapshotManifest(
                new SnapshotMetadata(
                        new EntryId(1 + random.nextInt(9), 1 + random.nextInt(999)), CommandTargets.membership(random)),
                0xc1,
                files);
    }

    private static byte[] content(int file) {
        byte[] content = new byte[100 * (file + 1)];
        new SplittableRandom(file).nextBytes(content);
        return content;
    }

    private static int crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    /** A manifest, then chunks: a byte for the file, eight for the offset, a byte for how many of the content's bytes. */
    private static byte[] transfer(SplittableRandom random) {
        SnapshotManifest manifest = manifest(random);
        byte[] encoded = manifest.encode();
        ByteBuffer out = ByteBuffer.allocate(2 + encoded.length + 4_096);
        out.putShort((short) encoded.length).put(encoded);
        for (int file = 0; file < manifest.files().size(); file++) {
            int size = content(file).length;
            for (int at = 0; at < size; at += 50) {
                out.put((byte) file).putLong(at).put((byte) 50);
            }
        }
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    private static void receive(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input);
        byte[] encoded = new byte[in.remaining() < 2 ? 0 : Math.min(in.getShort() & 0xffff, in.remaining())];
        in.get(encoded);
        SnapshotManifest manifest = decodeOrRefuse(Seals.atEnd(encoded));
        FaultyDisk disk = empty();
        SnapshotStore store = new SnapshotStore(disk, FOLDER, manifest.clusterId());
        SnapshotReceiver receiver = store.receive(manifest);
        while (in.remaining() >= 10) {
            int file = in.get() & 0xff;
            long offset = in.getLong();
            int length = in.get() & 0xff;
            if (file >= manifest.files().size()) {
                throw new IllegalArgumentException("a chunk of no file");
            }
            byte[] content = content(file);
            int from = (int) Math.max(0, Math.min(offset, content.length));
            byte[] chunk = java.util.Arrays.copyOfRange(content, from, Math.min(content.length, from + length));
            receiver.write(manifest.files().get(file).name(), offset, chunk, crc(chunk));
        }
        receiver.abandon();
    }

    private static SnapshotManifest decodeOrRefuse(byte[] encoded) {
        try {
            return SnapshotManifest.decode(encoded, FILE);
        } catch (NewerFormatException e) {
            throw new IllegalStateException("refused by its version", e);
        }
    }

    // ---- archives ----

    private static byte[] archive(SplittableRandom random) {
        int files = random.nextInt(4);
        ByteSink counting = ByteSink.counting();
        writeHeader(counting, files, 0);
        ByteSink out = ByteSink.ofSize(counting.count());
        writeHeader(out, files, counting.count());
        byte[] header = Seals.atEnd(out.toArray());
        int content = header.length;
        for (int i = 0; i < files; i++) {
            content += content(i).length;
        }
        ByteBuffer all = ByteBuffer.allocate((content + 511) / 512 * 512 + 32);
        all.put(header);
        for (int i = 0; i < files; i++) {
            all.put(content(i));
        }
        return withDigest(all.array());
    }

    private static void writeHeader(ByteSink out, int files, int sizeBytes) {
        out.raw("AXOLARCH".getBytes(StandardCharsets.US_ASCII));
        out.i32(1);
        out.i32(sizeBytes);
        for (int i = 0; i < 9; i++) {
            out.i64(i);
        }
        out.varint(files);
        for (int i = 0; i < files; i++) {
            out.bytes((i + ".sst").getBytes(StandardCharsets.US_ASCII));
            out.i64(content(i).length);
        }
        out.i32(0);
    }

    private static byte[] withDigest(byte[] archive) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(archive, 0, archive.length - 32);
            System.arraycopy(digest.digest(), 0, archive, archive.length - 32, 32);
            return archive;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The header's checksum where its length says that it is, and the digest at the end. */
    private static byte[] sealedArchive(byte[] input) {
        if (input.length < 64) {
            return input;
        }
        int headerBytes = ByteBuffer.wrap(input).getInt(12);
        byte[] out = headerBytes < 20 || headerBytes > input.length
                ? input.clone()
                : Seals.at(input, 0, headerBytes - Integer.BYTES).clone();
        return withDigest(out);
    }

    private static void openArchive(byte[] input) {
        FaultyDisk disk = diskWith(input);
        try (ArchiveFile archive = ArchiveFile.open(disk, FILE)) {
            byte[] unused = archive.verify();
            archive.unpack(FOLDER.resolve("unpacked"));
        }
    }
}
