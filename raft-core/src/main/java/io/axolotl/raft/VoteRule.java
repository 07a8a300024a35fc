package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Who may have our vote: Raft §5.2 and §5.4.1, thesis §9.6. Pure.
 *
 * <p>Whether a vote is withheld because a leader is alive is not decided here but by the role, and before this.
 */
final class VoteRule {
    /** @param reason for people */
    record Verdict(boolean isGranted, String reason) {
        static Verdict refused(String reason) {
            return new Verdict(false, reason);
        }
    }

    private VoteRule() {}

    /**
     * @param leader known leader of that term, or null
     */
    static Verdict vote(
            NodeId candidate,
            EntryId candidateLast,
            @Nullable NodeId votedFor,
            @Nullable NodeId leader,
            EntryId ownLast) {
        if (votedFor != null && !votedFor.equals(candidate)) {
            return Verdict.refused("voted for " + votedFor);
        }
        if (votedFor == null && leader != null) {
            return Verdict.refused("term is led by " + leader);
        }
        return logs(candidateLast, ownLast);
    }

    /**
     * Whoever is no member here is refused, or one that was removed could campaign for ever (pitfall 21); unless its log goes
     * on after ours. What makes it a member may stand in there, and nobody but it may have that and be electable; while one
     * that was removed lacks the entry by which it was, and is refused by all who have that, which is a majority.
     *
     * @param askedTerm the term that would be campaigned for
     * @param isMember whether the candidate is in the membership in force here
     */
    static Verdict preVote(long askedTerm, EntryId candidateLast, boolean isMember, long ownTerm, EntryId ownLast) {
        if (!isMember && candidateLast.compareTo(ownLast) <= 0) {
            return Verdict.refused("not a member");
        }
        if (askedTerm <= ownTerm) {
            return Verdict.refused("already in term " + ownTerm);
        }
        return logs(candidateLast, ownLast);
    }

    private static Verdict logs(EntryId candidateLast, EntryId ownLast) {
        return candidateLast.compareTo(ownLast) < 0
                ? Verdict.refused("log ends in " + candidateLast + ", ours in " + ownLast)
                : new Verdict(true, "log is up to date");
    }
}
