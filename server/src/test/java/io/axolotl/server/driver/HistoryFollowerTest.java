package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.HistoryView;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the applier tells those who follow what it applies, and what it keeps for them. */
class HistoryFollowerTest {
    private final HandRunCluster cluster =
            new HandRunCluster(11, 3, Tuning.defaults().withSnapshots(50, 5));

    /** Notes what it is told, and what the store shows then. */
    private static final class Follower implements NodeService.HistoryFollower {
        private final Member member;
        final List<Long> revisions = new ArrayList<>();
        final List<KvStateMachine> stores = new ArrayList<>();
        final List<Boolean> trustedAtRepair = new ArrayList<>();
        long neededFrom = Long.MAX_VALUE;

        Follower(Member member) {
            this.member = member;
            member.stages.applier.follow(this);
        }

        @Override
        public void advanced() {
            revisions.add(member.stages.applier.store().revision());
            stores.add(member.stages.applier.store());
        }

        @Override
        public void repaired() {
            trustedAtRepair.add(member.stages.applier.isTrusted());
        }

        @Override
        public long neededFrom() {
            return neededFrom;
        }

        long last() {
            return revisions.get(revisions.size() - 1);
        }
    }

    private void put(Member at, String prefix, int count) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(at.put(prefix + i));
        }
        cluster.runUntil("puts", () -> outcomes.stream().allMatch(Outcome::isAnswered));
    }

    private static long completeFrom(Member member) {
        try (HistoryView history = member.stages.applier.store().history()) {
            return history.completeFrom();
        }
    }

    @Test
    @DisplayName("GU-2, I8: who follows is told when committed changes show, on every member")
    void whatIsAppliedIsTold() {
        Member leader = cluster.leader();
        List<Follower> followers = cluster.members().stream().map(Follower::new).toList();
        put(leader, "k", 10);
        long revision = leader.stages.applier.store().revision();
        cluster.runUntil(
                "all have heard",
                () -> followers.stream()
                        .allMatch(follower -> !follower.revisions.isEmpty() && follower.last() == revision));

        assertThat(followers)
                .allSatisfy(follower -> assertThat(follower.revisions).isSorted());
    }

    @Test
    @DisplayName("A6: what is compacted but still needed is removed later, on the member where it is needed")
    void historyWaitsForWhoNeedsIt() {
        Member leader = cluster.leader();
        Member other = cluster.followers().get(0);
        put(leader, "k", 1);
        long needed = leader.stages.applier.store().revision() + 1;
        Follower follower = new Follower(leader);
        follower.neededFrom = needed;
        for (int i = 0; i < 5; i++) {
            put(leader, "k", 1);
        }
        long floor = leader.stages.applier.store().revision();
        Outcome compacted = leader.compact(floor);
        cluster.runUntil("compaction", compacted::isDone);
        cluster.runUntil("the other has removed it", () -> completeFrom(other) == floor);

        assertThat(completeFrom(leader)).isLessThan(needed);
        assertThat(leader.stages.applier.store().compactRevision()).isEqualTo(floor);
        follower.neededFrom = floor + 1;
        cluster.runUntil("it is removed here too", () -> completeFrom(leader) == floor);
    }

    @Test
    @DisplayName("A9, N2: when a snapshot was installed, the store that it brought is the one that is told of")
    void aSnapshotIsTold() {
        Member leader = cluster.leader();
        Member away = cluster.followers().get(0);
        put(leader, "before", 10);
        Follower follower = new Follower(away);
        cluster.isolate(away);
        put(leader, "k", 300);
        cluster.heal();
        cluster.runUntil("a snapshot was installed", () -> away.stages.applier.lastInstalled() != null);

        assertThat(follower.stores).contains(away.stages.applier.store());
        assertThat(follower.revisions).isSorted();
        assertThat(follower.trustedAtRepair).isEmpty();
    }

    @Test
    @DisplayName(
            "I7, I8: when a diverged state was replaced, whoever followed it is told before the member is trusted again")
    void aRepairIsTold() {
        Member leader = cluster.leader();
        put(leader, "victim", 1);
        NodeId id = cluster.followers().get(0).id;
        Member before = cluster.member(id);
        cluster.runUntil("it has the key", () -> before.versions("victim0") == 1);
        before.stages.applier.store().flush();
        cluster.crash(before);
        cluster.tamperAtNextStart(id, engine -> {
            try (AtomicWrite write = engine.newWrite()) {
                write.delete(Space.IDX, "victim0".getBytes(StandardCharsets.UTF_8));
                engine.write(write);
            }
        });
        cluster.startAllThatAreDown();
        Member altered = cluster.member(id);
        Follower follower = new Follower(altered);
        put(leader, "victim", 1);
        put(leader, "k", 1_100);
        cluster.runUntil("it is in doubt", () -> !altered.stages.applier.isTrusted());
        put(leader, "later", 100);
        cluster.runUntil("it is repaired", () -> altered.stages.applier.isTrusted());

        assertThat(follower.trustedAtRepair).isNotEmpty().containsOnly(false);
        assertThat(follower.last()).isEqualTo(altered.stages.applier.store().revision());
    }
}
