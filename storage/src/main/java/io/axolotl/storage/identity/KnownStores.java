package io.axolotl.storage.identity;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;

/**
 * Which data folder every other member had when it was first heard, and which start of it was heard last, kept on disk: a
 * member that comes back with another folder, or with an old copy of its own, has lost what it had promised, and is to be
 * told apart from itself also by those that were restarted in between (pitfall 4, fault D19).
 *
 * <pre>
 * peers   all numbers big-endian
 *             0  8  magic "AXOLPEER"
 *             8  4  format version, 2
 *            12  4  number of members n
 *            16 48  each: member id 8, store id 16, number of the last start 8, its life 8, vouched index 8;
 *                   ascending by id
 *      16 + 48n  4  CRC32C of everything before
 * </pre>
 *
 * <p>Safe for all threads. {@link #of} never waits for the disk; {@link #remember} does once per start of a member.
 */
public final class KnownStores {
    private static final long MAGIC = 0x41584F4C50454552L;
    private static final int FILE_VERSION = 2;
    private static final int HEADER_BYTES = 16;
    private static final int MEMBER_BYTES = 48;
    private static final int CHECKSUM_BYTES = 4;

    private final Disk disk;
    private final Path path;

    /** What is durably known. Replaced as a whole, under the lock. */
    private volatile Map<NodeId, Known> stores;

    /** What has been vouched for since, perhaps more than is durable. */
    private final Map<NodeId, Long> vouched = new ConcurrentHashMap<>();

    private boolean isClosed;

    private KnownStores(Disk disk, Path path, Map<NodeId, Known> stores) {
        this.disk = disk;
        this.path = path;
        this.stores = stores;
    }

    /** Makes the file of a member that has met nobody yet, durably. */
    public static void create(Disk disk, Path path) {
        disk.replace(path, encode(Map.of()));
    }

    /**
     * Reads the file and writes it again: what the system shows may be what a sync that failed was to make durable (pitfall
     * 54).
     *
     * @throws ForeignFolderException if the file is damaged
     * @throws NewerFormatException if a newer release wrote it
     * @throws io.axolotl.storage.disk.DiskException if it could not be written
     */
    public static KnownStores open(Disk disk, Path path) {
        byte[] shown = disk.readAll(path);
        KnownStores known = new KnownStores(disk, path, decode(path, shown));
        disk.replace(path, shown);
        return known;
    }

    /**
     * What is known of one member's data folder. Immutable.
     *
     * @param starts the number of its last start that was heard of (see {@link StartCount})
     * @param life a random number that the process of that start drew: tells it from another one with the same number
     * @param vouchedIndex it has acknowledged entries through this index, which are committed, so its log must hold them
     */
    public record Known(StoreId store, long starts, long life, long vouchedIndex) {
        /** Whether a folder that claims this of itself is an earlier state of the known one: an old copy. */
        public boolean isLaterThan(Known claim) {
            return claim.starts < starts || (claim.starts == starts && claim.life != life);
        }

        private Known withVouched(long index) {
            return new Known(store, starts, life, Math.max(vouchedIndex, index));
        }
    }

    /** What this member was heard with. */
    public Optional<Known> of(NodeId member) {
        return Optional.ofNullable(stores.get(member)).map(known -> withAllVouched(member, known));
    }

    private Known withAllVouched(NodeId member, Known known) {
        return known.withVouched(vouched.getOrDefault(member, 0L));
    }

    /** How many members have been met. */
    public int size() {
        return stores.size();
    }

    /**
     * Takes down the store and the start of a member that are not known yet; returns when that is durable. The first store
     * of a member stays, and a later start of it takes the place of an earlier one. Of several threads that name different
     * stores of one member one wins.
     *
     * @return what is remembered now, which is not the claim if something else was there first
     * @throws io.axolotl.storage.disk.DiskException if it could not be written; the member is as unknown as before, but
     *     after any reason other than a full disk the file must not be trusted before the next start
     * @throws IllegalStateException if this has been closed
     */
    public synchronized Known remember(NodeId member, Known claim) {
        Known known = stores.get(member);
        if (known != null && (!known.store.equals(claim.store) || claim.starts <= known.starts)) {
            return known;
        }
        return write(member, withAllVouched(member, claim.withVouched(known == null ? 0 : known.vouchedIndex)));
    }

    /**
     * Remembers what a member's log must hold from now on. In memory, and without waiting for anybody: it reaches the disk with
     * the next start of a member that is heard of, and with {@link #save}.
     */
    public void vouch(NodeId member, long index) {
        vouched.merge(member, index, Math::max);
    }

    /** Makes all that is remembered durable. */
    public synchronized void save() {
        if (!isClosed) {
            Map<NodeId, Known> all = new TreeMap<>();
            stores.forEach((member, known) -> all.put(member, withAllVouched(member, known)));
            disk.replace(path, encode(all));
            stores = all;
        }
    }

    private Known write(NodeId member, Known now) {
        if (isClosed) {
            throw new IllegalStateException("the data folder of " + path + " has been let go of");
        }
        Map<NodeId, Known> more = new TreeMap<>(stores);
        more.put(member, now);
        disk.replace(path, encode(more));
        stores = more;
        return now;
    }

    /** Waits for a write that is under way; from then on the file is left alone. */
    public synchronized void close() {
        isClosed = true;
    }

    private static byte[] encode(Map<NodeId, Known> stores) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + stores.size() * MEMBER_BYTES + CHECKSUM_BYTES);
        out.putLong(MAGIC).putInt(FILE_VERSION).putInt(stores.size());
        stores.forEach((member, known) -> {
            out.putLong(member.value()).putLong(known.store.high()).putLong(known.store.low());
            out.putLong(known.starts).putLong(known.life).putLong(known.vouchedIndex);
        });
        out.putInt(checksum(out.array()));
        return out.array();
    }

    private static Map<NodeId, Known> decode(Path path, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean isWhole = bytes.length >= HEADER_BYTES + CHECKSUM_BYTES
                && in.getLong() == MAGIC
                && in.getInt(bytes.length - CHECKSUM_BYTES) == checksum(bytes);
        if (!isWhole) {
            throw damaged(path);
        }
        int version = in.getInt();
        if (version > FILE_VERSION) {
            throw new NewerFormatException(path, version, FILE_VERSION);
        }
        int members = in.getInt();
        if (version != FILE_VERSION || bytes.length != HEADER_BYTES + (long) members * MEMBER_BYTES + CHECKSUM_BYTES) {
            throw damaged(path);
        }
        Map<NodeId, Known> stores = new TreeMap<>();
        for (int i = 0; i < members; i++) {
            long id = in.getLong();
            if (id == 0) {
                throw damaged(path);
            }
            NodeId member = new NodeId(id);
            StoreId store = new StoreId(in.getLong(), in.getLong());
            stores.put(member, new Known(store, in.getLong(), in.getLong(), in.getLong()));
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
