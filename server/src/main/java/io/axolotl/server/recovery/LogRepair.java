package io.axolotl.server.recovery;

import io.axolotl.raft.HardState;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.LogLoss;
import io.axolotl.storage.wal.WalCorruptedException;
import io.axolotl.storage.wal.WalGapException;
import io.axolotl.storage.wal.WalOptions;
import io.axolotl.storage.wal.WalSalvage;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log usable again that damage has hit, without pretending that what cannot be read was never there (pitfalls 55,
 * 56; faults D11, D12, D17).
 *
 * <p>If the stored state and what can be read contain everything, the log is rewritten from it and that is all. Otherwise
 * the loss is written down first; the log goes on from what can be vouched for; and until the leader's entries or snapshot
 * have made up for the rest, the {@link VoteEmbargo} holds. Each step is durable before the next, and a start after a crash
 * in between goes on with it:
 *
 * <pre>
 *   1 the loss is remembered        2 the term is raised past it       3 the new log takes the old one's place
 *   ... normal replication ...      4 an entry of a later term is held: the loss is forgotten, the damaged files go
 * </pre>
 *
 * <p>The repair is confined to the thread that starts the node, {@link #settle} to the worker.
 */
final class LogRepair {
    private static final Logger log = LoggerFactory.getLogger(LogRepair.class);

    private final Disk disk;
    private final DataFolder folder;
    private final WalOptions options;

    LogRepair(Disk disk, DataFolder folder, WalOptions options) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
    }

    /** The loss that an earlier start has found and that is not made up for, or null. */
    @Nullable LogLoss pending(long term) {
        Optional<LogLoss> found = LogLoss.read(disk, folder.loss(), term);
        return found.orElse(null);
    }

    /**
     * Puts a log that can be opened in place of a damaged one.
     *
     * @param damage what opening it has met
     * @param firstLost the first index that may be missing
     * @param floor the last entry that the durable state contains
     * @param hasPeers whether there are others that can make up for what is missing
     * @return what was done, for people
     * @throws RuntimeException {@code damage} itself, if nobody can make up for it; nothing has been changed then
     */
    String repair(
            RuntimeException damage, long firstLost, EntryId floor, HardStateFile hardStateFile, boolean hasPeers) {
        String place = placeOf(damage);
        try (WalSalvage salvage = WalSalvage.inspect(disk, folder.wal(), options, floor)) {
            WalSalvage.Outcome outcome = salvage.outcome();
            if (outcome.isComplete()) {
                Path aside = salvage.rebuild();
                if (pending(hardStateFile.state().term()) == null) {
                    WalSalvage.dropDamaged(disk, folder.wal());
                } else {
                    log.info("{} stays until an earlier loss is made up for", aside);
                }
                String done = place + ". Nothing was lost: the stored state reaches through " + floor
                        + ", and the log was written anew with what follows " + outcome.keptPrevious() + " up to "
                        + outcome.keptLast();
                log.warn("the log was damaged in {}", done);
                return done;
            }
            if (!hasPeers) {
                throw damage;
            }
            remember(damage, place, firstLost, outcome, hardStateFile);
            Path aside = salvage.rebuild();
            String done = place + ". Kept: what follows " + outcome.keptPrevious() + " up to " + outcome.keptLast()
                    + "; to be fetched from the others: all from entry "
                    + (outcome.keptLast().index() + 1)
                    + (outcome.knownLast() == null
                            ? " on, how far is not known"
                            : " to " + outcome.knownLast() + ", where the log ended")
                    + ". Until then this member does not campaign, and votes "
                    + (outcome.knownLast() == null ? "for nobody" : "only for whoever holds as much as that")
                    + "; the damaged files are kept in " + aside;
            log.warn("the log is damaged in {}", done);
            return done;
        }
    }

    private static String placeOf(RuntimeException damage) {
        if (damage instanceof WalCorruptedException corrupted) {
            return corrupted.place();
        }
        return damage instanceof WalGapException gap ? gap.place() : String.valueOf(damage.getMessage());
    }

    private void remember(
            RuntimeException damage,
            String place,
            long firstLost,
            WalSalvage.Outcome outcome,
            HardStateFile hardStateFile) {
        HardState state = hardStateFile.state();
        EntryId knownLast = outcome.knownLast();
        if (knownLast != null && knownLast.term() > state.term()) {
            damage.addSuppressed(new IllegalStateException("the log ended in " + knownLast
                    + ", but the remembered term is " + state.term() + ": term and vote were lost too"));
            throw damage;
        }
        LogLoss loss = new LogLoss(
                new VoteEmbargo(state.term(), knownLast),
                Math.min(firstLost, outcome.keptLast().index() + 1),
                place);
        LogLoss earlier = pending(state.term());
        (earlier == null ? loss : loss.and(earlier)).write(disk, folder.loss());
    }

    /**
     * Raises the term past a loss, so that only leaders elected since are followed. The commit index is forgotten with it:
     * it was about entries that may be among the lost ones. Idempotent.
     */
    static void raiseTerm(LogLoss loss, HardStateFile hardStateFile) {
        HardState state = hardStateFile.state();
        if (state.term() <= loss.embargo().throughTerm()) {
            hardStateFile.write(new HardState(loss.embargo().throughTerm() + 1, null, 0));
        }
    }

    /** Gives back the room of damaged files that an earlier start had got no further than to replace. */
    void dropUnlessPending() {
        if (!disk.exists(folder.loss())) {
            WalSalvage.dropDamaged(disk, folder.wal());
        }
    }

    /** The loss has been made up for: forgets it, and gives back the room of the damaged files. */
    void settle() {
        LogLoss.forget(disk, folder.loss());
        WalSalvage.dropDamaged(disk, folder.wal());
    }
}
