package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.JointQuorum;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Verdict.Testimony;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * The verdict is held against an oracle that, unlike a member, knows everything: who went wrong at which entry, who copied
 * from whom, and what each digest ever was.
 */
class VerdictProperties {
    private static final int LAST = 24;

    /** A member's whole life: what its digest was after each entry, and what of it is not its own. */
    private record Life(NodeId id, long[] digests, int copiedThrough) {
        /** The first entry at which it came to something else than the other; beyond the last if there is none. */
        int partsFrom(Life other) {
            int first = Arrays.mismatch(digests, other.digests);
            return first < 0 ? LAST + 1 : first;
        }

        /** What it can still tell when it has come to {@code newest} and keeps {@code kept} digests. */
        Testimony tells(int oldest, int newest) {
            long[] indexes = LongStream.rangeClosed(Math.max(1, oldest), newest).toArray();
            long[] told =
                    Arrays.stream(indexes).map(index -> digests[(int) index]).toArray();
            return new Testimony(new Checkpoints(indexes, told), copiedThrough);
        }
    }

    private static Membership voters(int count) {
        return Membership.ofVoters(ids(1, count));
    }

    private static List<NodeId> ids(int from, int to) {
        List<NodeId> ids = new ArrayList<>();
        for (int id = from; id <= to; id++) {
            ids.add(new NodeId(id));
        }
        return ids;
    }

    /** Lives in which some go wrong at some entry, alone or in the same way as another, and some copy from another. */
    private static List<Life> lives(int count, Random random) {
        List<Life> lives = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            long[] digests = new long[LAST + 1];
            int copied = 0;
            if (!lives.isEmpty() && random.nextInt(4) == 0) {
                Life source = lives.get(random.nextInt(lives.size()));
                copied = 1 + random.nextInt(LAST);
                System.arraycopy(source.digests, 0, digests, 0, copied + 1);
            }
            int fault = random.nextInt(3) == 0 ? copied + 1 + random.nextInt(LAST) : LAST + 1;
            long flavour = 1L + random.nextInt(2);
            for (int at = copied + 1; at <= LAST; at++) {
                digests[at] = digests[at - 1] * 31 + at + (at == fault ? flavour * 1_000 : 0);
            }
            lives.add(new Life(new NodeId(i), digests, copied));
        }
        return lives;
    }

    private static int firstParting(List<Life> lives) {
        int first = LAST + 1;
        for (Life one : lives) {
            for (Life other : lives) {
                first = Math.min(first, one.partsFrom(other));
            }
        }
        return first;
    }

    /** Those of a camp who applied for themselves all entries at which anybody came to something else than they. */
    private static Set<NodeId> trueWitnesses(List<NodeId> camp, List<Life> lives) {
        TreeSet<NodeId> witnesses = new TreeSet<>();
        for (NodeId id : camp) {
            Life life = lives.get((int) id.value() - 1);
            if (lives.stream().allMatch(other -> life.partsFrom(other) > life.copiedThrough)) {
                witnesses.add(id);
            }
        }
        return witnesses;
    }

    @Property(tries = 20_000)
    @Label(
            "ADR 16: whatever was forgotten, lags or fell silent, a verdict rests on a quorum that each applied what is disputed")
    void noVerdictRestsOnCopies(@ForAll @IntRange(min = 2, max = 6) int count, @ForAll Random random) {
        List<Life> lives = lives(count, random);
        int parting = firstParting(lives);
        if (parting > LAST) {
            return;
        }
        Map<NodeId, Testimony> heard = new TreeMap<>();
        for (Life life : lives) {
            int newest = random.nextBoolean() ? LAST : 1 + random.nextInt(LAST);
            if (random.nextInt(6) > 0 || heard.isEmpty()) {
                heard.put(life.id, life.tells(newest - random.nextInt(LAST), newest));
            }
        }
        NodeId judge = List.copyOf(heard.keySet()).get(random.nextInt(heard.size()));
        int agreed = random.nextBoolean() ? parting - 1 : random.nextInt(parting);
        int seen = random.nextBoolean() ? parting : parting + random.nextInt(LAST + 1 - parting);
        Divergence found = new Divergence(agreed, seen);
        Membership membership = random.nextInt(4) == 0 ? voters(Math.max(1, count - 1)) : voters(count);

        Verdict verdict = Verdict.reach(judge, membership, heard, found);
        Statistics.label("verdict").collect(verdict != null);
        if (verdict == null) {
            return;
        }
        assertThat(verdict.at()).isGreaterThanOrEqualTo(found.differsIndex());
        Set<NodeId> witnesses = trueWitnesses(verdict.right(), lives);
        assertThat(witnesses).hasSizeGreaterThan(1);
        assertThat(new JointQuorum(membership).isReached(witnesses::contains)).isTrue();
        long digest = lives.get((int) verdict.right().get(0).value() - 1).digests[(int) verdict.at()];
        for (Map.Entry<NodeId, Testimony> each : heard.entrySet()) {
            Checkpoints told = each.getValue().checkpoints();
            assertThat(verdict.right().contains(each.getKey()))
                    .isEqualTo(told.has(verdict.at()) && told.digestAt(verdict.at()) == digest);
        }
    }

    @Property(tries = 10_000)
    @Label("ADR 16: when all are heard and nothing is forgotten, the verdict is the oracle's")
    void whoKnowsEverythingJudgesAlike(@ForAll @IntRange(min = 2, max = 6) int count, @ForAll Random random) {
        List<Life> lives = lives(count, random);
        int parting = firstParting(lives);
        if (parting > LAST) {
            return;
        }
        Map<NodeId, Testimony> heard = new TreeMap<>();
        lives.forEach(life -> heard.put(life.id, life.tells(1, LAST)));
        // That whoever copied parts later than that is seen from what is told; what is found must not hide it.
        Divergence found = new Divergence(parting - 1, parting);
        List<NodeId> expected = null;
        for (Life life : lives) {
            List<NodeId> camp = lives.stream()
                    .filter(other -> other.digests[LAST] == life.digests[LAST])
                    .map(Life::id)
                    .toList();
            Set<NodeId> witnesses = trueWitnesses(camp, lives);
            witnesses.removeIf(id -> lives.get((int) id.value() - 1).copiedThrough >= parting);
            if (witnesses.size() > 1 && new JointQuorum(voters(count)).isReached(witnesses::contains)) {
                expected = camp;
            }
        }
        Verdict verdict = Verdict.reach(new NodeId(1), voters(count), heard, found);
        Statistics.label("verdict").collect(verdict != null);
        if (expected != null) {
            assertThat(verdict).isEqualTo(new Verdict(LAST, expected));
        }
    }

    private static Testimony told(int from, int to, int flavour, int copiedThrough) {
        long[] indexes = LongStream.rangeClosed(from, to).toArray();
        return new Testimony(
                new Checkpoints(
                        indexes,
                        Arrays.stream(indexes)
                                .map(i -> i <= 10 ? i : i * flavour)
                                .toArray()),
                copiedThrough);
    }

    private static @Nullable Verdict reach(Membership membership, Testimony... told) {
        Map<NodeId, Testimony> heard = new TreeMap<>();
        for (int i = 0; i < told.length; i++) {
            heard.put(new NodeId(i + 1), told[i]);
        }
        return Verdict.reach(new NodeId(1), membership, heard, new Divergence(10, 11));
    }

    @Example
    @Label("ADR 16: a member that installed the diverged leader's snapshot does not make it a majority")
    void copiesAreNoEvidence() {
        assertThat(reach(voters(3), told(1, 20, 2, 0), told(1, 20, 3, 0), told(1, 20, 2, 15)))
                .isNull();
        assertThat(reach(voters(3), told(1, 20, 2, 0), told(1, 20, 3, 0), told(1, 20, 2, 10)))
                .as("it has applied the disputed entries itself")
                .isEqualTo(new Verdict(20, List.of(new NodeId(1), new NodeId(3))));
    }

    @Example
    @Label("ADR 16: one that fell silent does not keep the others from a verdict")
    void aSilentMemberHoldsUpNobody() {
        assertThat(reach(
                        voters(5),
                        told(30, 60, 2, 0),
                        told(30, 60, 3, 0),
                        told(30, 59, 3, 0),
                        told(30, 60, 3, 0),
                        told(1, 12, 3, 0)))
                .isEqualTo(new Verdict(59, ids(2, 4)));
    }

    @Example
    @Label("ADR 16: the only voter is no witness in its own cause, neither alone nor with one that copied it")
    void oneVoterAloneIsNoVerdict() {
        Membership one = voters(1);
        assertThat(reach(one, told(1, 20, 2, 0), told(1, 20, 3, 0))).isNull();
        assertThat(reach(one, told(1, 20, 2, 0), told(1, 20, 3, 0), told(1, 20, 2, 12)))
                .isNull();
        assertThat(reach(one, told(1, 20, 2, 0), told(1, 20, 3, 0), told(1, 20, 2, 0)))
                .isEqualTo(new Verdict(20, List.of(new NodeId(1), new NodeId(3))));
    }
}
