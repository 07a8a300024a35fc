package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import org.jspecify.annotations.Nullable;

/**
 * What binds a node that has lost a part of its log to damage: it acknowledged entries that it can no longer read, so in an
 * election it must count neither as having them nor as lacking them (pitfalls 55, 56; faults D11, D12). Until it is known
 * to hold them again it does not campaign, and gives its vote only if that vote is the one that it would have given before
 * the damage.
 *
 * <p><b>When it ends.</b> The node starts in a term after {@link #throughTerm}, so it follows only leaders of later terms.
 * Such a leader was elected without this node's vote, or with one that was as good as before the damage; by Leader
 * Completeness it holds, before its own first entry, everything that was committed in earlier terms, and all that this node
 * ever acknowledged before the damage was of those terms. So once this node durably holds any entry of a term after {@code
 * throughTerm}, its log is, up to there, the log of such a leader (Log Matching), and nothing that the loss could have
 * taken back is missing. It does not matter how much was lost, nor whether that can be told.
 *
 * <p>The caller keeps the embargo on disk until {@link TraceEvent.EmbargoLifted} was seen; what is found lifted at the
 * start is lifted at once. Immutable.
 *
 * @param throughTerm what was lost was acknowledged in this term or earlier ones
 * @param knownLast the last entry of the log before the damage, if that is known for certain; then a candidate whose log is
 *     at least as up to date may have the vote (Raft §5.4.1). Null: nobody may
 */
public record VoteEmbargo(long throughTerm, @Nullable EntryId knownLast) {
    public VoteEmbargo {
        if (throughTerm < 0 || (knownLast != null && knownLast.term() > throughTerm)) {
            throw new IllegalArgumentException(
                    "an embargo through term " + throughTerm + " cannot be about a log that ends in " + knownLast);
        }
    }

    /** Whether a log that ends this way stands above what was lost. */
    boolean isOverWith(long durableLastTerm) {
        return durableLastTerm > throughTerm;
    }

    /** Why a candidate with this log gets no vote, or null if the embargo is no reason to refuse it. */
    @Nullable String objection(EntryId candidateLast) {
        if (knownLast == null) {
            return "a part of the own log is damaged, and how far it went is not known";
        }
        return candidateLast.compareTo(knownLast) < 0
                ? "log ends in " + candidateLast + ", ours ended in " + knownLast + " before it was damaged"
                : null;
    }
}
