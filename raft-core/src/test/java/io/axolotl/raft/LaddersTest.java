package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Java 17 has no switch over sealed types, so inputs and messages are told apart by ladders of {@code instanceof}. This
 * keeps them complete: a new type without a rung fails here, and so does one that this test was not told of.
 */
class LaddersTest {
    private static final SnapshotMetadata SNAPSHOT =
            new SnapshotMetadata(new EntryId(1, 1), ScenarioCluster.voters("A", "B", "C"));

    @Test
    @DisplayName("every kind of input has a rule")
    void everyInputHasARule() {
        TreeMap<String, Function<Bench, Input>> inputs = new TreeMap<>();
        put(inputs, Input.Tick.class, bench -> new Input.Tick(1));
        put(inputs, Input.Clock.class, bench -> new Input.Clock(1));
        put(inputs, Input.Receive.class, bench -> new Input.Receive(Bench.B, new Message.Heartbeat(1, 0, 0)));
        put(inputs, Input.Propose.class, bench -> bench.proposal("x"));
        put(
                inputs,
                Input.ChangeMembership.class,
                bench -> new Input.ChangeMembership(1, MembershipChange.NONE.withVoter(Bench.D)));
        put(inputs, Input.ReadIndex.class, bench -> new Input.ReadIndex(1));
        put(inputs, Input.TransferLeadership.class, bench -> new Input.TransferLeadership(Bench.B));
        put(inputs, Input.Persisted.class, bench -> new Input.Persisted(new PersistToken(0, 1, null, id(1, 1))));
        put(inputs, Input.Applied.class, bench -> new Input.Applied(0));
        put(
                inputs,
                Input.SnapshotTaken.class,
                bench -> new Input.SnapshotTaken(new SnapshotMetadata(EntryId.ZERO, SNAPSHOT.membership())));
        put(inputs, Input.LogTruncated.class, bench -> new Input.LogTruncated(0));
        put(inputs, Input.SnapshotInstalled.class, bench -> {
            SnapshotMetadata ahead = new SnapshotMetadata(id(1, 9), SNAPSHOT.membership());
            bench.receive(Bench.B, new Message.InstallSnapshot(1, ahead));
            return new Input.SnapshotInstalled(ahead);
        });
        put(inputs, Input.SnapshotFailed.class, bench -> new Input.SnapshotFailed(Bench.B));
        put(inputs, Input.PeerUnreachable.class, bench -> new Input.PeerUnreachable(Bench.B));
        put(inputs, Input.PeerGone.class, bench -> new Input.PeerGone(Bench.B));
        put(inputs, Input.SyncObserved.class, bench -> new Input.SyncObserved(1, true));
        put(inputs, Input.Reachable.class, bench -> new Input.Reachable(1));

        assertThat(inputs.keySet()).containsExactlyInAnyOrderElementsOf(names(Input.class));
        inputs.forEach((name, input) -> assertThatCode(() -> {
                    Bench bench = Bench.ofThree("1.1");
                    bench.step(input.apply(bench));
                })
                .as(name)
                .doesNotThrowAnyException());
    }

    @Test
    @DisplayName("every kind of message has a rule, in every role in which it can arrive")
    void everyMessageHasARule() {
        EntryId last = id(1, 1);
        List<Message> messages = List.of(
                new Message.PreVote(9, last),
                new Message.PreVote(9, last, true),
                new Message.PreVoteResponse(9, true),
                new Message.PreVoteResponse(9, false),
                new Message.RequestVote(9, last, false),
                new Message.RequestVoteResponse(9, true),
                new Message.AppendEntries(9, last, List.of(), 0, 0, 0),
                new Message.AppendEntriesResponse(9, true, 1, EntryId.ZERO, 0, 0),
                new Message.Heartbeat(9, 0, 0),
                new Message.CommitNotice(9, 0),
                new Message.HeartbeatResponse(9, 0, 0),
                new Message.InstallSnapshot(9, SNAPSHOT),
                new Message.InstallSnapshotResponse(9, 0),
                new Message.TimeoutNow(9),
                new Message.ReadIndexRequest(9, 1),
                new Message.ReadIndexResponse(9, 1, true, 1));
        assertThat(messages.stream()
                        .map(message -> message.getClass().getSimpleName())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(names(Message.class));
        for (Message message : messages) {
            for (TraceEvent.RoleName role : TraceEvent.RoleName.values()) {
                Bench bench = Bench.ofThree("1.1");
                switch (role) {
                    case FOLLOWER -> bench.heartbeat(Bench.B, 1);
                    case PRE_CANDIDATE -> bench.becomePreCandidate();
                    case CANDIDATE -> bench.becomeCandidate();
                    case LEADER -> bench.leadAndCommit();
                }
                assertThat(bench.view().role()).isEqualTo(role);
                assertThatCode(() -> bench.receive(Bench.B, message))
                        .as("%s received by a %s", message, role.word())
                        .doesNotThrowAnyException();
            }
        }
    }

    private static EntryId id(long term, long index) {
        return new EntryId(term, index);
    }

    private static void put(
            Map<String, Function<Bench, Input>> inputs, Class<? extends Input> type, Function<Bench, Input> input) {
        inputs.put(type.getSimpleName(), input);
    }

    private static List<String> names(Class<?> sealedType) {
        return Arrays.stream(sealedType.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .toList();
    }
}
