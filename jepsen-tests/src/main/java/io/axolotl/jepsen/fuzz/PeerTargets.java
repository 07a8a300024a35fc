package io.axolotl.jepsen.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.server.peer.DamagedMessageException;
import io.axolotl.server.peer.MessageCodec;
import io.axolotl.server.peer.proto.AppendEntries;
import io.axolotl.server.peer.proto.EntryId;
import io.axolotl.server.peer.proto.Forward;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.HistoryReport;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.RaftMessage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** What members send each other, as the receiving side decodes it (peer.proto). */
final class PeerTargets {
    private PeerTargets() {}

    static List<FuzzTarget> all() {
        return List.of(Parser.of(
                        "peer-frame",
                        random -> frame(random).toByteArray(),
                        PeerTargets::decode,
                        Set.of(InvalidProtocolBufferException.class, DamagedMessageException.class))
                .sealedBy(PeerTargets::sealed));
    }

    private static void decode(byte[] input) throws InvalidProtocolBufferException {
        Frame frame = Frame.parseFrom(input);
        frame.getMessagesList().forEach(MessageCodec::decode);
        frame.getForwardsList().forEach(MessageCodec::decode);
        frame.getForwardsRefusedList().forEach(MessageCodec::decode);
        frame.getHistoriesList().forEach(MessageCodec::decode);
    }

    private static Frame frame(SplittableRandom random) {
        Frame.Builder out = Frame.newBuilder().setPing(random.nextInt(2));
        if (random.nextInt(4) == 0) {
            out.getHelloBuilder()
                    .setProtocolVersion(1)
                    .setClusterId(random.nextLong())
                    .setFrom(random.nextLong())
                    .setStoreId("00ff")
                    .setLane(Lane.CONTROL)
                    .addPeerUrls(Chance.url(random));
        }
        out.addAllMessages(Chance.list(random, 3, () -> message(random)));
        out.addAllForwards(Chance.list(
                random,
                1,
                () -> sealed(Forward.newBuilder()
                        .setTerm(Chance.number(random))
                        .addNumbers(random.nextLong())
                        .addPayloads(ByteString.copyFrom(Chance.bytes(random, 0, 40)))
                        .build())));
        out.addAllForwardsRefused(Chance.list(
                random,
                1,
                () -> io.axolotl.server.peer.proto.ForwardRefused.newBuilder()
                        .setTerm(Chance.number(random))
                        .addNumbers(random.nextLong())
                        .setBusy(random.nextBoolean())
                        .build()));
        out.addAllHistories(Chance.list(
                random,
                1,
                () -> sealed(HistoryReport.newBuilder()
                        .addIndexes(64)
                        .addIndexes(128)
                        .addDigests(random.nextLong())
                        .addDigests(random.nextLong())
                        .setCopiedThrough(random.nextInt(100))
                        .setQuestion(random.nextBoolean())
                        .build())));
        return out.build();
    }

    private static RaftMessage message(SplittableRandom random) {
        RaftMessage.Builder out = RaftMessage.newBuilder();
        long term = Chance.number(random);
        switch (random.nextInt(10)) {
            case 0 -> out.getHeartbeatBuilder().setTerm(term).setCommitIndex(Chance.number(random));
            case 1 ->
                out.getHeartbeatResponseBuilder()
                        .setTerm(term)
                        .setLastIndex(Chance.number(random))
                        .setReluctance(random.nextInt(100));
            case 2 -> out.getPreVoteBuilder().setTerm(term).setLast(id(random));
            case 3 -> out.getRequestVoteBuilder().setTerm(term).setLast(id(random));
            case 4 -> out.getRequestVoteResponseBuilder().setTerm(term).setGranted(random.nextBoolean());
            case 5 ->
                out.getAppendEntriesResponseBuilder()
                        .setTerm(term)
                        .setIndex(Chance.number(random))
                        .setHint(id(random));
            case 6 -> out.getReadIndexRequestBuilder().setTerm(term).setReadId(random.nextLong());
            case 7 ->
                out.getInstallSnapshotBuilder()
                        .setTerm(term)
                        .setLast(id(random))
                        .setMembership(ByteString.copyFrom(
                                CommandTargets.membership(random).encode()));
            default -> out.setAppendEntries(sealed(appendEntries(random, term)));
        }
        return out.build();
    }

    private static AppendEntries appendEntries(SplittableRandom random, long term) {
        AppendEntries.Builder out = AppendEntries.newBuilder()
                .setTerm(term)
                .setPrevious(EntryId.newBuilder().setTerm(1).setIndex(random.nextInt(1_000)))
                .setCommitIndex(Chance.number(random));
        byte[] kinds = new byte[random.nextInt(4)];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = (byte) random.nextInt(3);
            out.addTerms(1 + random.nextInt(3)).addPayloads(ByteString.copyFrom(Chance.bytes(random, 0, 60)));
        }
        return out.setKinds(UnsafeByteOperations.unsafeWrap(kinds)).build();
    }

    private static EntryId id(SplittableRandom random) {
        return EntryId.newBuilder()
                .setTerm(Chance.number(random))
                .setIndex(Chance.number(random))
                .build();
    }

    /** Checksums of all parts made right, if this is a frame at all. */
    private static byte[] sealed(byte[] input) {
        Frame.Builder frame;
        try {
            frame = Frame.parseFrom(input).toBuilder();
        } catch (InvalidProtocolBufferException e) {
            return input;
        }
        for (RaftMessage.Builder message : frame.getMessagesBuilderList()) {
            if (message.hasAppendEntries()) {
                message.setAppendEntries(sealed(message.getAppendEntries()));
            }
        }
        for (Forward.Builder forward : frame.getForwardsBuilderList()) {
            forward.setCrc32C(sealed(forward.build()).getCrc32C());
        }
        for (HistoryReport.Builder report : frame.getHistoriesBuilderList()) {
            report.setCrc32C(sealed(report.build()).getCrc32C());
        }
        return frame.build().toByteArray();
    }

    private static AppendEntries sealed(AppendEntries in) {
        CRC32C crc = new CRC32C();
        int count = Math.min(
                Math.min(in.getTermsCount(), in.getPayloadsCount()),
                in.getKinds().size());
        for (int i = 0; i < count; i++) {
            byte[] payload = in.getPayloads(i).toByteArray();
            crc.update(ByteBuffer.allocate(13)
                    .putLong(in.getTerms(i))
                    .put(in.getKinds().byteAt(i))
                    .putInt(payload.length)
                    .flip());
            crc.update(payload);
        }
        return in.toBuilder().setCrc32C((int) crc.getValue()).build();
    }

    private static Forward sealed(Forward in) {
        CRC32C crc = new CRC32C();
        for (int i = 0; i < Math.min(in.getNumbersCount(), in.getPayloadsCount()); i++) {
            byte[] payload = in.getPayloads(i).toByteArray();
            crc.update(ByteBuffer.allocate(12)
                    .putLong(in.getNumbers(i))
                    .putInt(payload.length)
                    .flip());
            crc.update(payload);
        }
        return in.toBuilder().setCrc32C((int) crc.getValue()).build();
    }

    private static HistoryReport sealed(HistoryReport in) {
        CRC32C crc = new CRC32C();
        for (int i = 0; i < Math.min(in.getIndexesCount(), in.getDigestsCount()); i++) {
            crc.update(ByteBuffer.allocate(16)
                    .putLong(in.getIndexes(i))
                    .putLong(in.getDigests(i))
                    .flip());
        }
        boolean isAccepted = in.getAcceptedThrough() != 0;
        crc.update(ByteBuffer.allocate(25)
                .putLong(in.getCopiedThrough())
                .put((byte) (in.getRefuted() ? 1 : 0))
                .putLong(isAccepted ? in.getAcceptedAfter() : 0)
                .putLong(isAccepted ? in.getAcceptedThrough() : 0)
                .flip());
        return in.toBuilder().setCrc32C((int) crc.getValue()).build();
    }
}
