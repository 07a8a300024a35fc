package io.axolotl.storage.identity;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Whose data a folder holds. Written once, when the folder is made.
 *
 * <pre>
 * identity   56 bytes, all numbers big-endian
 *             0  8  magic "AXOLIDEN"
 *             8  4  format version of this file, 2
 *            12  4  format version of the folder: raised when a release changes what else is in it
 *            16  8  cluster id
 *            24  8  member id
 *            32 16  store id
 *            48  4  flags: 1 the member has joined a cluster that was there
 *            52  4  CRC32C of [0, 52)
 * </pre>
 *
 * <p>Immutable.
 *
 * @param clusterId the cluster this folder belongs to
 * @param memberId the member of that cluster
 * @param storeId this folder, as opposed to an earlier or later one of the same member
 * @param hasJoined whether the member joined a cluster that was there; else it is one of the founders
 * @param folderVersion format version of the whole folder
 */
public record Identity(long clusterId, NodeId memberId, StoreId storeId, boolean hasJoined, int folderVersion) {
    /** The layout of a data folder that this release knows. */
    public static final int FOLDER_VERSION = 2;

    private static final long MAGIC = 0x41584F4C4944454EL;
    private static final int FILE_VERSION = 2;
    private static final int JOINED = 1;
    private static final int FILE_BYTES = 56;
    private static final int CHECKSUM_AT = 52;

    /** The identity of a folder that is being made now, of one of the founders. */
    public static Identity of(long clusterId, NodeId memberId, StoreId storeId) {
        return new Identity(clusterId, memberId, storeId, false, FOLDER_VERSION);
    }

    /** The identity of a folder that is being made now, of a member that joins. */
    public static Identity ofJoined(long clusterId, NodeId memberId, StoreId storeId) {
        return new Identity(clusterId, memberId, storeId, true, FOLDER_VERSION);
    }

    /** Writes the file durably and at once: it is there wholly or not at all. */
    public void write(Disk disk, Path path) {
        ByteBuffer out = ByteBuffer.allocate(FILE_BYTES);
        out.putLong(MAGIC).putInt(FILE_VERSION).putInt(folderVersion);
        out.putLong(clusterId).putLong(memberId.value());
        out.putLong(storeId.high()).putLong(storeId.low());
        out.putInt(hasJoined ? JOINED : 0);
        out.putInt(checksum(out));
        disk.replace(path, out.array());
    }

    /**
     * @throws ForeignFolderException if the file is damaged
     * @throws NewerFormatException if a newer release wrote it, or changed the folder
     */
    public static Identity read(Disk disk, Path path) {
        ByteBuffer in = ByteBuffer.wrap(disk.readAll(path));
        if (in.limit() != FILE_BYTES || in.getLong(0) != MAGIC || in.getInt(CHECKSUM_AT) != checksum(in)) {
            throw damaged(path);
        }
        int fileVersion = in.getInt(8);
        if (fileVersion > FILE_VERSION) {
            throw new NewerFormatException(path, fileVersion, FILE_VERSION);
        }
        int folderVersion = in.getInt(12);
        if (folderVersion > FOLDER_VERSION) {
            throw new NewerFormatException(path, folderVersion, FOLDER_VERSION);
        }
        if (fileVersion < FILE_VERSION || folderVersion < FOLDER_VERSION) {
            throw new ForeignFolderException("the data folder of " + path + " was made by a build before the first"
                    + " release (file version " + fileVersion + ", folder version " + folderVersion
                    + "), which this program does not read. Begin with an empty data folder");
        }
        long memberId = in.getLong(24);
        if (memberId == 0) {
            throw damaged(path);
        }
        return new Identity(
                in.getLong(16),
                new NodeId(memberId),
                new StoreId(in.getLong(32), in.getLong(40)),
                (in.getInt(48) & JOINED) != 0,
                folderVersion);
    }

    private static ForeignFolderException damaged(Path path) {
        return new ForeignFolderException("the identity file " + path + " is damaged or is no identity file of"
                + " Axolotl. Put back an intact copy, or remove this member from the cluster and add it again with"
                + " an empty data folder");
    }

    /** @throws ForeignFolderException if the folder belongs to another cluster or to another member */
    public void requireOwner(Path folder, long expectedClusterId, NodeId expectedMemberId) {
        if (clusterId != expectedClusterId) {
            throw new ForeignFolderException("the data folder " + folder + " belongs to cluster "
                    + Long.toHexString(clusterId) + ", not to cluster " + Long.toHexString(expectedClusterId)
                    + ". Check --initial-cluster-token and --initial-cluster, or name another --data-dir. If the cluster has"
                    + " changed since it was founded, start with --initial-cluster-state=existing");
        }
        if (!memberId.equals(expectedMemberId)) {
            throw new ForeignFolderException("the data folder " + folder + " belongs to member " + memberId
                    + " of this cluster, not to member " + expectedMemberId
                    + ". Check --name and the peer URLs, or name the --data-dir of this member. If this member has moved to"
                    + " another peer URL, start with --initial-cluster-state=existing");
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().limit(CHECKSUM_AT));
        return (int) crc.getValue();
    }
}
