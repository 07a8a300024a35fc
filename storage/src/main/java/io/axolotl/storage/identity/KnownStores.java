package io.axolotl.storage.identity;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Which data folder every other member had when it was first heard, kept on disk: a member that comes back with another
 * one has lost what it had promised, and is to be told apart from itself also by those that were restarted in between
 * (pitfall 4, fault D19).
 *
 * <pre>
 * peers   all numbers big-endian
 *             0  8  magic "AXOLPEER"
 *             8  4  format version, 1
 *            12  4  number of members n
 *            16 24  each: member id 8, store id 16; ascending by id
 *      16 + 24n  4  CRC32C of everything before
 * </pre>
 *
 * <p>Safe for all threads. {@link #of} never waits for the disk; {@link #remember} does once per member.
 */
public final class KnownStores {
    private static final long MAGIC = 0x41584F4C50454552L;
    private static final int FILE_VERSION = 1;
    private static final int HEADER_BYTES = 16;
    private static final int MEMBER_BYTES = 24;
    private static final int CHECKSUM_BYTES = 4;

    private final Disk disk;
    private final Path path;

    /** What is durably known. Replaced as a whole, under the lock. */
    private volatile Map<NodeId, StoreId> stores;

    private boolean isClosed;

    private KnownStores(Disk disk, Path path, Map<NodeId, StoreId> stores) {
        this.disk = disk;
        this.path = path;
        this.stores = stores;
    }

    /** Makes the file of a member that has met nobody yet, durably. */
    public static void create(Disk disk, Path path) {
        disk.replace(path, encode(Map.of()));
    }

    /**
     * @throws ForeignFolderException if the file is damaged
     * @throws NewerFormatException if a newer release wrote it
     */
    public static KnownStores open(Disk disk, Path path) {
        return new KnownStores(disk, path, decode(path, disk.readAll(path)));
    }

    /** The store that this member was first heard with. */
    public Optional<StoreId> of(NodeId member) {
        return Optional.ofNullable(stores.get(member));
    }

    /** How many members have been met. */
    public int size() {
        return stores.size();
    }

    /**
     * Takes down the store of a member that is not known yet; returns when that is durable. Of several threads that name
     * different stores of one member one wins.
     *
     * @return the store that is remembered, which is another one if that was there first
     * @throws io.axolotl.storage.disk.DiskException if it could not be written; the member is as unknown as before, but
     *     after any reason other than a full disk the file must not be trusted before the next start
     * @throws IllegalStateException if this has been closed
     */
    public synchronized StoreId remember(NodeId member, StoreId store) {
        StoreId known = stores.get(member);
        if (known != null) {
            return known;
        }
        if (isClosed) {
            throw new IllegalStateException("the data folder of " + path + " has been let go of");
        }
        Map<NodeId, StoreId> more = new TreeMap<>(stores);
        more.put(member, store);
        disk.replace(path, encode(more));
        stores = more;
        return store;
    }

    /** Waits for a write that is under way; from then on the file is left alone. */
    public synchronized void close() {
        isClosed = true;
    }

    private static byte[] encode(Map<NodeId, StoreId> stores) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + stores.size() * MEMBER_BYTES + CHECKSUM_BYTES);
        out.putLong(MAGIC).putInt(FILE_VERSION).putInt(stores.size());
        stores.forEach((member, store) ->
                out.putLong(member.value()).putLong(store.high()).putLong(store.low()));
        out.putInt(checksum(out.array()));
        return out.array();
    }

    private static Map<NodeId, StoreId> decode(Path path, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean isWhole = bytes.length >= HEADER_BYTES + CHECKSUM_BYTES
                && in.getLong() == MAGIC
                && in.getInt(bytes.length - CHECKSUM_BYTES) == checksum(bytes);
        if (!isWhole) {
            throw damaged(path);
        }
        int version = in.getInt();
        if (version != FILE_VERSION) {
            throw new NewerFormatException(path, version, FILE_VERSION);
        }
        int members = in.getInt();
        if (bytes.length != HEADER_BYTES + (long) members * MEMBER_BYTES + CHECKSUM_BYTES) {
            throw damaged(path);
        }
        Map<NodeId, StoreId> stores = new TreeMap<>();
        for (int i = 0; i < members; i++) {
            stores.put(new NodeId(in.getLong()), new StoreId(in.getLong(), in.getLong()));
        }
        return stores;
    }

    private static ForeignFolderException damaged(Path path) {
        return new ForeignFolderException(
                "the file " + path + ", which tells the other members' data folders apart, is"
                        + " damaged. Put back an intact copy, or the file of the same name from another member of this cluster");
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }
}
