package io.axolotl.jepsen.simulation;

import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.snapshot.SnapshotStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Carries the files of a snapshot from one node's store to another's, in chunks, as far as the connection holds. Stateless.
 */
final class SnapshotCourier {
    /** One file of a snapshot on its way to a peer. */
    record SentFile(String name, byte[] bytes) {}

    /** A snapshot on its way to a peer. */
    record Parcel(SnapshotManifest manifest, List<SentFile> files) {}

    private static final int CHUNK_BYTES = 2048;

    private SnapshotCourier() {}

    /**
     * All of the newest snapshot; nothing if there is none, or none as new as wanted. One that turns out to be damaged is given to nobody
     * any more, as the server does.
     */
    static Optional<Parcel> newest(SnapshotStore store, long offeredIndex) {
        Snapshot found = store.newest().orElse(null);
        if (found == null) {
            return Optional.empty();
        }
        try (Snapshot snapshot = found) {
            return snapshot.manifest().last().index() < offeredIndex
                    ? Optional.empty()
                    : Optional.of(readAll(snapshot));
        } catch (SnapshotDamagedException e) {
            store.condemn(found.manifest().last());
            return Optional.empty();
        }
    }

    private static Parcel readAll(Snapshot snapshot) {
        List<SentFile> files = new ArrayList<>();
        for (FileEntry file : snapshot.manifest().files()) {
            byte[] bytes = snapshot.read(file.name(), 0, Math.toIntExact(file.sizeBytes()));
            snapshot.requireChecksum(file, checksum(bytes));
            files.add(new SentFile(file.name(), bytes));
        }
        return new Parcel(snapshot.manifest(), files);
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * Takes in a snapshot, from where an earlier try has ended. A file that is not what it should be is to be sent again.
     *
     * @param mostChunks the connection breaks after so many
     * @return whether it is complete, and durable
     */
    static boolean deliver(Parcel parcel, SnapshotStore store, int mostChunks, Marks marks) {
        try {
            return take(parcel, store.receive(parcel.manifest()), mostChunks, marks);
        } catch (SnapshotDamagedException e) {
            return false;
        }
    }

    private static boolean take(Parcel parcel, SnapshotReceiver receiver, int mostChunks, Marks marks) {
        int chunks = 0;
        for (SentFile file : parcel.files()) {
            long from = receiver.received(file.name());
            if (from > 0) {
                marks.hit("snapshot: transfer resumed");
            }
            for (int at = (int) from; at < file.bytes().length; at += CHUNK_BYTES) {
                if (chunks++ == mostChunks) {
                    return false;
                }
                int length = Math.min(CHUNK_BYTES, file.bytes().length - at);
                byte[] chunk = Arrays.copyOfRange(file.bytes(), at, at + length);
                receiver.write(file.name(), at, chunk, checksum(chunk));
            }
        }
        receiver.finish().close();
        return true;
    }
}
