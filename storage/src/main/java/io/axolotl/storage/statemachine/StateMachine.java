package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.command.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

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
     * Applies entries, contiguous with all before, in one atomic write: the first at least, and as many after it as keep
     * what the run holds in memory within bounds. The caller comes again with the rest. What becomes of the state is
     * deterministic: it depends on the state before and the entries alone, not on where runs end nor on who awaits what
     * (pitfall 50).
     *
     * @param isAwaited whether anybody here wants the result of a call; for others none is built, and none of what only
     *     it would tell is read. Asked on the calling thread
     * @return one outcome per applied entry, in order; empty only if {@code entries} is
     */
    List<Applied> apply(List<Entry> entries, Predicate<RequestId> isAwaited);

    /**
     * Applies all these entries, in as many runs as that takes, and holds every result in memory: for few entries.
     *
     * @return one outcome per entry, in order
     */
    default List<Applied> apply(List<Entry> entries) {
        List<Applied> outcomes = new ArrayList<>(apply(entries, id -> true));
        while (outcomes.size() < entries.size()) {
            outcomes.addAll(apply(entries.subList(outcomes.size(), entries.size()), id -> true));
        }
        return outcomes;
    }

    /** Makes everything applied so far durable, and returns what that is. */
    SnapshotMetadata flush();

    @Override
    void close();
}
