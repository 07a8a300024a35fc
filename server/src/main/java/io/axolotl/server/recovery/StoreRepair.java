package io.axolotl.server.recovery;

import io.axolotl.server.stage.FatalHandler;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a damaged state: it is derived from snapshots and log, so it is set aside as a whole and made again,
 * from them or from the other members (faults D14, D16). It is never patched, for nobody can say what else is wrong in it.
 *
 * <p>What was set aside may be the last copy of something. So nothing takes its place on the disk, and it is kept, with the
 * reason beside it, until a whole state has taken on everything that is committed ({@link #dropDamaged}):
 *
 * <pre>
 *   1 the note says why      2 db becomes db.damaged1      3 an empty db      4 the note becomes db.damaged1.why
 * </pre>
 *
 * <p>Each step is durable before the next, and a start after a crash in between goes on with it.
 *
 * <p>Damage that shows while the node runs ends the process, for what the state answers is not to be believed; a note
 * beside the folder ({@link #condemn}) keeps the next start from opening it again.
 *
 * <p>Immutable; used by the thread that starts the node, and once by the thread that ends it.
 */
public final class StoreRepair {
    private static final long NOTE_MILLIS = 1_000;
    private static final String DAMAGED = ".damaged";
    private static final String WHY = ".why";

    private final Disk disk;
    private final Path folder;

    /** @param folder that of the live state, {@code member/db} */
    public StoreRepair(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /**
     * Whether this tells of damage to the state that making it anew mends, rather than of a failing disk, a full one, or another
     * release: files that do not hold what was written, or that hold what does not belong together. A damaged snapshot says
     * nothing of the state.
     */
    public static boolean isDamage(@Nullable Throwable failure) {
        for (Throwable at = failure; at != null && !(at instanceof SnapshotDamagedException); at = at.getCause()) {
            if (at instanceof StoreDamagedException || (at instanceof EngineException engine && engine.isDamage())) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #isDamage}, of opening the state: there the pointer to the live folder may be what is damaged. */
    static boolean isDamageAtOpen(RuntimeException failure) {
        return isDamage(failure) || failure instanceof SnapshotDamagedException;
    }

    /** Leaves a durable note that the state must be made anew by the next start. The first reason stays. */
    public void condemn(String reason) {
        if (disk.exists(note())) {
            return;
        }
        disk.replace(note(), reason.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Ends the process as {@code next} does, and before that, if damage to the state is the reason, condemns it. Waits for
     * the disk, but not long: the end matters more.
     */
    public FatalHandler condemning(FatalHandler next) {
        return (what, cause) -> {
            if (isDamage(cause)) {
                Thread note = new Thread(() -> condemn(what + ": " + cause), "axolotl-condemn");
                note.setDaemon(true);
                note.start();
                try {
                    note.join(NOTE_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            next.fatal(what, cause);
        };
    }

    /** Why an earlier life condemned the state, or null if it did not. */
    @Nullable String condemnation() {
        return disk.exists(note()) ? textOf(note()) : null;
    }

    private String textOf(Path file) {
        return StandardCharsets.UTF_8
                .decode(ByteBuffer.wrap(disk.readAll(file)))
                .toString();
    }

    /** Makes sure that there is a folder; a crash may have come between setting one aside and making another. */
    void ensureFolder() {
        boolean mayBeUnsynced = disk.isDirectory(folder) && disk.list(folder).isEmpty();
        if (mayBeUnsynced) {
            disk.nameAnew(folder);
        } else {
            disk.createDirectories(folder);
        }
    }

    /**
     * Puts an empty folder in the place of a damaged one, durably. The damaged one stays until {@link #dropDamaged}.
     *
     * @return where it is now
     */
    Path setAside(String reason) {
        // The first reason stays, written again: it may only be shown.
        String first = condemnation();
        disk.replace(note(), (first == null ? reason : first).getBytes(StandardCharsets.UTF_8));
        int number = 1;
        while (disk.exists(why(number))) {
            number++;
        }
        // Without its reason it was moved by a start that got no further: what is in its place now is that start's.
        if (!disk.exists(aside(number))) {
            disk.rename(folder, aside(number));
            disk.syncDirectory(parent());
        }
        ensureFolder();
        disk.rename(note(), why(number));
        disk.syncDirectory(parent());
        return aside(number);
    }

    /** What was set aside and is still there, and why, for people; the oldest first. */
    List<String> damages() {
        List<String> damages = new ArrayList<>();
        for (int number = 1; disk.exists(why(number)); number++) {
            damages.add("the state was set aside in " + aside(number) + ": " + textOf(why(number)));
        }
        return damages;
    }

    /**
     * Everything that is committed is in a whole state, durably or by the log: what was set aside is not needed any more. The
     * reasons go last, and from the highest number down, so that none is taken for one that was not moved to the end.
     */
    void dropDamaged() {
        int count = 0;
        while (disk.exists(why(count + 1))) {
            count++;
        }
        for (int number = count; number > 0; number--) {
            disk.deleteTree(aside(number));
            disk.syncDirectory(parent());
            disk.delete(why(number));
            disk.syncDirectory(parent());
        }
    }

    private Path aside(int number) {
        return folder.resolveSibling(folder.getFileName() + DAMAGED + number);
    }

    private Path why(int number) {
        return folder.resolveSibling(folder.getFileName() + DAMAGED + number + WHY);
    }

    private Path note() {
        return folder.resolveSibling(folder.getFileName() + ".condemned");
    }

    private Path parent() {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the state needs a folder that has a parent, got " + folder);
        }
        return parent;
    }
}
