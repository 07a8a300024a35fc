package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.ids;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a leader brings a follower forward: Raft §5.3, thesis §10.2.1. */
class ReplicationTest {
    private static final RaftConfig TIGHT =
            new RaftConfig(HEARTBEAT, ELECTION, 2, 1 << 20, 3, 10_000, 1 << 20, 1 << 20, 1 << 20, true, true);

    private static Bench leader(RaftConfig config) {
        Bench bench = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        bench.leadAndCommit();
        return bench;
    }

    private static NodeView.PeerView peerB(Bench bench) {
        return bench.view().peers().get(0);
    }

    private static Message.AppendEntriesResponse refusal(long index, EntryId hint, long epoch) {
        return new Message.AppendEntriesResponse(1, false, index, hint, 0, epoch);
    }

    @Test
    @DisplayName("design D6: whatever is proposed between two Readies leaves as one request per follower")
    void batchLeavesAsOneRequest() {
        Bench bench = leader(Bench.CONFIG);
        for (int i = 0; i < 100; i++) {
            bench.node.step(bench.proposal("x" + i));
        }
        Ready ready = bench.node.takeReady();
        assertThat(only(Message.AppendEntries.class, ready.sendNow()))
                .hasSize(2)
                .allSatisfy(append -> assertThat(append.entries()).hasSize(100));
        assertThat(ready.proposalOutcomes())
                .hasSize(100)
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(ProposalOutcome.Appended.class));
    }

    @Test
    @DisplayName("pitfall 62: requests are bounded in entries, and so are those in flight")
    void requestsAndWindowAreBounded() {
        Bench bench = leader(TIGHT);
        for (int i = 0; i < 20; i++) {
            bench.node.step(bench.proposal("x" + i));
        }
        List<Message.AppendEntries> toB =
                onlyTo(B, Message.AppendEntries.class, bench.node.takeReady().sendNow());
        assertThat(toB)
                .hasSize(3)
                .allSatisfy(append -> assertThat(append.entries()).hasSize(2));
        assertThat(peerB(bench).inflightAppends()).isEqualTo(3);
        assertThat(bench.node.takeReady().sendNow()).isEmpty();
        Ready next = bench.accept(B, 3);
        assertThat(onlyTo(B, Message.AppendEntries.class, next.sendNow()))
                .singleElement()
                .satisfies(append -> assertThat(ids(append.entries())).isEqualTo("1.8 1.9"));
    }

    @Test
    @DisplayName("pitfall 62: requests and window are bounded in bytes; an entry larger than a bound goes alone")
    void bytesAreBounded() {
        RaftConfig config = new RaftConfig(HEARTBEAT, ELECTION, 100, 200, 100, 300, 1 << 20, 1 << 20, 0, true, true);
        Bench bench = leader(config);
        for (int i = 0; i < 6; i++) {
            bench.node.step(bench.proposal("x"));
        }
        List<Message.AppendEntries> toB =
                onlyTo(B, Message.AppendEntries.class, bench.node.takeReady().sendNow());
        assertThat(toB).as("65 bytes each: 3 fit one request, 4 fit the window").hasSize(1);
        assertThat(toB.get(0).entries()).hasSize(3);
        bench.accept(B, 7);
        Ready large = bench.propose("y".repeat(5000));
        assertThat(onlyTo(B, Message.AppendEntries.class, large.sendNow()))
                .singleElement()
                .satisfies(append -> assertThat(append.entries()).hasSize(1));
    }

    @Test
    @DisplayName("pitfall 61: after a refusal only answers to the new epoch move the window")
    void answersOfAnOlderEpochDoNotMoveTheWindow() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        bench.propose("y");
        Ready probe = bench.receive(B, refusal(2, entryId(1, 1), 0));
        Message.AppendEntries sent =
                onlyTo(B, Message.AppendEntries.class, probe.sendNow()).get(0);
        assertThat(sent.previous()).isEqualTo(entryId(1, 1));
        assertThat(sent.epoch()).isEqualTo(1);
        assertThat(peerB(bench).state()).isEqualTo("probe");

        Ready again = bench.receive(B, refusal(2, entryId(1, 1), 0));
        assertThat(onlyTo(B, Message.AppendEntries.class, again.sendNow()))
                .as("old news")
                .isEmpty();
        bench.receive(B, new Message.AppendEntriesResponse(1, true, 2, EntryId.ZERO, 0, 0));
        assertThat(peerB(bench).matchIndex())
                .as("but an acceptance has proven what it says")
                .isEqualTo(2);
        assertThat(peerB(bench).state()).isEqualTo("probe");
        bench.receive(B, new Message.AppendEntriesResponse(1, true, 1, EntryId.ZERO, 0, 1));
        assertThat(peerB(bench).state()).isEqualTo("replicate");
        assertThat(peerB(bench).matchIndex()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 13: a hint moves the search down, never up and never to what is proven")
    void hintsAreOnlyHints() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        bench.accept(B, 2);
        bench.propose("y");
        bench.receive(B, refusal(2, EntryId.ZERO, 0));
        assertThat(peerB(bench).nextIndex())
                .as("2 is proven: a refusal of it is stale")
                .isEqualTo(4);
        bench.propose("z");
        bench.receive(B, refusal(3, EntryId.ZERO, 0));
        assertThat(peerB(bench).nextIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("an acceptance of what was never sent changes nothing")
    void acceptanceBeyondTheLogIsIgnored() {
        Bench bench = leader(Bench.CONFIG);
        bench.receive(B, new Message.AppendEntriesResponse(1, true, 99, EntryId.ZERO, 0, 0));
        assertThat(peerB(bench).matchIndex()).isEqualTo(1);
        assertThat(bench.view().commitIndex()).isEqualTo(1);
    }

    @Test
    @DisplayName("Raft §5.3: finding the common entry takes a question per term, not per entry")
    void probingTakesAQuestionPerTerm() {
        StringBuilder mine = new StringBuilder("1.1");
        StringBuilder theirs = new StringBuilder("1.1");
        for (int i = 2; i <= 400; i++) {
            mine.append(' ').append(i <= 200 ? 2 : 6).append('.').append(i);
            theirs.append(' ').append(i <= 300 ? 3 : 5).append('.').append(i);
        }
        Bench leader = Bench.ofThree(mine.toString());
        leader.lead();
        Bench follower = Bench.ofThree(theirs.toString());
        int questions = 0;
        Message.AppendEntries question = new Message.AppendEntries(7, entryId(6, 400), List.of(), 0, 0, 0);
        while (true) {
            questions++;
            Ready answer = follower.receive(B, question);
            List<Message.AppendEntriesResponse> refused = only(Message.AppendEntriesResponse.class, answer.sendNow());
            if (refused.isEmpty() || refused.get(0).isAccepted()) {
                break;
            }
            question = onlyTo(
                            B,
                            Message.AppendEntries.class,
                            leader.receive(B, refused.get(0)).sendNow())
                    .get(0);
        }
        assertThat(question.previous()).isEqualTo(entryId(1, 1));
        assertThat(questions).isLessThanOrEqualTo(4);
    }

    @Test
    @DisplayName("a probe is repeated each heartbeat interval, one at a time")
    void probeIsRepeated() {
        Bench bench = Bench.ofThree("");
        bench.lead();
        assertThat(bench.propose("x").sendNow())
                .as("the first probe is not answered")
                .isEmpty();
        List<Message.AppendEntries> repeated = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            repeated.addAll(
                    onlyTo(B, Message.AppendEntries.class, bench.pass(HEARTBEAT).sendNow()));
        }
        assertThat(repeated)
                .hasSize(3)
                .allSatisfy(probe -> assertThat(probe.entries()).isEmpty());
        bench.accept(B, 0);
        assertThat(peerB(bench).state()).isEqualTo("replicate");
        assertThat(peerB(bench).nextIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("a lost request is found out by heartbeats alone, without a new connection")
    void lostRequestIsSentAgain() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        List<Message.AppendEntries> again = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            again.addAll(
                    onlyTo(B, Message.AppendEntries.class, bench.pass(HEARTBEAT).sendNow()));
            again.addAll(onlyTo(
                    B,
                    Message.AppendEntries.class,
                    bench.receive(B, new Message.HeartbeatResponse(1, 0, 1)).sendNow()));
        }
        assertThat(again).isNotEmpty();
        assertThat(again.get(0).previous()).isEqualTo(entryId(1, 1));
    }

    @Test
    @DisplayName("a follower that has the entries and is only slow to sync is not sent them again")
    void slowDiskIsNotALoss() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        for (int i = 0; i < 8; i++) {
            Ready tick = bench.pass(HEARTBEAT);
            Ready answer = bench.receive(B, new Message.HeartbeatResponse(1, 0, 2));
            assertThat(onlyTo(B, Message.AppendEntries.class, tick.sendNow())).isEmpty();
            assertThat(onlyTo(B, Message.AppendEntries.class, answer.sendNow())).isEmpty();
        }
        assertThat(peerB(bench).state()).isEqualTo("replicate");
    }

    @Test
    @DisplayName(
            "a lost answer is found out after an election timeout even if the follower has a longer log of its own")
    void overdueRequestIsAskedAbout() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        for (int i = 0; i < 11; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(1, 0, 99));
        }
        assertThat(peerB(bench).state()).isEqualTo("probe");
    }

    @Test
    @DisplayName("pitfall 61: a lost connection empties the window, and the next probe waits for the next interval")
    void unreachablePeerIsProbedLater() {
        Bench bench = leader(Bench.CONFIG);
        bench.propose("x");
        Ready ready = bench.step(new Input.PeerUnreachable(B));
        assertThat(ready.sendNow()).isEmpty();
        assertThat(peerB(bench)).satisfies(peer -> {
            assertThat(peer.state()).isEqualTo("probe");
            assertThat(peer.inflightAppends()).isZero();
        });
        assertThat(onlyTo(B, Message.AppendEntries.class, bench.pass(HEARTBEAT).sendNow()))
                .singleElement()
                .satisfies(probe -> assertThat(probe.epoch()).isEqualTo(1));
    }

    @Test
    @DisplayName("followers learn of a new commit index at once, by a notice of its own if no entries go")
    void commitIsToldAtOnce() {
        Bench bench = leader(Bench.CONFIG);
        bench.persist(bench.propose("x"));
        Ready ready = bench.accept(B);
        assertThat(onlyTo(B, Message.class, ready.sendNow())).containsExactly(new Message.CommitNotice(1, 2));
        assertThat(onlyTo(C, Message.class, ready.sendNow())).isEmpty();
        Ready next = bench.receive(C, new Message.HeartbeatResponse(1, 0, 1));
        assertThat(next.sendNow()).as("and once").isEmpty();
    }

    @Test
    @DisplayName("a lost notice of the commit index is made up for by the next heartbeat")
    void commitIsToldAgain() {
        Bench bench = leader(Bench.CONFIG);
        bench.persist(bench.propose("x"));
        bench.accept(B);
        assertThat(onlyTo(B, Message.class, bench.pass(HEARTBEAT).sendNow()))
                .containsExactly(new Message.Heartbeat(1, 2, 0));
    }

    @Test
    @DisplayName("a notice of the commit index is acted on and asks for no answer")
    void commitNoticeIsNotAnswered() {
        Bench bench = Bench.ofThree("1.1 1.2");
        bench.heartbeat(B, 1);
        Ready ready = bench.receive(B, new Message.CommitNotice(1, 2));
        assertThat(ready.committed()).extracting(Entry::index).containsExactly(1L, 2L);
        assertThat(ready.sendNow()).isEmpty();
        assertThat(ready.sendAfterPersist()).isEmpty();
    }

    @Test
    @DisplayName("pitfall 14: a notice about entries that are not here commits nothing")
    void commitNoticeBeyondTheLogIsIgnored() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        assertThat(bench.receive(B, new Message.CommitNotice(1, 2)).committed()).isEmpty();
    }

    @Test
    @DisplayName("pitfall 62: proposals are refused while too much waits to be committed")
    void tooManyUncommittedBytesAreRefused() {
        RaftConfig config =
                new RaftConfig(HEARTBEAT, ELECTION, 100, 1 << 20, 100, 1 << 20, 200, 1 << 20, 1 << 20, true, true);
        Bench bench = leader(config);
        for (int i = 0; i < 3; i++) {
            bench.node.step(bench.proposal("x"));
        }
        bench.node.step(bench.proposal("too much"));
        Ready ready = bench.node.takeReady();
        assertThat(ready.proposalOutcomes().get(3))
                .isEqualTo(new ProposalOutcome.Busy(4, ProposalOutcome.Reason.TOO_MANY_UNCOMMITTED_BYTES));
        bench.accept(B);
        bench.accept(C);
        assertThat(bench.propose("z".repeat(1000)).proposalOutcomes())
                .singleElement()
                .isInstanceOf(ProposalOutcome.Appended.class);
    }

    @Test
    @DisplayName("pitfall 62: as much may wait to be committed as was allowed, to the byte")
    void justEnoughUncommittedBytesAreTaken() {
        Entry entry = new Entry(entryId(1, 2), Entry.Kind.COMMAND, new byte[1]);
        RaftConfig config = new RaftConfig(
                HEARTBEAT, ELECTION, 100, 1 << 20, 100, 1 << 20, 2L * entry.sizeBytes(), 1 << 20, 1 << 20, true, true);
        Bench bench = leader(config);
        for (int i = 0; i < 2; i++) {
            assertThat(bench.propose("x").proposalOutcomes())
                    .singleElement()
                    .isInstanceOf(ProposalOutcome.Appended.class);
        }
        assertThat(bench.propose("x").proposalOutcomes()).singleElement().isInstanceOf(ProposalOutcome.Busy.class);
    }

    @Test
    @DisplayName("pitfall 62: and that is to the byte")
    void justEnoughIsGivenOutToBeApplied() {
        long two = 2L * ScenarioCluster.entries("1.1").get(0).sizeBytes();
        RaftConfig config =
                new RaftConfig(HEARTBEAT, ELECTION, 100, 1 << 20, 100, 1 << 20, 1 << 20, two, 0, true, true);
        Bench bench = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), "1.1 1.2 1.3"));
        assertThat(ids(bench.append(B, 1, entryId(1, 3), "", 3).committed())).isEqualTo("1.1 1.2");
        assertThat(bench.node.hasReady()).isFalse();
        assertThat(bench.node.takeReady().committed()).isEmpty();
        assertThat(ids(bench.step(new Input.Applied(2)).committed())).isEqualTo("1.3");
    }

    @Test
    @DisplayName("pitfall 62: what was given out to be applied and is not reported applied is bounded")
    void applyingIsBounded() {
        RaftConfig config =
                new RaftConfig(HEARTBEAT, ELECTION, 100, 1 << 20, 100, 1 << 20, 1 << 20, 150, 0, true, true);
        Bench bench =
                new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), "1.1 1.2 1.3 1.4 1.5"));
        Ready ready = bench.append(B, 1, entryId(1, 5), "", 5);
        assertThat(ids(ready.committed())).isEqualTo("1.1 1.2");
        assertThat(bench.node.takeReady().committed())
                .as("67 bytes each: one more entry may start, but then it is full")
                .hasSize(1);
        assertThat(bench.node.hasReady()).isFalse();
        assertThat(ids(bench.step(new Input.Applied(3)).committed())).isEqualTo("1.4 1.5");
    }

    @Test
    void proposalsAreSentToTheLeader() {
        Bench bench = Bench.ofThree("1.1");
        assertThat(bench.propose("x").proposalOutcomes()).containsExactly(new ProposalOutcome.NotLeader(1, null));
        bench.heartbeat(C, 1);
        assertThat(bench.propose("x").proposalOutcomes()).containsExactly(new ProposalOutcome.NotLeader(2, C));
    }
}
