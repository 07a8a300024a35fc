package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.message.Envelope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the caller owes after one or more steps. The durability contract is in the fields, not in a paragraph: what is
 * in {@link #sendNow} may leave at once, what is in {@link #sendAfterPersist} may not.
 *
 * <p>Several {@code Ready} may be under way at once. Their writes must reach the disk in the order in which the {@code
 * Ready} were taken; one sync may cover many. After it: send the {@code sendAfterPersist} of all that it covered, then
 * step {@link Input.Persisted} with the newest token.
 *
 * <p>Immutable.
 *
 * @param hardState to be written and synced with the entries, or null if neither term nor vote has changed
 * @param entriesToPersist contiguous. If the first index is not one past the log's last, the log's suffix from that
 *     index on is cut first
 * @param snapshotToInstall replace the state machine and the whole log by this snapshot, then step {@link
 *     Input.SnapshotInstalled}; until then no {@code committed} entries are given out. Or null
 * @param persistToken echo by {@link Input.Persisted} once all of this is durable; null if nothing has to be synced and
 *     {@code sendAfterPersist} is empty
 * @param sendNow messages that rest on nothing unsynced
 * @param sendAfterPersist messages that rest on what this {@code Ready} persists or on an earlier one not yet synced
 * @param committed entries to apply, contiguous with all given out before, each already persisted here
 * @param readStates answers to {@link Input.ReadIndex}
 * @param proposalOutcomes answers to {@link Input.Propose}, in order
 * @param trace what happened, in order: the source of log lines, metrics, transcripts and coverage marks
 */
public record Ready(
        @Nullable HardState hardState,
        List<Entry> entriesToPersist,
        @Nullable SnapshotMetadata snapshotToInstall,
        @Nullable PersistToken persistToken,
        List<Envelope> sendNow,
        List<Envelope> sendAfterPersist,
        List<Entry> committed,
        List<ReadState> readStates,
        List<ProposalOutcome> proposalOutcomes,
        List<TraceEvent> trace) {}
