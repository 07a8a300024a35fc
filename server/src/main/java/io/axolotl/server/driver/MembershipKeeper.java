package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.statemachine.Roster;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the membership to where the applied commands want it (docs/adr/0020). Whoever leads does so, from what is applied
 * alone: a change that a former leader left undone is found and done by the next, and one that is done is not begun twice.
 *
 * <p>A leader looks only at a state that contains everything of earlier terms, or it would take back what it has not applied
 * yet; and begins a change only when the one before is over and applied.
 *
 * <p>Confined to the driver thread.
 */
final class MembershipKeeper {
    private static final Logger log = LoggerFactory.getLogger(MembershipKeeper.class);
    private static final long RETRY_NANOS = 50_000_000L;

    private final RosterWatch rosters;
    private long nextTryNanos;
    private long lastId;
    private String lastRefusal = "";

    MembershipKeeper(RosterWatch rosters, long nowNanos) {
        this.rosters = rosters;
        this.nextTryNanos = nowNanos;
    }

    /** Whether there is anything to do here. Cheap. */
    boolean isIdle(long nowNanos) {
        return rosters.current().dueChange().isEmpty() || nowNanos - nextTryNanos < 0;
    }

    /**
     * Begins what is due, if this node leads and nothing is under way.
     *
     * @param hasAppliedOwnTerm whether an entry of the leader's own term is applied here, and so all before it are
     */
    void step(NodeView view, boolean hasAppliedOwnTerm, long nowNanos, Consumer<Input.ChangeMembership> stepper) {
        nextTryNanos = nowNanos + RETRY_NANOS;
        Roster roster = rosters.current();
        boolean isQuiet = view.isMembershipSettled() && view.membership().equals(roster.membership());
        if (!view.isLeader() || !hasAppliedOwnTerm || !isQuiet) {
            return;
        }
        MembershipChange change = next(roster);
        log.info("changing the membership: {}", describe(change));
        stepper.accept(new Input.ChangeMembership(++lastId, change));
    }

    /** Promotions last and by themselves: one that has to wait for its learner must not hold up the rest. */
    private static MembershipChange next(Roster roster) {
        MembershipChange due = roster.dueChange();
        MembershipChange promotions = MembershipChange.NONE;
        MembershipChange others = MembershipChange.NONE;
        for (NodeId voter : due.voters()) {
            if (roster.membership().isLearner(voter)) {
                promotions = promotions.withVoter(voter);
            } else {
                others = others.withVoter(voter);
            }
        }
        for (NodeId learner : due.learners()) {
            others = others.withLearner(learner);
        }
        for (NodeId gone : due.removed()) {
            others = others.without(gone);
        }
        return others.isEmpty() ? promotions : others;
    }

    private static String describe(MembershipChange change) {
        return "voters " + change.voters() + ", learners " + change.learners() + ", removed " + change.removed();
    }

    /** The core says what became of a change; one that it refused is tried again. */
    void outcomes(List<ProposalOutcome> outcomes) {
        for (ProposalOutcome outcome : outcomes) {
            if (outcome instanceof ProposalOutcome.ChangeRefused refused && refused.proposalId() == lastId) {
                if (!refused.explanation().equals(lastRefusal)) {
                    log.warn("the membership cannot be changed yet: {}", refused.explanation());
                }
                lastRefusal = refused.explanation();
            }
        }
    }
}
