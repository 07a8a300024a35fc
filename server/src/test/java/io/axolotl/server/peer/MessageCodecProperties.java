package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class MessageCodecProperties {
    private static final EntryId ID = new EntryId(3, 70_000);

    private static final SnapshotMetadata SNAPSHOT =
            new SnapshotMetadata(ID, Membership.ofVoters(List.of(new NodeId(1), new NodeId(-2))));

    /** One of each kind, and the bytes that it has on the wire since version 1 of the protocol. */
    private static final Map<Message, String> GOLDEN = Map.ofEntries(
            Map.entry(new Message.PreVote(7, ID), "0a0a08071206080310f0a204"),
            Map.entry(new Message.PreVote(7, ID, true), "0a0c08071206080310f0a2041801"),
            Map.entry(new Message.PreVoteResponse(7, true), "120408071001"),
            Map.entry(new Message.RequestVote(7, ID, true), "1a0c08071206080310f0a2041801"),
            Map.entry(new Message.RequestVoteResponse(7, false), "22020807"),
            Map.entry(
                    new Message.AppendEntries(
                            7,
                            ID,
                            List.of(
                                    new Entry(new EntryId(6, 70_001), Entry.Kind.NO_OP, new byte[0]),
                                    new Entry(new EntryId(7, 70_002), Entry.Kind.COMMAND, new byte[] {1, 2, 3})),
                            69_999,
                            11,
                            5),
                    "2a2608071206080310f0a20418efa204200b2805320206073a02010042004203" + "0102034ddba872bf"),
            Map.entry(
                    new Message.AppendEntriesResponse(7, true, 70_002, EntryId.ZERO, 11, 5),
                    "320e0807100118f2a2042200280b3005"),
            Map.entry(new Message.Heartbeat(7, 70_002, 11), "3a08080710f2a204180b"),
            Map.entry(new Message.CommitNotice(7, 70_002), "7206080710f2a204"),
            Map.entry(new Message.HeartbeatResponse(7, 11, 70_002), "42080807100b18f2a204"),
            Map.entry(new Message.HeartbeatResponse(7, 11, 70_002, 255), "420b0807100b18f2a20420ff01"),
            Map.entry(
                    new Message.InstallSnapshot(7, SNAPSHOT),
                    "6a2008071206080310f0a2041a1401020000000000000001fffffffffffffffe0000"),
            Map.entry(new Message.InstallSnapshotResponse(7, 70_000), "4a06080710f0a204"),
            Map.entry(new Message.TimeoutNow(7), "52020807"),
            Map.entry(new Message.ReadIndexRequest(7, 9), "5a0b0807110900000000000000"),
            Map.entry(new Message.ReadIndexResponse(7, 9, true, 70_002), "62110807110900000000000000180120f2a204"));

    @Example
    @Label("every kind of message has a golden example, and its bytes do not change")
    void bytesStayAsTheyAre() {
        Set<Class<?>> seen = new HashSet<>();
        GOLDEN.forEach((message, hex) -> {
            seen.add(message.getClass());
            assertThat(HexFormat.of().formatHex(MessageCodec.encode(message).toByteArray()))
                    .as("%s", message)
                    .isEqualTo(hex);
        });
        assertThat(seen).containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
    }

    @Property
    void everyMessageComesBackAsItWas(@ForAll("messages") Message message) throws Exception {
        byte[] wire = MessageCodec.encode(message).toByteArray();
        assertThat(MessageCodec.decode(RaftMessage.parseFrom(wire))).isEqualTo(message);
    }

    @Property
    @Label("N15: a flipped bit in entries is noticed, whatever TCP says")
    void damagedEntriesAreRefused(@ForAll("appends") Message.AppendEntries append, @ForAll int which, @ForAll int bit) {
        if (append.entries().isEmpty()) {
            return;
        }
        var wire = MessageCodec.encode(append).getAppendEntries();
        int entry = Math.floorMod(which, append.entries().size());
        byte[] payload = wire.getPayloads(entry).toByteArray();
        var damaged = wire.toBuilder();
        if (payload.length == 0) {
            damaged.setTerms(entry, wire.getTerms(entry) ^ 1L << Math.floorMod(bit, 20));
        } else {
            payload[Math.floorMod(bit, payload.length)] ^= 0x10;
            damaged.setPayloads(entry, ByteString.copyFrom(payload));
        }
        assertThatThrownBy(() -> MessageCodec.decode(
                        RaftMessage.newBuilder().setAppendEntries(damaged).build()))
                .isInstanceOf(DamagedMessageException.class);
    }

    @Property
    void forwardsComeBackAsTheyWere(@ForAll long term, @ForAll List<byte[]> payloads) throws Exception {
        long[] numbers =
                payloads.stream().mapToLong(payload -> payload.length * 31L).toArray();
        Forward forward = new Forward(term, numbers, payloads.toArray(new byte[0][]));
        byte[] wire = MessageCodec.encode(forward).toByteArray();
        Forward back = MessageCodec.decode(io.axolotl.server.peer.proto.Forward.parseFrom(wire));
        assertThat(back.term()).isEqualTo(term);
        assertThat(back.numbers()).isEqualTo(numbers);
        assertThat(back.payloads()).isDeepEqualTo(forward.payloads());
    }

    @Property
    void refusalsComeBackAsTheyWere(@ForAll long term, @ForAll long[] numbers, @ForAll ForwardRefused.Why why) {
        ForwardRefused back = MessageCodec.decode(MessageCodec.encode(new ForwardRefused(term, numbers, why)));
        assertThat(back.term()).isEqualTo(term);
        assertThat(back.numbers()).isEqualTo(numbers);
        assertThat(back.why()).isEqualTo(why);
    }

    @Example
    @Label("N15: a forward whose payload was changed is refused")
    void damagedForwardIsRefused() {
        var wire = MessageCodec.encode(new Forward(1, new long[] {4}, new byte[][] {{1, 2, 3}})).toBuilder();
        wire.setPayloads(0, ByteString.copyFrom(new byte[] {1, 2, 4}));
        assertThatThrownBy(() -> MessageCodec.decode(wire.build())).isInstanceOf(DamagedMessageException.class);
    }

    @Property
    void historyReportsComeBackAsTheyWere(
            @ForAll @Size(max = 20) Set<@LongRange(min = 1) Long> at,
            @ForAll @LongRange(min = 0) long copiedThrough,
            @ForAll boolean isRefuted,
            @ForAll boolean isAccepted,
            @ForAll boolean isQuestion,
            @ForAll @LongRange(min = -1) long after) {
        long[] indexes = at.stream().mapToLong(Long::longValue).sorted().toArray();
        long[] digests = Arrays.stream(indexes).map(index -> index * -31).toArray();
        HistoryReport report = new HistoryReport(
                new Checkpoints(indexes, digests),
                copiedThrough,
                isRefuted,
                isAccepted ? new Divergence(copiedThrough / 2, copiedThrough / 2 + 1) : null,
                isQuestion,
                after);
        assertThat(MessageCodec.decode(MessageCodec.encode(report))).isEqualTo(report);
    }

    @Example
    @Label("N15: a digest that was changed on its way puts nobody in doubt")
    void damagedHistoryReportIsRefused() {
        var wire = MessageCodec.encode(
                new HistoryReport(new Checkpoints(new long[] {64}, new long[] {5}), 32, false, null, true, 3));
        for (var damaged : List.of(
                wire.toBuilder().setDigests(0, 4),
                wire.toBuilder().setCopiedThrough(0),
                wire.toBuilder().setRefuted(true),
                wire.toBuilder().setAcceptedThrough(5))) {
            assertThatThrownBy(() -> MessageCodec.decode(damaged.build())).isInstanceOf(DamagedMessageException.class);
        }
    }

    @Example
    void aMessageOfALaterVersionIsRefused() {
        assertThatThrownBy(() -> MessageCodec.decode(RaftMessage.getDefaultInstance()))
                .isInstanceOf(DamagedMessageException.class);
    }

    @Example
    @Label("pitfall 63: a payload is copied once on the way in, and not at all on the way out")
    void payloadsAreNotCopied() throws Exception {
        byte[] payload = new byte[300];
        Entry entry = new Entry(new EntryId(1, 1), Entry.Kind.COMMAND, payload);
        RaftMessage message = MessageCodec.encode(new Message.AppendEntries(1, EntryId.ZERO, List.of(entry), 0, 0, 0));
        assertThat(MessageCodec.bytes(message.getAppendEntries().getPayloads(0)))
                .isSameAs(payload);
        Frame received =
                Frame.parseFrom(Frame.newBuilder().addMessages(message).build().toByteArray());
        ByteString parsed = received.getMessages(0).getAppendEntries().getPayloads(0);
        assertThat(MessageCodec.bytes(parsed)).isSameAs(MessageCodec.bytes(parsed));
    }

    @Provide
    Arbitrary<Message> messages() {
        Arbitrary<Long> numbers = numbers();
        Arbitrary<EntryId> ids = ids();
        Arbitrary<Boolean> flags = Arbitraries.of(true, false);
        List<Arbitrary<? extends Message>> kinds = new ArrayList<>();
        kinds.add(appends());
        kinds.add(Combinators.combine(numbers, ids, flags).as(Message.PreVote::new));
        kinds.add(Combinators.combine(numbers, flags).as(Message.PreVoteResponse::new));
        kinds.add(Combinators.combine(numbers, ids, flags).as(Message.RequestVote::new));
        kinds.add(Combinators.combine(numbers, flags).as(Message.RequestVoteResponse::new));
        kinds.add(Combinators.combine(numbers, flags, numbers, ids, numbers, numbers)
                .as(Message.AppendEntriesResponse::new));
        kinds.add(Combinators.combine(numbers, numbers, numbers).as(Message.Heartbeat::new));
        kinds.add(Combinators.combine(numbers, numbers).as(Message.CommitNotice::new));
        kinds.add(Combinators.combine(
                        numbers, numbers, numbers, Arbitraries.integers().between(0, 255))
                .as(Message.HeartbeatResponse::new));
        kinds.add(Combinators.combine(numbers, ids)
                .as((term, id) -> new Message.InstallSnapshot(term, new SnapshotMetadata(id, SNAPSHOT.membership()))));
        kinds.add(Combinators.combine(numbers, numbers).as(Message.InstallSnapshotResponse::new));
        kinds.add(numbers.map(Message.TimeoutNow::new));
        kinds.add(Combinators.combine(numbers, Arbitraries.longs()).as(Message.ReadIndexRequest::new));
        kinds.add(Combinators.combine(numbers, Arbitraries.longs(), flags, numbers)
                .as(Message.ReadIndexResponse::new));
        assertThat(kinds).as("one generator per kind").hasSize(Message.class.getPermittedSubclasses().length);
        return Arbitraries.oneOf(kinds);
    }

    @Provide
    Arbitrary<Message.AppendEntries> appends() {
        Arbitrary<Entry> entries = Combinators.combine(
                        Arbitraries.longs().between(1, 1L << 40),
                        Arbitraries.of(Entry.Kind.class),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(40))
                .as((term, kind, payload) -> new Entry(new EntryId(term, 1), kind, payload));
        return Combinators.combine(numbers(), ids(), entries.list().ofMaxSize(8), numbers(), numbers(), numbers())
                .as((term, previous, list, commit, round, epoch) ->
                        new Message.AppendEntries(term, previous, placedAfter(previous, list), commit, round, epoch));
    }

    private static List<Entry> placedAfter(EntryId previous, List<Entry> entries) {
        List<Entry> placed = new ArrayList<>();
        for (Entry entry : entries) {
            EntryId id = new EntryId(entry.term(), previous.index() + 1 + placed.size());
            placed.add(new Entry(id, entry.kind(), entry.payload()));
        }
        return placed;
    }

    private static Arbitrary<Long> numbers() {
        return Arbitraries.longs().between(0, 1L << 50);
    }

    private static Arbitrary<EntryId> ids() {
        return Combinators.combine(numbers(), numbers()).as(EntryId::new);
    }
}
