package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import java.util.List;

/**
 * What committed entries are applied to. Data, membership and the id of the last applied entry change in one atomic
 * write (pitfall 48), so a state is always that of some prefix of the log.
 *
 * <p>{@link #apply} and {@link #flush} are confined to the apply thread; {@link #applied}, {@link #durable} and {@link
 * #membership} are safe for all threads. An exception from any of these stops the node: an entry is never skipped and
 * never tried twice (pitfall 49).
 */
public interface StateMachine extends AutoCloseable {
    /** The last applied entry, as of the last finished write. */
    EntryId applied();

    /** The last applied entry that would be found again after a power cut. At most {@link #applied}. */
    EntryId durable();

    /** The membership as of {@link #applied}. */
    Membership membership();

    /**
     * Applies a run of entries, contiguous with all before, in one atomic write. Deterministic: depends on the state
     * and the entries alone (pitfall 50).
     *
     * @return one outcome per entry, in order
     */
    List<Applied> apply(List<Entry> run);

    /** Makes everything applied so far durable, and returns what that is. */
    SnapshotMetadata flush();

    @Override
    void close();
}
