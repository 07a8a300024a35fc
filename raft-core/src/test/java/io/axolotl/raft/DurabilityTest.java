package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.ids;
import static io.axolotl.raft.Bench.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What counts as durable, and what may be done on the strength of it. */
class DurabilityTest {
    @Test
    @DisplayName("pitfall 8: a leader begins with an entry of its own, sent and written at once")
    void leaderBeginsWithItsOwnEntry() {
        Ready ready = Bench.ofThree("1.1").lead();
        assertThat(ids(ready.entriesToPersist())).isEqualTo("2.2");
        assertThat(only(Message.AppendEntries.class, ready.sendNow()))
                .hasSize(2)
                .allSatisfy(append -> {
                    assertThat(append.previous()).isEqualTo(entryId(1, 1));
                    assertThat(ids(append.entries())).isEqualTo("2.2");
                });
    }

    @Test
    @DisplayName("pitfall 9, thesis §10.2.1: the leader sends before its own sync, and counts itself after it")
    void leaderCountsItselfAfterItsOwnSync() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        Ready proposed = bench.propose("x");
        assertThat(only(Message.AppendEntries.class, proposed.sendNow())).hasSize(2);
        bench.accept(B);
        assertThat(bench.view().commitIndex()).as("one of three is durable").isEqualTo(1);
        Ready committed = bench.persist(proposed);
        assertThat(bench.view().commitIndex()).isEqualTo(2);
        assertThat(ids(committed.committed())).isEqualTo("1.2");
    }

    @Test
    @DisplayName(
            "pitfall 9: a majority of others commits without the leader's disk, but nothing is applied here before it")
    void commitMayRunAheadButApplyMayNot() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        Ready proposed = bench.propose("x");
        bench.accept(B);
        Ready committed = bench.accept(C);
        assertThat(bench.view().commitIndex()).isEqualTo(2);
        assertThat(committed.committed()).isEmpty();
        assertThat(ids(bench.persist(proposed).committed())).isEqualTo("1.2");
    }

    @Test
    @DisplayName("pitfall 15: a completion from before a cut says nothing about the entry that took the place")
    void completionOfAnOverwrittenEntryVouchesForNothing() {
        Bench bench = Bench.ofThree("1.1");
        Ready first = bench.append(B, 1, entryId(1, 1), "1.2", 0);
        // A leader of term 2 cuts 1.2; one of term 3 brings an entry of the same index again.
        Ready second = bench.append(C, 2, entryId(1, 1), "2.2", 0);
        Ready third = bench.append(B, 3, entryId(1, 1), "3.2 3.3", 0);
        bench.step(new Input.Persisted(token(first)));
        assertThat(bench.view().durableIndex()).isEqualTo(1);
        bench.step(new Input.Persisted(token(second)));
        assertThat(bench.view().durableIndex()).isEqualTo(1);
        bench.step(new Input.Persisted(token(third)));
        assertThat(bench.view().durableIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("pitfall 15: the same id appended, cut and appended again is durable with its second write only")
    void sameIdAgainIsAnotherEntry() {
        Bench bench = Bench.ofThree("1.1");
        Ready first = bench.append(B, 1, entryId(1, 1), "1.2", 0);
        bench.append(C, 2, entryId(1, 1), "2.2", 0);
        // The leader of term 3 never heard of 2.2, but it has 1.2.
        Ready again = bench.append(B, 3, entryId(1, 1), "1.2", 0);
        assertThat(token(again).lastEntry()).isEqualTo(token(first).lastEntry());
        bench.step(new Input.Persisted(token(first)));
        assertThat(bench.view().durableIndex()).isEqualTo(1);
        bench.step(new Input.Persisted(token(again)));
        assertThat(bench.view().durableIndex()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 15: tokens of things that were never given out are refused")
    void inventedTokensAreRefused() {
        Bench bench = Bench.ofThree("1.1");
        assertThatThrownBy(() -> bench.step(new Input.Persisted(new PersistToken(0, 1, null, entryId(1, 5)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("given out through 1");
        assertThatThrownBy(() -> bench.step(new Input.Persisted(new PersistToken(0, 9, null, entryId(1, 1)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("never given out");
    }

    @Test
    @DisplayName("pitfall 17: a hard state never claims a commit that the disk does not hold")
    void hardStateClaimsNoMoreThanTheDiskHolds() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        // Term 2 replaces 1.2 and 1.3, and says that all is committed. Were the hard state synced first and the log
        // never,
        // a restart would find commit index 4 beside the old entries and take those for committed.
        Ready ready = bench.append(B, 2, entryId(1, 1), "2.2 2.3 2.4", 4);
        assertThat(bench.view().commitIndex()).isEqualTo(4);
        assertThat(ready.hardState()).isEqualTo(new HardState(2, null, 1));
        Ready later = bench.persist(ready);
        assertThat(ids(later.committed())).isEqualTo("2.2 2.3 2.4");
        Ready nextTerm = bench.append(C, 3, entryId(2, 4), "3.5", 4);
        assertThat(nextTerm.hardState()).isEqualTo(new HardState(3, null, 4));
    }

    @Test
    @DisplayName("several Readies may be under way; one token stands for all before it")
    void oneTokenStandsForAllBeforeIt() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        Ready one = bench.propose("x");
        Ready two = bench.propose("y");
        assertThat(ids(two.entriesToPersist())).isEqualTo("1.3");
        bench.persist(one, two);
        assertThat(bench.view().durableIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("pitfall 16: what a deposed leader had appended is cut before the new leader's first entry is written")
    void newLeadersEntriesReplaceTheOld() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        Ready mine = bench.propose("x");
        Ready theirs = bench.append(B, 2, entryId(1, 1), "2.2", 0);
        bench.persist(mine, theirs);
        assertThat(bench.disk.last()).isEqualTo(entryId(2, 2));
        assertThat(bench.view().durableIndex()).isEqualTo(2);
    }

    @Test
    void nothingIsReadyWhenNothingHappens() {
        Bench bench = Bench.ofThree("");
        assertThat(bench.node.hasReady()).isFalse();
        bench.pass(ELECTION);
        assertThat(bench.node.hasReady()).isFalse();
        Ready empty = bench.node.takeReady();
        assertThat(empty.persistToken()).isNull();
        assertThat(empty.sendNow()).isEmpty();
        assertThat(ScenarioCluster.of("A", "B", "C").elect("A").node("A").raft().hasReady())
                .isFalse();
    }

    private static PersistToken token(Ready ready) {
        PersistToken token = ready.persistToken();
        if (token == null) {
            throw new AssertionError("nothing to persist in " + ready);
        }
        return token;
    }
}
