package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.wal.HardStateLostException;
import io.axolotl.storage.wal.WalCorruptedException;
import io.axolotl.storage.wal.WalFailedException;
import io.axolotl.storage.wal.WalGapException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the storage says when a disk fails, is full or is damaged. Whatever else ends a process is a bug of ours, in whatever
 * state its disk may be.
 *
 * <p>Stateless.
 */
final class DiskTrouble {
    private static final List<Class<? extends RuntimeException>> WORDS = List.of(
            DiskException.class,
            EngineException.class,
            HardStateLostException.class,
            SnapshotDamagedException.class,
            StoreDamagedException.class,
            UnknownFormatException.class,
            WalCorruptedException.class,
            WalFailedException.class,
            WalGapException.class);

    private DiskTrouble() {}

    /** Whether this, or what has caused it, is one of these. */
    static boolean explains(RuntimeException end) {
        for (@Nullable Throwable at = end; at != null; at = at.getCause()) {
            Throwable cause = at;
            if (WORDS.stream().anyMatch(word -> word.isInstance(cause))) {
                return true;
            }
        }
        return false;
    }
}
