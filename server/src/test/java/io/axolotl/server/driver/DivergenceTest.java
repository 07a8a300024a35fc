package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Members whose states part are found, named, kept from serving and repaired; and nobody by guess. */
class DivergenceTest {
    private static final String VICTIM = "victim";

    private final HandRunCluster cluster = new HandRunCluster(11, 3, Tuning.defaults());

    /** What each member last said of where it had diverged, noted at every turn. */
    private final Map<NodeId, Divergence> said = new TreeMap<>();

    private void runUntil(String what, BooleanSupplier condition) {
        cluster.runUntil(what, () -> {
            for (Member member : cluster.members()) {
                Divergence now = store(member).divergence();
                if (now != null) {
                    said.put(member.id, now);
                }
            }
            return condition.getAsBoolean();
        });
    }

    /** Puts this many keys, a hundred at a time. */
    private void put(Member at, String prefix, int count) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(at.put(prefix + i));
            if (i % 100 == 99) {
                runUntil("puts", () -> outcomes.stream().allMatch(Outcome::isAnswered));
            }
        }
        runUntil("puts", () -> outcomes.stream().allMatch(Outcome::isAnswered));
    }

    private long putOne(Member at, String key) {
        Outcome outcome = at.put(key);
        runUntil(key, outcome::isDone);
        return at.stages.applier.appliedIndex();
    }

    /** The member loses one key behind the back of everybody, and is running again. */
    private Member loseAKey(NodeId id) {
        Member member = cluster.member(id);
        runUntil("it has the key", () -> member.versions(VICTIM) == 1);
        member.stages.applier.store().flush();
        cluster.crash(member);
        cluster.tamperAtNextStart(id, DivergenceTest::deleteTheKey);
        cluster.startAllThatAreDown();
        return cluster.member(id);
    }

    private static void deleteTheKey(MemoryEngine engine) {
        try (AtomicWrite write = engine.newWrite()) {
            write.delete(Space.IDX, VICTIM.getBytes(StandardCharsets.UTF_8));
            engine.write(write);
        }
    }

    private static boolean isTrusted(Member member) {
        return member.stages.applier.isTrusted();
    }

    private static KvStateMachine store(Member member) {
        return member.stages.applier.store();
    }

    /** Turns until everybody is trusted and equal; returns what the member last said of where it had diverged. */
    private Divergence runUntilRepaired(Member diverged) {
        runUntil(
                "node " + diverged.id + " is repaired",
                () -> diverged.stages.applier.lastInstalled() != null
                        && cluster.members().stream().allMatch(DivergenceTest::isTrusted));
        assertAllEqual();
        return Objects.requireNonNull(said.get(diverged.id), "it did not say where it had diverged");
    }

    private void assertAllEqual() {
        runUntil(
                "all have applied the same",
                () -> cluster.members().stream()
                                .map(member -> store(member).applied())
                                .distinct()
                                .count()
                        == 1);
        assertThat(cluster.members().stream()
                        .map(member -> store(member).digest())
                        .distinct())
                .as("states")
                .hasSize(1);
        assertThat(cluster.members().stream()
                        .map(member -> store(member).historyDigest())
                        .distinct())
                .as("histories")
                .hasSize(1);
        assertThat(cluster.members()).allMatch(member -> store(member).divergence() == null);
    }

    @Test
    @DisplayName("I7, B9: a follower whose state was altered is found within an interval, named, and repaired")
    void alteredFollowerIsFoundNamedAndRepaired() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        put(leader, "before", 300);
        long from = leader.stages.applier.appliedIndex();
        long touched = putOne(leader, VICTIM);
        put(leader, "after", 1_100);
        Divergence named = runUntilRepaired(altered);
        assertThat(named.agreedIndex()).isLessThan(touched);
        assertThat(named.differsIndex()).isGreaterThan(from);
        assertThat(named.differsIndex() - named.agreedIndex()).as(named.range()).isEqualTo(64);
        assertThat(altered.versions(VICTIM)).isEqualTo(2);
    }

    @Test
    @DisplayName("I7: an entry that was replaced on its way to one member's log is found, though its state looks whole")
    void replacedEntryIsFoundAndRepaired() {
        Member leader = cluster.leader();
        Member other = cluster.followers().get(0);
        cluster.bendMessagesTo(other.id, DivergenceTest::withoutTheVictim);
        putOne(leader, VICTIM);
        runUntil(
                "it has applied what it got",
                () -> other.stages.applier.appliedIndex() == leader.stages.applier.appliedIndex());
        assertThat(other.versions(VICTIM)).isZero();
        cluster.bendMessagesTo(other.id, UnaryOperator.identity());
        put(leader, "k", 1_100);
        Divergence named = runUntilRepaired(other);
        assertThat(named.agreedIndex()).isZero();
        assertThat(named.differsIndex()).isEqualTo(64);
        assertThat(other.versions(VICTIM)).isEqualTo(1);
    }

    /** The same entries, but for one that became a no-op. */
    private static Message withoutTheVictim(Message message) {
        if (!(message instanceof Message.AppendEntries append)) {
            return message;
        }
        List<Entry> entries = append.entries().stream()
                .map(entry -> new String(entry.payload(), StandardCharsets.ISO_8859_1).contains(VICTIM)
                        ? new Entry(entry.id(), Entry.Kind.NO_OP, new byte[0])
                        : entry)
                .toList();
        return new Message.AppendEntries(
                append.term(), append.previous(), entries, append.commitIndex(), append.readRound(), append.epoch());
    }

    @Test
    @DisplayName("I7: a leader that is the minority hands over, serves nothing, and is repaired by the others")
    void divergedLeaderHandsOverAndIsRepaired() {
        Member first = cluster.leader();
        putOne(first, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        cluster.moveLeadership(first, altered);
        putOne(altered, VICTIM);
        put(altered, "k", 1_100);
        runUntil(
                "another leads",
                () -> cluster.members().stream()
                        .anyMatch(member -> member != altered && member.view().isLeader()));
        runUntilRepaired(altered);
        Outcome after = altered.put("after");
        runUntil("it serves again", after::isDone);
    }

    @Test
    @DisplayName("I7: a member in quarantine answers no read, tells no result, and hands on no snapshot")
    void quarantinedMemberServesNothing() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        putOne(leader, VICTIM);
        cluster.loseSnapshots(true);
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            puts.add(altered.put("k" + i));
        }
        runUntil("all are answered", () -> puts.stream().allMatch(Outcome::isAnswered));
        runUntil("the difference is seen", () -> !isTrusted(altered));
        Outcome later = altered.put("later");
        List<Optional<Failure>> read = altered.barrier();
        runUntil("answers", () -> later.isAnswered() && !read.isEmpty());
        assertThat(isTrusted(altered)).isFalse();
        assertThat(read).containsExactly(Optional.of(Failure.QUARANTINED));
        assertThat(later.result).isEqualTo(new ProposalResult.Unknown(Failure.QUARANTINED));
        assertThat(cluster.members()).allMatch(member -> member == altered || isTrusted(member));
        cluster.loseSnapshots(false);
        cluster.run(3_100);
        runUntilRepaired(altered);
    }

    @Test
    @DisplayName("one against one, the third down: nobody repairs by guess, each stops and names the entries; when the"
            + " third is back, the wrong one is repaired")
    void nobodyRepairsByGuess() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        NodeId alteredId = cluster.followers().get(0).id;
        Member third = cluster.followers().get(1);
        Member altered = loseAKey(alteredId);
        cluster.crash(third);
        putOne(leader, VICTIM);
        put(leader, "k", 1_100);
        runUntil("both are in doubt", () -> cluster.members().stream().noneMatch(DivergenceTest::isTrusted));
        List<Member> stopped = List.of(leader, altered);
        assertThatThrownBy(() -> cluster.run(5_000))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("stops")
                .hasMessageContaining("entries ");
        assertThat(stopped).allMatch(member -> member.stages.applier.lastInstalled() == null);
        assertThat(stopped)
                .as("QU-2: nobody may change anything any more, whoever leads next")
                .anyMatch(member -> store(member).alarms().isRaised(AlarmKind.CORRUPT));
        stopped.forEach(cluster::crash);
        cluster.startAllThatAreDown();
        assertThat(cluster.member(alteredId).stages.applier.isTrusted())
                .as("a restart does not forget the doubt")
                .isFalse();
        runUntilRepaired(cluster.member(alteredId));
    }

    @Test
    @DisplayName("when nothing is wrong, digests are compared once per interval, and nobody is ever in doubt")
    void equalDigestsCostOneEntryPerInterval() {
        Member leader = cluster.leader();
        put(leader, "k", 4_000);
        cluster.run(50);
        assertAllEqual();
        long extra = leader.stages.applier.appliedIndex() - 4_000;
        assertThat(extra)
                .as("the leader's no-op, and a comparison per 1,024 entries")
                .isBetween(3L, 8L);
        assertThat(cluster.members()).allMatch(DivergenceTest::isTrusted);
    }

    @Test
    @DisplayName(
            "I7: whom a diverged leader has sent its snapshot bears no witness for it; the healthy one is not replaced")
    void aCopyOfTheDivergedLeaderCondemnsNobody() {
        HandRunCluster small = new HandRunCluster(12, 3, Tuning.defaults().withSnapshots(200, 10));
        Member first = small.leader();
        runIn(small, first, VICTIM, 1);
        NodeId leaderId = small.followers().get(0).id;
        Member altered = alterIn(small, leaderId);
        if (!altered.view().isLeader()) {
            small.moveLeadership(small.leader(), altered);
        }
        Member healthy = small.followers(altered).get(0);
        NodeId behindId = small.followers(altered).get(1).id;
        small.crash(small.member(behindId));
        runIn(small, altered, VICTIM, 1);
        runIn(small, altered, "k", 400);
        small.start(behindId);
        Member behind = small.member(behindId);
        small.runUntil("it has the leader's snapshot", () -> behind.stages.applier.lastInstalled() != null);
        assertThat(small.members()).as("nobody has noticed yet").allMatch(DivergenceTest::isTrusted);

        for (int i = 0; i < 900; i++) {
            Outcome unused = altered.put("l" + i);
        }
        small.runUntil("all are in doubt", () -> small.members().stream().noneMatch(DivergenceTest::isTrusted));
        assertThatThrownBy(() -> small.run(5_000)).isInstanceOf(DivergedException.class);
        assertThat(healthy.stages.applier.lastInstalled()).as("not replaced").isNull();
        assertThat(healthy.versions(VICTIM)).isEqualTo(2);
    }

    private static void runIn(HandRunCluster small, Member at, String prefix, int count) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(at.put(count == 1 ? prefix : prefix + i));
        }
        small.runUntil("puts", () -> outcomes.stream().allMatch(Outcome::isDone));
    }

    private static Member alterIn(HandRunCluster small, NodeId id) {
        Member member = small.member(id);
        small.runUntil("it has the key", () -> member.versions(VICTIM) == 1);
        member.stages.applier.store().flush();
        small.crash(member);
        small.tamperAtNextStart(id, DivergenceTest::deleteTheKey);
        small.startAllThatAreDown();
        small.leader();
        return small.member(id);
    }

    /** More entries than any member keeps digests of; at every turn, those it names are trusted. */
    private static void passOneRing(HandRunCluster world, Member at, List<NodeId> healthy) {
        for (int done = 0; done < 68_000; done += 2_000) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                outcomes.add(at.put("k" + i));
            }
            world.runUntil("puts", () -> {
                assertThat(healthy).allMatch(id -> isTrusted(world.member(id)));
                return outcomes.stream().allMatch(Outcome::isAnswered);
            });
            assertThat(outcomes).allMatch(Outcome::isDone);
        }
    }

    @Test
    @DisplayName(
            "I7: one in quarantine puts nobody in doubt again, neither when nobody keeps digests from before it diverged,"
                    + " nor one that was restarted")
    void aRefutedMemberStopsNobodyHoweverLongItLasts() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        putOne(leader, VICTIM);
        cluster.loseSnapshots(true);
        put(leader, "k", 1_100);
        runUntil("it is found", () -> !isTrusted(altered));
        NodeId other = cluster.followers(leader).stream()
                .filter(member -> member != altered)
                .findFirst()
                .orElseThrow()
                .id;
        List<NodeId> healthy = List.of(leader.id, other);
        runUntil("the others know", () -> healthy.stream().allMatch(id -> isTrusted(cluster.member(id))));
        cluster.run(100);
        passOneRing(cluster, leader, healthy);

        cluster.crash(cluster.member(other));
        cluster.start(other);
        for (int i = 0; i < 300; i++) {
            cluster.turn();
            assertThat(healthy).allMatch(id -> isTrusted(cluster.member(id)));
        }
        assertThat(isTrusted(altered)).isFalse();
        cluster.loseSnapshots(false);
        cluster.run(3_100);
        runUntilRepaired(altered);
    }

    @Test
    @DisplayName(
            "I7: a member that reported once and died does not keep the refuted one from being repaired, nor from coming"
                    + " out of it when no quorum can be heard any more")
    void aDeadReporterHoldsUpNoRepair() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        putOne(leader, VICTIM);
        cluster.loseSnapshots(true);
        put(leader, "k", 1_100);
        runUntil("it is found", () -> !isTrusted(altered));
        runUntil("the others know", () -> isTrusted(leader));
        cluster.run(100);
        Member dead = cluster.followers(leader).stream()
                .filter(member -> member != altered)
                .findFirst()
                .orElseThrow();
        cluster.crash(dead);
        passOneRing(cluster, leader, List.of(leader.id));
        assertThat(isTrusted(altered)).isFalse();

        cluster.loseSnapshots(false);
        // It may ask the dead one first, and after its last wish was lost: two patiences.
        cluster.run(6_200);
        cluster.runUntil("it is given another state", () -> altered.stages.applier.lastInstalled() != null);
        Object installed = Objects.requireNonNull(altered.stages.applier.lastInstalled());
        cluster.runUntil("it serves again", () -> isTrusted(altered));
        assertThat(altered.stages.applier.lastInstalled())
                .as("one repair is enough")
                .isEqualTo(installed);
        cluster.startAllThatAreDown();
        assertAllEqual();
    }

    @Test
    @DisplayName("I7: of five, one dead for longer than digests are kept: the other three still bear each other out")
    void aDeadReporterOfFiveHoldsUpNoVerdict() {
        HandRunCluster five = new HandRunCluster(13, 5, Tuning.defaults());
        Member leader = five.leader();
        runIn(five, leader, VICTIM, 1);
        NodeId alteredId = five.followers().get(0).id;
        Member altered = alterIn(five, alteredId);
        runIn(five, leader, VICTIM, 1);
        five.loseSnapshots(true);
        runIn(five, leader, "k", 1_100);
        five.runUntil("it is found", () -> !isTrusted(altered));
        five.run(100);
        five.crash(five.followers(leader).stream()
                .filter(member -> member != altered)
                .findFirst()
                .orElseThrow());
        List<NodeId> healthy = five.members().stream()
                .filter(member -> member != altered)
                .map(member -> member.id)
                .toList();
        passOneRing(five, leader, healthy);
        five.loseSnapshots(false);
        five.runUntil("it is given another state", () -> altered.stages.applier.lastInstalled() != null);
        Object installed = Objects.requireNonNull(altered.stages.applier.lastInstalled());
        for (int i = 0; i < 100 && !isTrusted(altered); i++) {
            five.turn();
        }
        assertThat(isTrusted(altered)).as("borne out by the three, at once").isTrue();
        assertThat(altered.stages.applier.lastInstalled()).isEqualTo(installed);
    }

    @Test
    @DisplayName("I7: of a state in doubt no snapshot is made, whoever asks for one, and its log is not cut behind one")
    void noSnapshotIsMadeOfAStateInDoubt() {
        Member leader = cluster.leader();
        putOne(leader, VICTIM);
        Member altered = loseAKey(cluster.followers().get(0).id);
        putOne(leader, VICTIM);
        cluster.loseSnapshots(true);
        put(leader, "k", 1_100);
        runUntil("it is found", () -> !isTrusted(altered));
        cluster.run(100);
        altered.stages.applier.makeSnapshot();
        leader.stages.applier.makeSnapshot();
        runUntil("a healthy one makes its", () -> hasSnapshot(leader));
        cluster.run(10);
        assertThat(hasSnapshot(altered)).isFalse();
        cluster.loseSnapshots(false);
        cluster.run(3_100);
        runUntilRepaired(altered);
    }

    private static boolean hasSnapshot(Member member) {
        Optional<Snapshot> newest = member.recovered().snapshotStore().newest();
        newest.ifPresent(Snapshot::close);
        return newest.isPresent();
    }

    @Test
    @DisplayName(
            "one against one for good: by the operator's word the right one serves again at once, and repairs the other,"
                    + " even when nobody keeps digests from before")
    void theOperatorsWordEndsOneAgainstOne() {
        HandRunCluster two = new HandRunCluster(14, 2, Tuning.defaults());
        Member right = two.leader();
        runIn(two, right, VICTIM, 1);
        NodeId alteredId = two.followers().get(0).id;
        Member altered = alterIn(two, alteredId);
        runIn(two, right, VICTIM, 1);
        for (int i = 0; i < 1_100; i++) {
            Outcome unused = right.put("k" + i);
        }
        two.runUntil("both are in doubt", () -> two.members().stream().noneMatch(DivergenceTest::isTrusted));
        assertThatThrownBy(() -> two.run(5_000))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("--accept-history=1-64");
        two.crash(right);
        two.crash(altered);

        two.tune(Tuning.defaults().withAcceptedHistory(new Divergence(1_999, 2_064)));
        two.start(right.id);
        assertThat(isTrusted(two.member(right.id))).as("other entries").isFalse();
        two.crash(two.member(right.id));

        two.tune(Tuning.defaults().withAcceptedHistory(new Divergence(0, 64)));
        two.start(right.id);
        assertThat(isTrusted(two.member(right.id))).isTrue();
        assertThat(store(two.member(right.id)).divergence()).isNull();
        two.tune(Tuning.defaults());
        two.start(alteredId);
        assertThat(isTrusted(two.member(alteredId))).isFalse();
        two.runUntil("it is repaired", () -> {
            assertThat(isTrusted(two.member(right.id))).isTrue();
            return two.member(alteredId).stages.applier.lastInstalled() != null;
        });
        // Nobody is left to bear it out.
        two.run(3_100);
        assertThat(two.members()).allMatch(DivergenceTest::isTrusted);
        assertThat(two.member(alteredId).versions(VICTIM)).isEqualTo(2);
        runIn(two, two.leader(), "later", 1_100);
        assertThat(two.members()).allMatch(DivergenceTest::isTrusted);
    }

    @Test
    @DisplayName(
            "a learner that differs from the only voter stops; the voter serves on, and repairs it if the operator says so")
    void aLearnerNeverPutsTheOnlyVoterInDoubt() {
        NodeId voterId = new NodeId(1);
        NodeId learnerId = new NodeId(2);
        HandRunCluster one = new HandRunCluster(
                15,
                new Membership(new TreeSet<>(List.of(voterId)), new TreeSet<>(), new TreeSet<>(List.of(learnerId))),
                Tuning.defaults(),
                HandRunCluster.RAFT);
        Member voter = one.leader();
        runIn(one, voter, VICTIM, 1);
        Member learner = alterIn(one, learnerId);
        runIn(one, voter, VICTIM, 1);
        runIn(one, voter, "k", 1_100);
        one.runUntil("the learner knows", () -> !isTrusted(learner));
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        one.turn();
                        assertThat(isTrusted(voter)).isTrue();
                    }
                })
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("on member " + learnerId);
        assertThat(store(voter).alarms().isRaised(new Alarm(learnerId.value(), AlarmKind.CORRUPT)))
                .as("writes go on")
                .isFalse();
        one.crash(learner);
        one.crash(voter);

        one.tune(Tuning.defaults().withAcceptedHistory(new Divergence(0, 64)));
        one.start(voterId);
        one.tune(Tuning.defaults());
        one.start(learnerId);
        one.runUntil(
                "it is repaired", () -> one.member(learnerId).stages.applier.lastInstalled() != null);
        one.run(3_100);
        assertThat(one.members()).allMatch(DivergenceTest::isTrusted);
        assertThat(one.member(learnerId).versions(VICTIM)).isEqualTo(2);
    }

    /** Two members that stopped over the same entries, and nobody else; both are down. */
    private static HandRunCluster oneAgainstOne() {
        HandRunCluster two = new HandRunCluster(16, 2, Tuning.defaults());
        Member right = two.leader();
        runIn(two, right, "before", 200);
        runIn(two, right, VICTIM, 1);
        Member altered = alterIn(two, two.followers().get(0).id);
        runIn(two, right, VICTIM, 1);
        for (int i = 0; i < 1_100; i++) {
            Outcome unused = right.put("k" + i);
        }
        two.runUntil("both are in doubt", () -> two.members().stream().noneMatch(DivergenceTest::isTrusted));
        assertThatThrownBy(() -> two.run(5_000))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("--accept-history=193-256");
        two.crash(right);
        two.crash(altered);
        return two;
    }

    @Test
    @DisplayName(
            "I7: the entries that members name when they stop are narrowed down, and their marks are those entries")
    void theMarkNamesWhatTheMemberNamed() {
        HandRunCluster two = oneAgainstOne();
        two.startAllThatAreDown();
        assertThat(two.members()).allSatisfy(member -> {
            assertThat(isTrusted(member)).isFalse();
            assertThat(store(member).divergence()).isEqualTo(new Divergence(192, 256));
        });
    }

    @Test
    @DisplayName("I7: a flag left from another parting clears no mark that it does not cover in full")
    void aFlagThatIsLeftOverClearsNoLaterMark() {
        for (Divergence leftOver : List.of(
                new Divergence(0, 64), new Divergence(0, 255), new Divergence(193, 256), new Divergence(128, 193))) {
            HandRunCluster two = oneAgainstOne();
            two.tune(Tuning.defaults().withAcceptedHistory(leftOver));
            two.startAllThatAreDown();
            assertThat(two.members()).as("%s", leftOver).noneMatch(DivergenceTest::isTrusted);
            assertThatThrownBy(() -> two.run(5_000)).isInstanceOf(DivergedException.class);
            assertThat(two.members())
                    .as("%s", leftOver)
                    .allMatch(member -> member.stages.applier.lastInstalled() == null)
                    .allMatch(member ->
                            new Divergence(192, 256).equals(store(member).divergence()));
        }
    }
}
