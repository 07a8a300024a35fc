package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.Availability;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three whole pipelines without threads: every turn, message, crash and lost byte is in the test's hand. */
class PipelineScenarioTest {
    private final HandRunCluster cluster = new HandRunCluster(1, 3, Tuning.defaults());

    @Test
    @DisplayName("pitfalls 1, 9, 54: after a power cut of all at once, what was acknowledged is there")
    void acknowledgedWritesSurviveAPowerCutOfAll() {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Member member : cluster.members()) {
            for (int i = 0; i < 20; i++) {
                String key = member.id + "-" + i;
                outcomes.put(key, member.put(key));
            }
        }
        cluster.runUntil("all acknowledged", () -> outcomes.values().stream().allMatch(Outcome::isDone));
        cluster.members().forEach(cluster::crash);
        cluster.startAllThatAreDown();
        Member leader = cluster.leader();
        List<Optional<Failure>> barrier = leader.barrier();
        cluster.runUntil("a read", () -> !barrier.isEmpty());
        assertThat(outcomes.keySet()).allMatch(key -> leader.versions(key) == 1);
    }

    @Test
    @DisplayName("CP-3 when compaction has removed much, the worker gives the room back, once")
    void compactionGivesRoomBackBesideThePipeline() {
        HandRunCluster alone = new HandRunCluster(5, 1, Tuning.defaults());
        Member member = alone.leader();
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            puts.add(member.put("k"));
        }
        alone.runUntil("all put", () -> puts.stream().allMatch(Outcome::isDone));
        KvStateMachine store = member.stages.applier.store();
        long floor = store.revision();
        AtomicBoolean isRemoved = new AtomicBoolean();
        store.whenRemoved(floor, () -> isRemoved.set(true));
        member.stages.proposals.propose(Caller.NOBODY, new Command.Compact(floor, false), result -> {});
        alone.runUntil("history is removed", isRemoved::get);
        alone.runUntil("its room is given back", () -> member.reclaims() > 0 && !store.isWorthReclaiming());
        Outcome later = member.put("k");
        alone.runUntil("a put after it", later::isDone);
        alone.run(10);
        assertThat(member.reclaims()).isEqualTo(1);
    }

    @Test
    @DisplayName("a forward that dies with its leader is proposed again by itself, and applied once")
    void forwardLostWithItsLeaderIsProposedAgain() {
        Member leader = cluster.leader();
        Member origin = cluster.followers().get(0);
        for (Member other : cluster.followers()) {
            cluster.cutLink(leader.id, other.id);
        }
        Outcome put = origin.put("k");
        cluster.run(3);
        assertThat(leader.view().lastLog().index())
                .as("the leader has appended it")
                .isGreaterThan(1);
        cluster.crash(leader);
        cluster.heal();
        cluster.runUntil("the put is done", put::isDone);
        assertThat(origin.versions("k")).isEqualTo(1);
        cluster.startAllThatAreDown();
        cluster.leader();
        cluster.run(100);
        assertThat(cluster.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    @DisplayName("pitfalls 12, 16: what a deposed leader had appended alone is proposed again, and applied once")
    void deposedLeadersOwnProposalIsProposedAgain() {
        Member old = cluster.leader();
        cluster.isolate(old);
        Outcome put = old.put("k");
        cluster.run(2);
        Member other = cluster.members().stream()
                .filter(member -> member != old)
                .findFirst()
                .orElseThrow();
        cluster.runUntil("the others have a leader", () -> {
            var leader = other.view().leader();
            return leader != null && !leader.equals(old.id);
        });
        cluster.heal();
        cluster.runUntil("the put is done", put::isDone);
        cluster.run(100);
        assertThat(cluster.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    @DisplayName("C.1: a leader that stays cut off says that it does not know; a follower, that nothing left it")
    void cutOffMembersTellUnknownFromRefused() {
        Member old = cluster.leader();
        cluster.isolate(old);
        Outcome atLeader = old.put("a");
        cluster.run(200);
        assertThat(old.view().isLeader()).as("check quorum").isFalse();
        Outcome later = old.put("b");
        cluster.runPastTheRequestTimeout();
        assertThat(atLeader.result).isEqualTo(new ProposalResult.Unknown(Failure.TIMEOUT));
        assertThat(later.result).isEqualTo(new ProposalResult.Refused(Failure.TIMEOUT));
        cluster.heal();
        cluster.leader();
        cluster.run(100);
        assertThat(cluster.members()).allMatch(member -> member.versions("b") == 0);
    }

    @Test
    @DisplayName("pitfalls 28, 32: a deposed leader serves no read before it has what others acknowledged")
    void noStaleReadAtADeposedLeader() {
        Member old = cluster.leader();
        cluster.isolate(old);
        List<Optional<Failure>> read = old.barrier();
        Member other = cluster.members().stream()
                .filter(member -> member != old)
                .findFirst()
                .orElseThrow();
        Outcome put = other.put("k");
        cluster.runUntil("the others go on", put::isDone);
        assertThat(read).as("nobody confirmed it").isEmpty();
        cluster.heal();
        cluster.runUntil("the read is answered", () -> !read.isEmpty());
        assertThat(read).containsExactly(Optional.empty());
        assertThat(old.versions("k")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "pitfalls 43, 46, 47: log cut behind snapshots, a follower brought up by one, and power cuts in between")
    void snapshotsReplaceTheLog() {
        HandRunCluster small = new HandRunCluster(2, 3, Tuning.defaults().withSnapshots(40, 5));
        Member behind = small.followers().get(0);
        small.crash(behind);
        Member leader = small.leader();
        for (int i = 0; i < 300; i++) {
            Outcome put = leader.put("k" + i);
            small.runUntil("put " + i, put::isDone);
        }
        assertThat(leader.view().firstLog().index()).isGreaterThan(200);
        small.startAllThatAreDown();
        Member back = small.members().stream()
                .filter(member -> member.id.equals(behind.id))
                .findFirst()
                .orElseThrow();
        List<Long> progress = progressOf(back);
        small.runUntil("caught up", () -> back.versions("k299") == 1);
        assertThat(back.stages.applier.lastInstalled()).isNotNull();
        assertThat(progress.size() - progress.stream().distinct().count())
                .as("pitfall 67: a long install is not taken for a hang, though nothing is applied meanwhile")
                .isPositive();
        small.members().forEach(small::crash);
        small.startAllThatAreDown();
        Outcome after = small.leader().put("after");
        small.runUntil("it goes on", after::isDone);
        small.run(200);
        assertThat(small.members()).allMatch(member -> member.versions("k0") == 1 && member.versions("after") == 1);
        assertThat(small.members().stream()
                        .map(member -> member.stages.applier.store().digest())
                        .distinct())
                .hasSize(1);
    }

    /** What was applied whenever the applier said within a turn that it gets on. */
    private static List<Long> progressOf(Member member) {
        List<Long> applied = new ArrayList<>();
        member.stages.applier.wakes(new Waker() {
            @Override
            public void wake() {}

            @Override
            public void progressed() {
                applied.add(member.stages.applier.appliedIndex());
            }
        });
        return applied;
    }

    @Test
    @DisplayName("pitfall 67: a turn that has much to apply is not taken for a hang: the watchdog hears of each run")
    void muchToApplyIsNoHang() {
        HandRunCluster small = new HandRunCluster(7, 3, Tuning.defaults());
        Member leader = small.leader();
        List<Long> progress = progressOf(leader);
        byte[] large = new byte[1 << 20];
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            puts.add(leader.put("k" + i, large));
        }
        small.runUntil("all are applied", () -> puts.stream().allMatch(Outcome::isDone));
        for (int i = 1; i < progress.size(); i++) {
            assertThat(progress.get(i) - progress.get(i - 1))
                    .as("at most what 2 MiB hold is applied between two of " + progress)
                    .isLessThanOrEqualTo(3);
        }
        assertThat(progress).contains(leader.stages.applier.appliedIndex());
    }

    @Test
    @DisplayName("D34: a member that never comes back does not keep the log: it stays within its budget")
    void aDeadMemberDoesNotKeepTheLog() {
        SnapshotPolicy policy = new SnapshotPolicy(1_000_000, Long.MAX_VALUE, 32 << 10, 1_000_000, 32 << 10);
        HandRunCluster small = new HandRunCluster(5, 3, Tuning.defaults().withSnapshots(policy));
        small.crash(small.followers().get(0));
        Member leader = small.leader();
        long most = 0;
        for (int i = 0; i < 1_500; i++) {
            Outcome put = leader.put("k" + i % 10);
            small.runUntil("put " + i, put::isDone);
            most = Math.max(most, leader.logBytes());
        }
        assertThat(leader.view().firstLog().index()).as("it was cut").isGreaterThan(100);
        // What is due, the tail, and at both ends files that are not full.
        assertThat(most).isLessThan((32 + 32 + 3 * 16) << 10);
    }

    @Test
    @DisplayName(
            "a follower that was away for many small snapshots is brought up by the log while that is within the budget")
    void aFollowerWithinTheBudgetGetsEntries() {
        HandRunCluster small = new HandRunCluster(6, 3, Tuning.defaults().withSnapshots(20, 1_000_000));
        Member behind = small.followers().get(0);
        small.crash(behind);
        for (int i = 0; i < 200; i++) {
            Outcome put = small.leader().put("k" + i);
            small.runUntil("put " + i, put::isDone);
        }
        small.startAllThatAreDown();
        Member back = small.members().stream()
                .filter(member -> member.id.equals(behind.id))
                .findFirst()
                .orElseThrow();
        small.runUntil("caught up", () -> back.versions("k199") == 1);
        assertThat(back.stages.applier.lastInstalled()).isNull();
    }

    @Test
    @DisplayName("a forward that is so late that its term is over is refused, or it would be applied twice")
    void lateForwardIsRefused() {
        Member first = cluster.leader();
        Member origin = cluster.followers().get(0);
        Member second = cluster.followers().get(1);
        cluster.delay(origin.id, first.id);
        Outcome put = origin.put("k");
        cluster.run(3);
        cluster.moveLeadership(first, second);
        cluster.runUntil("proposed again at the second leader", put::isDone);
        cluster.moveLeadership(second, first);
        cluster.releaseDelayed();
        cluster.run(100);
        assertThat(cluster.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    @DisplayName("a snapshot hides which proposals it contains: they end as unknown, and are not proposed again")
    void aSnapshotMayContainWhatWasForwarded() {
        HandRunCluster small = new HandRunCluster(3, 3, Tuning.defaults().withSnapshots(20, 0));
        Member leader = small.leader();
        Member origin = small.followers().get(0);
        Member other = small.followers().get(1);
        Outcome put = origin.put("k");
        small.run(2);
        small.isolate(origin);
        small.runUntil("applied by the others", () -> leader.versions("k") == 1);
        for (int i = 0; i < 70; i++) {
            Outcome more = leader.put("more" + i);
            small.runUntil("put " + i, more::isDone);
        }
        small.moveLeadership(leader, other);
        small.heal();
        small.runUntil("a snapshot", () -> origin.stages.applier.lastInstalled() != null);
        small.runPastTheRequestTimeout();
        assertThat(put.result).isInstanceOf(ProposalResult.Unknown.class);
        assertThat(small.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    @DisplayName(
            "pitfall 20: a leader that was held up counts the answers that have arrived before it judges its quorum")
    void answersThatWaitedCountForTheQuorum() {
        Member leader = cluster.leader();
        long term = leader.view().term();
        // A long pause, with nothing left to hear: the quorum is counted from here.
        cluster.pause(600_000_000L);
        cluster.members().forEach(Member::turn);
        cluster.loseAllInFlight();
        cluster.pause(600_000_000L);
        leader.turn();
        // The heartbeats reach the followers, and their answers wait in front of the leader.
        cluster.run(2);
        cluster.pause(485_000_000L);
        leader.turn();
        cluster.run(100);
        assertThat(leader.view().isLeader()).isTrue();
        assertThat(leader.view().term()).isEqualTo(term);
    }

    @Test
    @DisplayName("pitfall 25: half a second more per sync moves leadership to a good disk within a second and a half")
    void aSlowDiskLosesLeadership() {
        Member slow = cluster.leader();
        for (int i = 0; i < 200; i++) {
            Outcome put = slow.put("k" + i);
            cluster.runUntil("put " + i, put::isAnswered);
        }
        slow.slowDisk(50);
        for (int i = 0; i < 150; i++) {
            cluster.followers(slow).get(0).put("more" + i);
            cluster.turn();
        }
        assertThat(slow.view().isLeader()).isFalse();
        Member next = cluster.leader();
        Outcome put = next.put("after");
        cluster.run(20);
        assertThat(put.isDone()).as("a good disk answers at once").isTrue();
        slow.slowDisk(0);
        cluster.run(3_000);
        assertThat(cluster.leader()).as("nobody takes it back").isSameAs(next);
    }

    @Test
    @DisplayName("pitfall 25: a busy machine on which every disk takes 200 ms keeps its leader")
    void disksThatAreSlowTogetherMoveNothing() {
        Member leader = cluster.leader();
        long term = leader.view().term();
        cluster.members().forEach(member -> member.slowDisk(20));
        for (int i = 0; i < 1_000; i++) {
            leader.put("k" + i);
            cluster.turn();
        }
        assertThat(leader.view().isLeader()).isTrue();
        assertThat(leader.view().term()).isEqualTo(term);
    }

    @Test
    @DisplayName("P1: two that are told that the leader has ended elect within a fraction of an election timeout")
    void anEndedLeaderIsReplacedAtOnce() {
        Member leader = cluster.leader();
        List<Member> others = cluster.followers();
        cluster.crash(leader);
        others.forEach(member -> member.believesGone(leader.id));
        cluster.run(10);
        assertThat(others).anyMatch(member -> member.view().isLeader());
    }

    @Test
    @DisplayName(
            "pitfall 32, P6, etcd #20418: a leader paused between taking the time and serving serves nothing by lease")
    void aLeaseThatEndedInAPauseServesNothing() {
        RaftConfig leases =
                HandRunCluster.RAFT.withAvailability(Availability.standard().withLeaseReads(50_000_000L));
        HandRunCluster world = new HandRunCluster(5, 3, Tuning.defaults(), leases);
        Member old = world.leader();
        Outcome first = old.put("k");
        world.runUntil("k is there", first::isDone);
        world.run(20);
        List<Optional<Failure>> quick = old.barrier();
        old.turn();
        assertThat(quick).as("by lease, without a message to anybody").containsExactly(Optional.empty());
        // In the turn that follows the driver takes the time, and then its process is paused.
        List<Optional<Failure>> read = old.barrier();
        world.isolate(old);
        world.pauseAfterNextLookAtTheClock(2_000_000_000L);
        old.turn();
        assertThat(read).as("its lease has ended in the pause").isEmpty();
        world.heal();
        world.runUntil("asked again, of a quorum", () -> !read.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    @DisplayName("whatever happens: done is applied once, refused never, unknown at most once, and all end up equal")
    void outcomesAreTrue(long seed) {
        Random random = new Random(seed);
        HandRunCluster world = new HandRunCluster(seed, 3, Tuning.defaults().withSnapshots(60, 10));
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (int step = 0; step < 1_500; step++) {
            List<Member> members = world.members();
            Member any = members.get(random.nextInt(members.size()));
            double what = random.nextDouble();
            if (what < 0.25) {
                String key = "k" + step;
                outcomes.put(key, any.put(key));
            } else if (what < 0.26) {
                world.isolate(any);
            } else if (what < 0.27) {
                world.cutLink(any.id, members.get(random.nextInt(members.size())).id);
            } else if (what < 0.30) {
                world.heal();
            } else if (what < 0.305 && members.size() == 3) {
                world.crash(any);
            } else if (what < 0.32) {
                world.startAllThatAreDown();
            } else if (what < 0.325) {
                any.slowDisk(random.nextInt(100));
            } else if (what < 0.335) {
                any.slowDisk(0);
            } else if (what < 0.34) {
                any.believesGone(members.get(random.nextInt(members.size())).id);
            }
            world.lossyTurn(random.nextDouble() < 0.3 ? 0.2 : 0);
        }
        world.heal();
        world.startAllThatAreDown();
        world.members().forEach(member -> member.slowDisk(0));
        world.leader();
        world.runPastTheRequestTimeout();
        world.runUntil(
                "all members hold the same",
                () -> world.members().stream()
                                .map(member -> member.stages.applier.store().digest())
                                .distinct()
                                .count()
                        == 1);
        Member any = world.members().get(0);
        int done = 0;
        for (Map.Entry<String, Outcome> each : outcomes.entrySet()) {
            long applied = any.versions(each.getKey());
            ProposalResult result = each.getValue().result;
            String story = "seed " + seed + ": " + each.getKey() + " ended as " + result;
            if (result instanceof ProposalResult.Done) {
                assertThat(applied).as(story).isEqualTo(1);
                done++;
            } else if (result instanceof ProposalResult.Refused) {
                assertThat(applied).as(story).isZero();
            } else {
                // Unknown, or never answered since the member that had taken it crashed.
                assertThat(applied).as(story).isLessThanOrEqualTo(1);
            }
        }
        assertThat(done).as("seed " + seed + ": some must get through").isGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName(
            "pitfall 23: pauses of the whole machine change leaders, but lose no proposal that arrives between them")
    void pausesLoseNothing(long seed) {
        Random random = new Random(seed);
        HandRunCluster world = new HandRunCluster(seed, 3, Tuning.defaults().withSnapshots(40, 5));
        world.crash(world.followers().get(1));
        for (int i = 0; i < 150; i++) {
            Member any = world.members().get(random.nextInt(2));
            Outcome put = any.put("k" + i);
            if (random.nextInt(5) == 0) {
                world.pause(1_000_000_000L);
            }
            world.runUntil("put " + i, put::isAnswered);
            assertThat(put.result).as("put " + i).isInstanceOf(ProposalResult.Done.class);
        }
    }

    @Test
    @DisplayName(
            "M1: old members that restart know whom the membership in their log needs, though nothing of it is applied")
    void aVoterThatWasJustAddedIsKnownAfterARestartOfAllOthers() {
        HandRunCluster alone = new HandRunCluster(9, 1, Tuning.defaults());
        Member old = alone.leader();
        NodeId added = new NodeId(2);
        old.proposeOfMembers(new Command.AddMember(added.value(), List.of("http://b:2380"), false, false, 10));
        alone.runUntil(
                "the membership is in the log",
                () -> old.recovered().wal().membershipEntries().stream().anyMatch(entry -> entry.index() > 1));
        alone.crash(old);
        assertThat(alone.recoverAlone(alone.disk(old.id), old.id)
                        .stateMachine()
                        .roster()
                        .find(added))
                .as("nothing was flushed")
                .isEmpty();
        alone.disk(old.id).kill();
        alone.startAllThatAreDown();
        Member again = alone.members().get(0);
        alone.run(300);
        assertThat(again.view().isLeader()).as("it needs the vote of the other").isFalse();
        assertThat(again.stages.applier.store().roster().find(added))
                .hasValueSatisfying(known -> assertThat(known.peerUrls()).containsExactly("http://b:2380"));
    }

    @Test
    @DisplayName("CL-3: whoever has seen a member leave is told that there is none, and not that it lags")
    void theViewKnowsOfAChangeBeforeItIsApplied() {
        HandRunCluster world = new HandRunCluster(10, 1, Tuning.defaults());
        Member leader = world.leader();
        NodeId learner = new NodeId(2);
        world.run(5);
        leader.proposeOfMembers(new Command.AddMember(learner.value(), List.of("http://b:2380"), true, false, 10));
        untilInNoTime(world, () -> roster(leader).membership().isLearner(learner));
        assertThat(leader.view().membership().isLearner(learner)).isTrue();
        world.run(5);
        leader.proposeOfMembers(new Command.RemoveMember(learner.value()));
        untilInNoTime(
                world,
                () -> roster(leader).hasLeft(learner)
                        && !roster(leader).membership().contains(learner));
        assertThat(leader.view().membership().contains(learner)).isFalse();
    }

    private static Roster roster(Member member) {
        return member.stages.applier.store().roster();
    }

    private static void untilInNoTime(HandRunCluster world, BooleanSupplier isReached) {
        for (int i = 0; i < 100 && !isReached.getAsBoolean(); i++) {
            world.turnInNoTime();
        }
        assertThat(isReached.getAsBoolean()).isTrue();
    }
}
