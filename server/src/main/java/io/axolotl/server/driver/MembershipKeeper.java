package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.statemachine.Roster;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    private MembershipChange lastDue = MembershipChange.NONE;
    private MembershipChange lastChange = MembershipChange.NONE;
    private @Nullable NodeId lastPromoted;

    /** What the core would not begin since {@link #lastDue} is due, to tell of each only once. */
    private final Set<MembershipChange> refused = new HashSet<>();

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
        if (!roster.dueChange().equals(lastDue)) {
            lastDue = roster.dueChange();
            refused.clear();
        }
        lastChange = next(roster);
        if (!refused.contains(lastChange)) {
            log.info("changing the membership: {}", describe(lastChange));
        }
        stepper.accept(new Input.ChangeMembership(++lastId, lastChange));
    }

    /**
     * First who comes and who goes, promotions after that: one that has to wait for its learner must not hold up the rest.
     * But the last voter goes only when another votes, so then who is to take over comes before it.
     */
    private MembershipChange next(Roster roster) {
        Membership now = roster.membership();
        MembershipChange due = roster.dueChange();
        MembershipChange comings = MembershipChange.NONE;
        NavigableSet<NodeId> promotions = new TreeSet<>();
        for (NodeId voter : due.voters()) {
            if (now.isLearner(voter)) {
                promotions.add(voter);
            } else {
                comings = comings.withVoter(voter);
            }
        }
        for (NodeId learner : due.learners()) {
            comings = comings.withLearner(learner);
        }
        MembershipChange others = new MembershipChange(comings.voters(), comings.learners(), due.removed());
        boolean leavesVoters = !others.voters().isEmpty() || !due.removed().containsAll(now.voters());
        if (!leavesVoters && !promotions.isEmpty()) {
            others = comings;
        }
        return others.isEmpty() ? promotionOf(promotions) : others;
    }

    /** One at a time and in turn: the core refuses the whole of a change when one learner in it is not ready. */
    private MembershipChange promotionOf(NavigableSet<NodeId> learners) {
        NodeId next = lastPromoted == null ? null : learners.higher(lastPromoted);
        lastPromoted = next == null ? learners.first() : next;
        return MembershipChange.NONE.withVoter(lastPromoted);
    }

    private static String describe(MembershipChange change) {
        return "voters " + change.voters() + ", learners " + change.learners() + ", removed " + change.removed();
    }

    /** The core says what became of a change; one that it refused is tried again. */
    void outcomes(List<ProposalOutcome> outcomes) {
        for (ProposalOutcome outcome : outcomes) {
            if (outcome instanceof ProposalOutcome.ChangeRefused why
                    && why.proposalId() == lastId
                    && refused.add(lastChange)) {
                log.warn("the membership cannot be changed yet: {}", why.explanation());
            }
        }
    }
}
