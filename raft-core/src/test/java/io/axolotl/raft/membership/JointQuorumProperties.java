package io.axolotl.raft.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Pitfall 29: the one rule for "enough", against an oracle that tries every value and counts heads. */
class JointQuorumProperties {
    private static NavigableSet<NodeId> ids(Iterable<Integer> numbers) {
        NavigableSet<NodeId> ids = new TreeSet<>();
        numbers.forEach(number -> ids.add(new NodeId(number)));
        return ids;
    }

    private static boolean isMajority(NavigableSet<NodeId> voters, Map<NodeId, Long> reached, long value) {
        int count = 0;
        for (NodeId voter : voters) {
            if (reached.getOrDefault(voter, 0L) >= value) {
                count++;
            }
        }
        return voters.isEmpty() || 2 * count > voters.size();
    }

    private static Membership membership(List<Integer> voters, List<Integer> outgoing, List<Integer> others) {
        NavigableSet<NodeId> learners = ids(others);
        learners.removeAll(ids(voters));
        learners.removeAll(ids(outgoing));
        return new Membership(ids(voters), ids(outgoing), learners);
    }

    @Property(tries = 2000)
    void agreedIsTheLargestValueThatEachHalfHasReached(
            @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> voters,
            @ForAll @Size(max = 7) List<@IntRange(min = 1, max = 9) Integer> outgoing,
            @ForAll @Size(9) List<@LongRange(max = 6) Long> values) {
        TreeMap<NodeId, Long> reached = new TreeMap<>();
        for (int i = 0; i < values.size(); i++) {
            reached.put(new NodeId(i + 1), values.get(i));
        }
        Membership membership = membership(voters, outgoing, List.of(1, 5, 9));
        long expected = 0;
        for (long value = 1; value <= 6; value++) {
            if (isMajority(membership.voters(), reached, value)
                    && isMajority(membership.outgoingVoters(), reached, value)) {
                expected = value;
            }
        }
        assertThat(new JointQuorum(membership).agreed(node -> reached.getOrDefault(node, 0L)))
                .isEqualTo(expected);
    }

    @Property(tries = 2000)
    void electionIsWonByBothMajoritiesAndLostWhenNoneCanBeReached(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 6) Integer> voters,
            @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 6) Integer> outgoing,
            @ForAll @Size(max = 12) List<@IntRange(min = -6, max = 6) Integer> answers) {
        Membership membership = membership(voters, outgoing, List.of());
        VoteTally tally = new VoteTally(new JointQuorum(membership));
        TreeMap<NodeId, Long> yes = new TreeMap<>();
        TreeMap<NodeId, Long> notNo = new TreeMap<>();
        membership.all().forEach(node -> notNo.put(node, 1L));
        for (int answer : answers) {
            if (answer == 0) {
                continue;
            }
            NodeId voter = new NodeId(Math.abs(answer));
            boolean isFirst = !yes.containsKey(voter) && notNo.getOrDefault(voter, 1L) == 1;
            tally.record(voter, answer > 0);
            if (isFirst) {
                (answer > 0 ? yes : notNo).put(voter, answer > 0 ? 1L : 0L);
            }
        }
        boolean isWon = isMajority(membership.voters(), yes, 1) && isMajority(membership.outgoingVoters(), yes, 1);
        boolean isOpen = isMajority(membership.voters(), notNo, 1) && isMajority(membership.outgoingVoters(), notNo, 1);
        assertThat(tally.outcome())
                .isEqualTo(isWon ? VoteTally.Outcome.WON : isOpen ? VoteTally.Outcome.OPEN : VoteTally.Outcome.LOST);
    }

    @Example
    void evenNumbersNeedMoreThanHalf() {
        Quorum four = new Quorum(ids(List.of(1, 2, 3, 4)));
        assertThat(four.agreed(node -> node.value() <= 2 ? 1 : 0)).isZero();
        assertThat(four.agreed(node -> node.value() <= 3 ? 1 : 0)).isEqualTo(1);
    }
}
