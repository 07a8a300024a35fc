package io.axolotl.server.peer;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Messages of the core to and from their wire form (peer.proto). Payloads are neither copied on the way out nor a second
 * time on the way in: the array that a client's request was encoded into is the one that the log writes and every peer
 * is sent.
 *
 * <p>Stateless; safe for all threads.
 */
public final class MessageCodec {
    private MessageCodec() {}

    /** @throws AssertionError if the kind of message is not known here: a message was added without its wire form */
    public static RaftMessage encode(Message message) {
        RaftMessage.Builder out = RaftMessage.newBuilder();
        if (message instanceof Message.AppendEntries m) {
            out.setAppendEntries(encode(m));
        } else if (message instanceof Message.AppendEntriesResponse m) {
            out.getAppendEntriesResponseBuilder()
                    .setTerm(m.term())
                    .setAccepted(m.isAccepted())
                    .setIndex(m.index())
                    .setHint(encode(m.hint()))
                    .setReadRound(m.readRound())
                    .setEpoch(m.epoch());
        } else if (message instanceof Message.Heartbeat m) {
            out.getHeartbeatBuilder()
                    .setTerm(m.term())
                    .setCommitIndex(m.commitIndex())
                    .setReadRound(m.readRound());
        } else if (message instanceof Message.CommitNotice m) {
            out.getCommitNoticeBuilder().setTerm(m.term()).setCommitIndex(m.commitIndex());
        } else if (message instanceof Message.HeartbeatResponse m) {
            out.getHeartbeatResponseBuilder()
                    .setTerm(m.term())
                    .setReadRound(m.readRound())
                    .setLastIndex(m.lastIndex())
                    .setReluctance(m.reluctance());
        } else if (message instanceof Message.PreVote m) {
            out.getPreVoteBuilder().setTerm(m.term()).setLast(encode(m.last())).setEarly(m.isEarly());
        } else if (message instanceof Message.PreVoteResponse m) {
            out.getPreVoteResponseBuilder().setTerm(m.term()).setGranted(m.isGranted());
        } else if (message instanceof Message.RequestVote m) {
            out.getRequestVoteBuilder()
                    .setTerm(m.term())
                    .setLast(encode(m.last()))
                    .setTransfer(m.isTransfer());
        } else if (message instanceof Message.RequestVoteResponse m) {
            out.getRequestVoteResponseBuilder().setTerm(m.term()).setGranted(m.isGranted());
        } else if (message instanceof Message.InstallSnapshot m) {
            out.getInstallSnapshotBuilder()
                    .setTerm(m.term())
                    .setLast(encode(m.snapshot().last()))
                    .setMembership(UnsafeByteOperations.unsafeWrap(
                            m.snapshot().membership().encode()));
        } else if (message instanceof Message.InstallSnapshotResponse m) {
            out.getInstallSnapshotResponseBuilder().setTerm(m.term()).setInstalledIndex(m.installedIndex());
        } else if (message instanceof Message.TimeoutNow m) {
            out.getTimeoutNowBuilder().setTerm(m.term());
        } else if (message instanceof Message.ReadIndexRequest m) {
            out.getReadIndexRequestBuilder().setTerm(m.term()).setReadId(m.readId());
        } else if (message instanceof Message.ReadIndexResponse m) {
            out.getReadIndexResponseBuilder()
                    .setTerm(m.term())
                    .setReadId(m.readId())
                    .setConfirmed(m.isConfirmed())
                    .setIndex(m.index());
        } else {
            throw new AssertionError("no wire form for " + message.getClass().getName());
        }
        return out.build();
    }

    /** @throws DamagedMessageException if this is no message of this version, or its entries were damaged */
    public static Message decode(RaftMessage in) {
        try {
            return switch (in.getBodyCase()) {
                case APPEND_ENTRIES -> decode(in.getAppendEntries());
                case APPEND_ENTRIES_RESPONSE -> {
                    var m = in.getAppendEntriesResponse();
                    yield new Message.AppendEntriesResponse(
                            m.getTerm(),
                            m.getAccepted(),
                            m.getIndex(),
                            decode(m.getHint()),
                            m.getReadRound(),
                            m.getEpoch());
                }
                case HEARTBEAT -> {
                    var m = in.getHeartbeat();
                    yield new Message.Heartbeat(m.getTerm(), m.getCommitIndex(), m.getReadRound());
                }
                case COMMIT_NOTICE -> {
                    var m = in.getCommitNotice();
                    yield new Message.CommitNotice(m.getTerm(), m.getCommitIndex());
                }
                case HEARTBEAT_RESPONSE -> {
                    var m = in.getHeartbeatResponse();
                    yield new Message.HeartbeatResponse(
                            m.getTerm(), m.getReadRound(), m.getLastIndex(), m.getReluctance());
                }
                case PRE_VOTE -> {
                    var m = in.getPreVote();
                    yield new Message.PreVote(m.getTerm(), decode(m.getLast()), m.getEarly());
                }
                case PRE_VOTE_RESPONSE ->
                    new Message.PreVoteResponse(
                            in.getPreVoteResponse().getTerm(),
                            in.getPreVoteResponse().getGranted());
                case REQUEST_VOTE -> {
                    var m = in.getRequestVote();
                    yield new Message.RequestVote(m.getTerm(), decode(m.getLast()), m.getTransfer());
                }
                case REQUEST_VOTE_RESPONSE ->
                    new Message.RequestVoteResponse(
                            in.getRequestVoteResponse().getTerm(),
                            in.getRequestVoteResponse().getGranted());
                case INSTALL_SNAPSHOT -> {
                    var m = in.getInstallSnapshot();
                    yield new Message.InstallSnapshot(
                            m.getTerm(),
                            new SnapshotMetadata(
                                    decode(m.getLast()),
                                    Membership.decode(m.getMembership().toByteArray())));
                }
                case INSTALL_SNAPSHOT_RESPONSE ->
                    new Message.InstallSnapshotResponse(
                            in.getInstallSnapshotResponse().getTerm(),
                            in.getInstallSnapshotResponse().getInstalledIndex());
                case TIMEOUT_NOW -> new Message.TimeoutNow(in.getTimeoutNow().getTerm());
                case READ_INDEX_REQUEST ->
                    new Message.ReadIndexRequest(
                            in.getReadIndexRequest().getTerm(),
                            in.getReadIndexRequest().getReadId());
                case READ_INDEX_RESPONSE -> {
                    var m = in.getReadIndexResponse();
                    yield new Message.ReadIndexResponse(m.getTerm(), m.getReadId(), m.getConfirmed(), m.getIndex());
                }
                case BODY_NOT_SET -> throw new DamagedMessageException("a message of a kind that is not known here");
            };
        } catch (IllegalArgumentException e) {
            throw new DamagedMessageException("a message that cannot be: " + e.getMessage());
        }
    }

    public static io.axolotl.server.peer.proto.Forward encode(Forward forward) {
        var out = io.axolotl.server.peer.proto.Forward.newBuilder().setTerm(forward.term());
        for (int i = 0; i < forward.numbers().length; i++) {
            out.addNumbers(forward.numbers()[i]);
            out.addPayloads(UnsafeByteOperations.unsafeWrap(forward.payloads()[i]));
        }
        return out.setCrc32C(checksum(forward)).build();
    }

    /** @throws DamagedMessageException if it does not match its checksum */
    public static Forward decode(io.axolotl.server.peer.proto.Forward in) {
        int count = in.getNumbersCount();
        if (count != in.getPayloadsCount()) {
            throw new DamagedMessageException(
                    "a forward of " + count + " numbers and " + in.getPayloadsCount() + " payloads");
        }
        long[] numbers = new long[count];
        byte[][] payloads = new byte[count][];
        for (int i = 0; i < count; i++) {
            numbers[i] = in.getNumbers(i);
            payloads[i] = bytes(in.getPayloads(i));
        }
        Forward forward = new Forward(in.getTerm(), numbers, payloads);
        if (checksum(forward) != in.getCrc32C()) {
            throw new DamagedMessageException("forwarded proposals that do not match their checksum");
        }
        return forward;
    }

    public static io.axolotl.server.peer.proto.ForwardRefused encode(ForwardRefused refused) {
        var out = io.axolotl.server.peer.proto.ForwardRefused.newBuilder()
                .setTerm(refused.term())
                .setBusy(refused.why() == ForwardRefused.Why.BUSY)
                .setDiskFull(refused.why() == ForwardRefused.Why.DISK_FULL);
        for (long number : refused.numbers()) {
            out.addNumbers(number);
        }
        return out.build();
    }

    public static ForwardRefused decode(io.axolotl.server.peer.proto.ForwardRefused in) {
        long[] numbers = new long[in.getNumbersCount()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.getNumbers(i);
        }
        ForwardRefused.Why why = in.getDiskFull()
                ? ForwardRefused.Why.DISK_FULL
                : in.getBusy() ? ForwardRefused.Why.BUSY : ForwardRefused.Why.NOT_LEADER;
        return new ForwardRefused(in.getTerm(), numbers, why);
    }

    public static io.axolotl.server.peer.proto.HistoryReport encode(HistoryReport report) {
        var out = io.axolotl.server.peer.proto.HistoryReport.newBuilder()
                .setCopiedThrough(report.copiedThrough())
                .setRefuted(report.isRefuted())
                .setQuestion(report.isQuestion())
                .setWantsSnapshot(report.wantsSnapshot())
                .setCrc32C(checksum(report));
        Divergence accepted = report.accepted();
        if (accepted != null) {
            out.setAcceptedAfter(accepted.agreedIndex()).setAcceptedThrough(accepted.differsIndex());
        }
        if (report.wantsSnapshot()) {
            out.setSnapshotAfter(report.snapshotAfter());
        }
        for (long index : report.checkpoints().indexes()) {
            out.addIndexes(index);
        }
        for (long digest : report.checkpoints().digests()) {
            out.addDigests(digest);
        }
        return out.build();
    }

    /** @throws DamagedMessageException if it does not match its checksum, or cannot be */
    public static HistoryReport decode(io.axolotl.server.peer.proto.HistoryReport in) {
        long[] indexes = new long[in.getIndexesCount()];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = in.getIndexes(i);
        }
        long[] digests = new long[in.getDigestsCount()];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = in.getDigests(i);
        }
        try {
            HistoryReport report = new HistoryReport(
                    new Checkpoints(indexes, digests),
                    in.getCopiedThrough(),
                    in.getRefuted(),
                    in.getAcceptedThrough() == 0
                            ? null
                            : new Divergence(in.getAcceptedAfter(), in.getAcceptedThrough()),
                    in.getQuestion(),
                    in.getWantsSnapshot() ? in.getSnapshotAfter() : HistoryReport.NO_SNAPSHOT);
            if (checksum(report) != in.getCrc32C()) {
                throw new DamagedMessageException("a report of its history that does not match its checksum");
            }
            return report;
        } catch (IllegalArgumentException e) {
            throw new DamagedMessageException("a report of its history that cannot be: " + e.getMessage());
        }
    }

    private static int checksum(HistoryReport report) {
        Checkpoints checkpoints = report.checkpoints();
        CRC32C crc = new CRC32C();
        ByteBuffer pair = ByteBuffer.allocate(2 * Long.BYTES);
        for (int i = 0; i < checkpoints.indexes().length; i++) {
            pair.clear().putLong(checkpoints.indexes()[i]).putLong(checkpoints.digests()[i]);
            crc.update(pair.array(), 0, pair.capacity());
        }
        pair.clear().putLong(report.copiedThrough()).put((byte) (report.isRefuted() ? 1 : 0));
        crc.update(pair.array(), 0, pair.position());
        Divergence accepted = report.accepted();
        pair.clear()
                .putLong(accepted == null ? 0 : accepted.agreedIndex())
                .putLong(accepted == null ? 0 : accepted.differsIndex());
        crc.update(pair.array(), 0, pair.position());
        return (int) crc.getValue();
    }

    /** The whole content as one array; the array behind it, if there is exactly one. */
    static byte[] bytes(ByteString from) {
        if (from.isEmpty()) {
            return NOTHING;
        }
        WholeArray sink = new WholeArray(from.size());
        try {
            UnsafeByteOperations.unsafeWriteTo(from, sink);
        } catch (IOException e) {
            throw new UncheckedIOException("copying within memory cannot fail", e);
        }
        return sink.result();
    }

    private static io.axolotl.server.peer.proto.AppendEntries encode(Message.AppendEntries m) {
        var out = io.axolotl.server.peer.proto.AppendEntries.newBuilder()
                .setTerm(m.term())
                .setPrevious(encode(m.previous()))
                .setCommitIndex(m.commitIndex())
                .setReadRound(m.readRound())
                .setEpoch(m.epoch());
        List<Entry> entries = m.entries();
        if (entries.isEmpty()) {
            return out.build();
        }
        byte[] kinds = new byte[entries.size()];
        EntryChecksum checksum = new EntryChecksum();
        for (int i = 0; i < kinds.length; i++) {
            Entry entry = entries.get(i);
            kinds[i] = (byte) entry.kind().code();
            out.addTerms(entry.term());
            out.addPayloads(UnsafeByteOperations.unsafeWrap(entry.payload()));
            checksum.add(entry.term(), kinds[i], entry.payload());
        }
        return out.setKinds(UnsafeByteOperations.unsafeWrap(kinds))
                .setCrc32C(checksum.value())
                .build();
    }

    private static Message.AppendEntries decode(io.axolotl.server.peer.proto.AppendEntries in) {
        int count = in.getTermsCount();
        if (in.getKinds().size() != count || in.getPayloadsCount() != count) {
            throw new DamagedMessageException("entries with " + count + " terms, "
                    + in.getKinds().size() + " kinds and " + in.getPayloadsCount() + " payloads");
        }
        EntryId previous = decode(in.getPrevious());
        List<Entry> entries = new ArrayList<>(count);
        EntryChecksum checksum = new EntryChecksum();
        for (int i = 0; i < count; i++) {
            byte kind = in.getKinds().byteAt(i);
            byte[] payload = bytes(in.getPayloads(i));
            checksum.add(in.getTerms(i), kind, payload);
            entries.add(
                    new Entry(new EntryId(in.getTerms(i), previous.index() + 1 + i), Entry.Kind.ofCode(kind), payload));
        }
        if (count > 0 && checksum.value() != in.getCrc32C()) {
            throw new DamagedMessageException(count + " entries after " + previous + " do not match their checksum");
        }
        return new Message.AppendEntries(
                in.getTerm(), previous, entries, in.getCommitIndex(), in.getReadRound(), in.getEpoch());
    }

    private static io.axolotl.server.peer.proto.EntryId encode(EntryId id) {
        return io.axolotl.server.peer.proto.EntryId.newBuilder()
                .setTerm(id.term())
                .setIndex(id.index())
                .build();
    }

    private static EntryId decode(io.axolotl.server.peer.proto.EntryId id) {
        return new EntryId(id.getTerm(), id.getIndex());
    }

    private static int checksum(Forward forward) {
        CRC32C crc = new CRC32C();
        ByteBuffer head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
        for (int i = 0; i < forward.numbers().length; i++) {
            byte[] payload = forward.payloads()[i];
            head.clear().putLong(forward.numbers()[i]).putInt(payload.length);
            crc.update(head.array(), 0, head.capacity());
            crc.update(payload, 0, payload.length);
        }
        return (int) crc.getValue();
    }

    private static final byte[] NOTHING = {};

    /** Over each entry: term (8 bytes, big-endian), kind (1), payload length (4), payload. */
    private static final class EntryChecksum {
        private final CRC32C crc = new CRC32C();
        private final ByteBuffer head = ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES);

        void add(long term, byte kind, byte[] payload) {
            head.clear().putLong(term).put(kind).putInt(payload.length);
            crc.update(head.array(), 0, head.capacity());
            crc.update(payload, 0, payload.length);
        }

        int value() {
            return (int) crc.getValue();
        }
    }

    /** Takes over the array of a byte string that is exactly one array, and gathers any other. */
    private static final class WholeArray extends ByteOutput {
        private final int size;
        private byte[] gathered = NOTHING;
        private int filled;

        WholeArray(int size) {
            this.size = size;
        }

        byte[] result() {
            return gathered;
        }

        @Override
        public void write(byte value) {
            room()[filled++] = value;
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            System.arraycopy(value, offset, room(), filled, length);
            filled += length;
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (length == size && value.length == size) {
                gathered = value;
                filled = size;
            } else {
                write(value, offset, length);
            }
        }

        @Override
        public void write(ByteBuffer value) {
            int length = value.remaining();
            value.get(room(), filled, length);
            filled += length;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            write(value);
        }

        private byte[] room() {
            if (gathered.length != size) {
                gathered = new byte[size];
            }
            return gathered;
        }
    }
}
