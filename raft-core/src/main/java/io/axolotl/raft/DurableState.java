package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of term and vote has been given out to be written, and what is known to be synced.
 *
 * <p>Confined to the driver thread.
 */
final class DurableState {
    private long givenTerm;
    private @Nullable NodeId givenVote;
    private long term;
    private @Nullable NodeId vote;

    /** The newest token that has not come back; null if everything that was given out is synced. */
    private @Nullable PersistToken awaited;

    DurableState(HardState recovered) {
        givenTerm = recovered.term();
        givenVote = recovered.votedFor();
        term = recovered.term();
        vote = recovered.votedFor();
    }

    /** Whether term or vote differ from what was last given out. */
    boolean isOutdated(long currentTerm, @Nullable NodeId currentVote) {
        return givenTerm != currentTerm || !Objects.equals(givenVote, currentVote);
    }

    /** Term and vote are given out to be written. */
    void given(long currentTerm, @Nullable NodeId currentVote) {
        givenTerm = currentTerm;
        givenVote = currentVote;
    }

    void given(PersistToken token) {
        awaited = token;
    }

    /** Whether something that was given out has not been reported synced. */
    boolean isAwaiting() {
        return awaited != null;
    }

    void persisted(PersistToken token) {
        if (token.term() > givenTerm) {
            throw new IllegalArgumentException("term " + token.term() + " was reported synced, but never given out");
        }
        term = token.term();
        vote = token.votedFor();
        // Two tokens that are equal promise the same: whatever lies between them has changed nothing.
        if (token.equals(awaited)) {
            awaited = null;
        }
    }

    /** The term that would be found after a crash now, or a later one. */
    long term() {
        return term;
    }

    /** Whether a crash now would be followed by a node that remembers this vote. */
    boolean remembers(long votedTerm, NodeId votedFor) {
        return term == votedTerm && votedFor.equals(vote);
    }
}
