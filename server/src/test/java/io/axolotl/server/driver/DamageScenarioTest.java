package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.server.recovery.RecoveryRecord;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole members whose files rot: what the others have comes back, what nobody has is named, nothing is made up. */
@DisplayName("Damage to a member's files")
class DamageScenarioTest {
    private static final Path MEMBER = Path.of("/data/member");
    private static final Path WAL = MEMBER.resolve("wal");
    private static final Path LOSS = MEMBER.resolve("loss");

    private final HandRunCluster cluster = new HandRunCluster(7, 3, Tuning.defaults());
    private final List<String> acknowledged = new ArrayList<>();

    private void put(Member through, int count) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = "k" + acknowledged.size();
            acknowledged.add(key);
            outcomes.add(through.put(key));
            if (i % 10 == 9) {
                cluster.run(1);
            }
        }
        cluster.runUntil("acknowledged", () -> outcomes.stream().allMatch(Outcome::isDone));
    }

    private void awaitAllEqual() {
        cluster.runUntil(
                "all have applied all",
                () -> cluster.members().stream()
                        .allMatch(member -> acknowledged.stream().allMatch(key -> member.versions(key) == 1)));
        cluster.runUntil(
                "equal digests",
                () -> cluster.members().stream()
                                .map(member -> member.stages.applier.store().digest())
                                .distinct()
                                .count()
                        == 1);
    }

    private static List<Path> segments(FaultyDisk disk) {
        return disk.list(WAL).stream()
                .filter(path -> path.toString().endsWith(".wal"))
                .toList();
    }

    private static void rot(FaultyDisk disk, int segment, int byteAt) {
        disk.flipBit(segments(disk).get(segment), byteAt, 3);
    }

    private static List<String> steps(Member member) {
        return member.recovered().record().steps().stream()
                .map(RecoveryRecord.Step::name)
                .toList();
    }

    private Member restart(NodeId id) {
        cluster.start(id);
        return cluster.members().stream()
                .filter(member -> member.id.equals(id))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "pitfalls 55, 56; D11: a follower with a bad record fetches it from the others under load, then votes again")
    void aDamagedFollowerIsRepairedUnderLoad(boolean isPowerCut) {
        put(cluster.leader(), 60);
        Member victim = cluster.followers().get(0);
        FaultyDisk disk = cluster.disk(victim.id);
        if (isPowerCut) {
            cluster.crash(victim);
        } else {
            cluster.kill(victim);
        }
        rot(disk, 0, 1600);
        put(cluster.leader(), 20);
        Member back = restart(victim.id);
        assertThat(steps(back)).contains("repair the log", "stand back from elections");
        assertThat(back.recovered().embargo()).isNotNull();
        assertThat(disk.exists(LOSS)).isTrue();
        put(cluster.leader(), 20);
        awaitAllEqual();
        cluster.runUntil("the loss is forgotten", () -> !disk.exists(LOSS));
        assertThat(disk.list(MEMBER)).noneMatch(path -> path.toString().contains("damaged"));
        // It votes again: without it there is no leader.
        Member other = cluster.followers().stream()
                .filter(member -> !member.id.equals(back.id))
                .findFirst()
                .orElseThrow();
        cluster.kill(other);
        put(cluster.leader(), 5);
    }

    @Test
    @DisplayName("pitfall 56: a damaged member does not help one into office that lacks what it had acknowledged")
    void aDamagedMemberElectsNobodyWhoLacksWhatWasAcknowledged() {
        Member leader = cluster.leader();
        Member victim = cluster.followers().get(0);
        Member lagging = cluster.followers().get(1);
        put(leader, 30);
        cluster.isolate(lagging);
        put(leader, 30);
        cluster.crash(victim);
        cluster.crash(leader);
        rot(cluster.disk(victim.id), 0, 520);
        cluster.heal();
        Member back = restart(victim.id);
        // Long enough for any number of elections: the two that run are a majority, but must not act as one.
        cluster.run(1_000);
        assertThat(cluster.members()).noneMatch(member -> member.view().isLeader());
        assertThat(back.recovered().embargo()).isNotNull();
        restart(leader.id);
        awaitAllEqual();
    }

    @Test
    @DisplayName("D11: two members damaged in different places are both repaired by the third, once it is up to date")
    void twoDamagedMembersAreRepairedByTheThird() {
        put(cluster.leader(), 120);
        awaitAllEqual();
        List<Member> victims = cluster.followers();
        cluster.members().forEach(cluster::kill);
        rot(cluster.disk(victims.get(0).id), 0, 520);
        rot(cluster.disk(victims.get(1).id), 0, 2600);
        cluster.startAllThatAreDown();
        assertThat(cluster.members().stream()
                        .filter(member -> member.recovered().embargo() != null)
                        .count())
                .isEqualTo(2);
        put(cluster.leader(), 5);
        awaitAllEqual();
        cluster.runUntil(
                "both losses are forgotten",
                () -> victims.stream()
                        .noneMatch(victim -> cluster.disk(victim.id).exists(LOSS)));
    }

    @Test
    @DisplayName("the embargo outlives restarts: a member that was repaired in part is bound as before")
    void theEmbargoOutlivesRestarts() {
        put(cluster.leader(), 60);
        Member victim = cluster.followers().get(0);
        cluster.crash(victim);
        rot(cluster.disk(victim.id), 0, 1600);
        Member back = restart(victim.id);
        cluster.isolate(back);
        cluster.run(20);
        cluster.crash(back);
        cluster.heal();
        Member again = restart(victim.id);
        assertThat(steps(again)).contains("stand back from elections").doesNotContain("repair the log");
        assertThat(again.recovered().embargo()).isEqualTo(back.recovered().embargo());
        awaitAllEqual();
    }

    @Test
    @DisplayName("the embargo is there after a crash before any disk operation of the start that finds the damage")
    void aCrashInTheRepairNeverFreesTheVote() {
        put(cluster.leader(), 60);
        Member victim = cluster.followers().get(0);
        cluster.crash(victim);
        FaultyDisk damaged = cluster.disk(victim.id);
        rot(damaged, 0, 1600);
        FaultyDisk counted = damaged.copy();
        long before = counted.changes();
        cluster.recoverAlone(counted, victim.id);
        long steps = counted.changes() - before;
        assertThat(steps).isGreaterThan(20);
        for (long step = 0; step < steps; step++) {
            for (FaultyDisk.Outcome how : FaultyDisk.Outcome.values()) {
                FaultyDisk disk = damaged.copy();
                disk.crashAfter(step);
                try {
                    cluster.recoverAlone(disk, victim.id);
                } catch (RuntimeException | io.axolotl.storage.disk.SimulatedCrash expected) {
                    assertThat(expected).isNotNull();
                }
                disk.crash(how, new Random(step));
                var recovered = cluster.recoverAlone(disk, victim.id);
                VoteEmbargo embargo = recovered.embargo();
                assertThat(embargo).as("%s before change %s", how, step).isNotNull();
                assertThat(recovered.hardState().term())
                        .isGreaterThan(Objects.requireNonNull(embargo).throughTerm());
                assertThat(recovered.wal().last().index()).isLessThan(60);
            }
        }
    }

    @Test
    @DisplayName("D17: the newest file of the log is gone; the others bring it back")
    void aLostFileIsBroughtBack() {
        put(cluster.leader(), 400);
        Member victim = cluster.followers().get(0);
        cluster.crash(victim);
        FaultyDisk disk = cluster.disk(victim.id);
        assertThat(segments(disk)).hasSizeGreaterThan(2);
        disk.delete(segments(disk).get(1));
        Member back = restart(victim.id);
        assertThat(steps(back)).contains("repair the log");
        put(cluster.leader(), 5);
        awaitAllEqual();
    }

    @Test
    @DisplayName("D14, D16: a damaged state is made anew, here from the log")
    void aDamagedStateIsMadeAnew() {
        put(cluster.leader(), 60);
        awaitAllEqual();
        Member victim = cluster.followers().get(0);
        FaultyDisk disk = cluster.disk(victim.id);
        victim.stages.applier.store().flush();
        cluster.kill(victim);
        Path state = disk.list(MEMBER.resolve("db").resolve("1")).get(0);
        disk.flipBit(state, 100, 1);
        Member back = restart(victim.id);
        assertThat(steps(back)).contains("set the damaged state aside");
        assertThat(back.recovered().embargo()).as("its log is whole").isNull();
        awaitAllEqual();
    }

    @Test
    @DisplayName(
            "D13, D14: state, snapshots and the beginning of the log are gone: a snapshot of the leader brings all back")
    void everythingButTheVoteIsGone() {
        HandRunCluster small = new HandRunCluster(9, 3, Tuning.defaults().withSnapshots(100, 10));
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            puts.add(small.leader().put("k" + i));
            small.run(1);
        }
        small.runUntil("put", () -> puts.stream().allMatch(Outcome::isDone));
        Member victim = small.followers().get(0);
        FaultyDisk disk = small.disk(victim.id);
        assertThat(victim.recovered().wal().previous().index())
                .as("the log was cut")
                .isGreaterThan(0);
        small.crash(victim);
        disk.deleteTree(MEMBER.resolve("db"));
        disk.list(MEMBER.resolve("snapshots")).forEach(disk::deleteTree);
        small.start(victim.id);
        small.runUntil(
                "it is back",
                () -> small.members().stream()
                        .allMatch(member -> member.versions("k599") == 1 && member.versions("k0") == 1));
        small.runUntil("the loss is forgotten", () -> !disk.exists(LOSS));
    }

    @Test
    @DisplayName("D11: a member without peers stops and names file, byte and entry; nothing is changed")
    void aMemberWithoutPeersRefuses() {
        HandRunCluster alone = new HandRunCluster(3, 1, Tuning.defaults());
        Member member = alone.leader();
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            puts.add(member.put("k" + i));
            alone.run(i % 10 == 9 ? 1 : 0);
        }
        alone.runUntil("put", () -> puts.stream().allMatch(Outcome::isDone));
        alone.kill(member);
        FaultyDisk disk = alone.disk(member.id);
        rot(disk, 0, 1100);
        byte[] before = disk.content(segments(disk).get(0));
        assertThatThrownBy(() -> alone.start(member.id))
                .isInstanceOf(RecoveryFailedException.class)
                .hasMessageContaining(segments(disk).get(0).toString())
                .hasMessageContaining("at byte")
                .hasMessageContaining("from entry");
        assertThat(disk.exists(LOSS)).isFalse();
        assertThat(disk.list(MEMBER)).noneMatch(path -> path.toString().contains("damaged"));
        assertThat(disk.content(segments(disk).get(0))).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "D13, D27: a follower that is sent a snapshot which does not open ends, starts with what it had, and is sent another")
    void aReceivedStateThatDoesNotOpenTakesNoPlace() {
        HandRunCluster small = new HandRunCluster(10, 3, Tuning.defaults().withSnapshots(100, 10));
        Member leader = small.leader();
        Member victim = small.followers().get(0);
        List<Outcome> puts = new ArrayList<>();
        puts.add(leader.put("before"));
        small.runUntil("it has it", () -> victim.versions("before") == 1);
        victim.stages.applier.store().flush();
        var had = victim.stages.applier.store().applied();
        small.isolate(victim);
        for (int i = 0; i < 600; i++) {
            puts.add(leader.put("k" + i));
            small.run(1);
        }
        small.tamperAtNextStart(victim.id, engine -> {
            throw new EngineException("block 7 is bad", null, true);
        });
        small.heal();
        assertThatThrownBy(() -> small.run(1_000))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("block 7 is bad");
        small.crash(victim);
        RecoveredState found = small.recoverAlone(small.disk(victim.id).copy(), victim.id);
        assertThat(found.stateMachine().applied().index()).isBetween(had.index(), had.index() + 20);
        small.start(victim.id);
        small.runUntil(
                "all have all",
                () -> small.members().stream()
                        .allMatch(member -> member.versions("before") == 1 && member.versions("k599") == 1));
        assertThat(puts).allMatch(Outcome::isDone);
    }
}
