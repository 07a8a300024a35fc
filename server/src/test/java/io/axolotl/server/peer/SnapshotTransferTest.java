package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotOpening;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streamers and inboxes over loopback connections, with disks in memory and this test in the place of the cores. */
class SnapshotTransferTest {
    private static final NodeId SENDER = new NodeId(1);
    private static final Membership MEMBERS = Membership.ofVoters(List.of(SENDER, new NodeId(2), new NodeId(3)));
    private static final long CLUSTER = 5;
    private static final Path FOLDER = Path.of("/snapshots");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FILE_BYTES = 1 << 20;

    private final ConcurrentLinkedQueue<String> deaths = new ConcurrentLinkedQueue<>();
    private final ThreadFactory threads =
            ProcessThreads.factory("test-peer", (what, cause) -> deaths.add(what + ": " + cause));
    private final PeerChannels channels = new PeerChannels(threads, TimeUnit.SECONDS.toNanos(5));
    private final List<AutoCloseable> open = new ArrayList<>();
    private final FaultyDisk senderDisk = newDisk();
    private final SnapshotStore senderStore = new SnapshotStore(senderDisk, FOLDER, CLUSTER);
    private final Events events = new Events();
    private final AtomicBoolean isInDoubt = new AtomicBoolean();
    private final TokenBucket noThrottle = new TokenBucket(0, System::nanoTime);

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        return disk;
    }

    /** What a core would hear, and what is measured. */
    private static final class Events implements PeerInbox, PeerObserver {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final AtomicLong sentBytes = new AtomicLong();
        final AtomicLong receivedBytes = new AtomicLong();
        final AtomicLong sending = new AtomicLong();
        final AtomicLong mostSending = new AtomicLong();

        String next() throws InterruptedException {
            String event = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return event == null ? "nothing" : event;
        }

        @Override
        public void receive(NodeId from, Message message, long bytes) {
            heard.add(
                    "installs " + ((Message.InstallSnapshot) message).snapshot().last());
        }

        @Override
        public void forwarded(NodeId from, Forward forward) {}

        @Override
        public void forwardRefused(NodeId from, ForwardRefused refused) {}

        @Override
        public void reported(NodeId from, HistoryReport report) {}

        @Override
        public void unreachable(NodeId peer) {}

        @Override
        public void reachable(long withinNanos) {}

        @Override
        public void gone(NodeId peer) {}

        @Override
        public void snapshotWanted() {
            heard.add("wanted");
        }

        @Override
        public void snapshotFailed(NodeId peer) {
            heard.add("failed");
        }

        @Override
        public void roundTrip(NodeId to, long nanos) {}

        @Override
        public void sent(NodeId to, long bytes) {}

        @Override
        public void received(NodeId from, long bytes) {}

        @Override
        public void dropped(NodeId to) {}

        @Override
        public void connected(NodeId to) {}

        @Override
        public void disconnected(NodeId to) {}

        @Override
        public void refused(String reason) {}

        @Override
        public void damaged(NodeId from) {}

        @Override
        public void snapshotSendStarted(NodeId to) {
            mostSending.accumulateAndGet(sending.incrementAndGet(), Math::max);
        }

        @Override
        public void snapshotSendEnded(NodeId to, boolean isDone, long bytes, long nanos) {
            sending.decrementAndGet();
            sentBytes.addAndGet(bytes);
        }

        @Override
        public void snapshotReceiveStarted(NodeId from) {}

        @Override
        public void snapshotReceiveEnded(NodeId from, boolean isDone, long bytes, long nanos) {
            receivedBytes.addAndGet(bytes);
        }
    }

    /** A member that takes snapshots. */
    private final class Receiver {
        final NodeId id;
        final FaultyDisk disk = newDisk();
        final SnapshotStore store = new SnapshotStore(disk, FOLDER, CLUSTER);
        final Events events = new Events();
        final InetSocketAddress address;

        Receiver(long id) throws IOException {
            this(id, SnapshotInbox.SILENCE_NANOS);
        }

        Receiver(long id, long silenceNanos) throws IOException {
            this.id = new NodeId(id);
            SnapshotInbox inbox = new SnapshotInbox(store, events, events, threads, silenceNanos);
            Server server = channels.servers(
                            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                            List.of(),
                            new PeerGrpc.PeerImplBase() {
                                @Override
                                public StreamObserver<SnapshotPart> sendSnapshot(
                                        StreamObserver<SnapshotAnswer> answers) {
                                    return inbox.receive(answers, (hello, refusals) -> new NodeId(hello.getFrom()));
                                }
                            }.bindService())
                    .get(0)
                    .start();
            address = (InetSocketAddress) server.getListenSockets().get(0);
            open.add(() -> {
                server.shutdownNow();
                inbox.close();
            });
        }

        SnapshotStreamer streamer(InetSocketAddress way, TokenBucket throttle) {
            KnownStores.create(senderDisk, FOLDER.resolveSibling("peers-of-" + id));
            Handshake handshake = new Handshake(
                    new Handshake.Self(CLUSTER, SENDER, new StoreId(1, 1), 1, 1, List.of("http://sender:1"), 0),
                    () -> {
                        throw new AssertionError("only who is greeted asks who belongs to the cluster");
                    },
                    node -> false,
                    KnownStores.open(senderDisk, FOLDER.resolveSibling("peers-of-" + id)),
                    Habits.of(RaftConfig.defaults()));
            SnapshotStreamer streamer = new SnapshotStreamer(
                    id,
                    () -> channels.channel(PeerAddress.inClear(way), channels.snapshotLoop()),
                    handshake,
                    senderStore,
                    SnapshotTransferTest.this.events,
                    SnapshotTransferTest.this.events,
                    threads,
                    throttle,
                    isInDoubt::get);
            open.add(streamer::close);
            return streamer;
        }

        boolean hasNothing() {
            return disk.list(FOLDER).isEmpty() && disk.openFiles() == 0;
        }

        void requireWhole(long index) {
            try (Snapshot snapshot = store.open(new EntryId(1, index)).orElseThrow()) {
                snapshot.verify();
            }
        }
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        channels.close();
        assertThat(deaths).isEmpty();
    }

    private static Message.InstallSnapshot offer(long index) {
        return new Message.InstallSnapshot(7, new SnapshotMetadata(new EntryId(1, index), MEMBERS));
    }

    /** Puts a snapshot of these files into the sender's store. @return its bytes */
    private long have(long index, Map<String, byte[]> files) {
        List<SnapshotManifest.FileEntry> entries = new ArrayList<>();
        new TreeMap<>(files)
                .forEach((name, content) ->
                        entries.add(new SnapshotManifest.FileEntry(name, content.length, crcOf(content))));
        SnapshotManifest manifest =
                new SnapshotManifest(new SnapshotMetadata(new EntryId(1, index), MEMBERS), CLUSTER, entries);
        SnapshotReceiver receiver = senderStore.receive(manifest);
        files.forEach((name, content) -> {
            if (receiver.received(name) < content.length) {
                receiver.write(name, 0, content, crcOf(content));
            }
        });
        receiver.finish().close();
        return manifest.totalBytes();
    }

    private static int crcOf(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    private static Map<String, byte[]> files(int first, int count) {
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = first; i < first + count; i++) {
            byte[] content = new byte[FILE_BYTES + i];
            new Random(i).nextBytes(content);
            files.put(String.format("%06d.sst", i), content);
        }
        return files;
    }

    private static Path fileOf(long index, String name) {
        return FOLDER.resolve(String.format("%016x-%016x", index, 1))
                .resolve("db")
                .resolve(name);
    }

    @Test
    @DisplayName(
            "pitfalls 44, 45: a transfer whose connection is cut in the middle goes on from there, and every byte is"
                    + " taken once")
    void aCutTransferGoesOnWhereItWas() throws Exception {
        Receiver receiver = new Receiver(2);
        long total = have(10, files(0, 12));
        try (CuttingProxy proxy = new CuttingProxy(receiver.address)) {
            SnapshotStreamer streamer = receiver.streamer(proxy.address(), noThrottle);
            proxy.holdAfter(total / 2);
            streamer.begin(offer(10));
            await().atMost(PATIENCE).until(() -> receiver.disk.usedBytes() >= total / 4);
            proxy.cut();
            assertThat(events.next()).isEqualTo("failed");
            await().atMost(PATIENCE).until(() -> receiver.events.receivedBytes.get() > 0);
            long before = receiver.events.receivedBytes.get();
            assertThat(before).isBetween(total / 4, total / 2);
            long sentBefore = events.sentBytes.get();

            proxy.holdAfter(Long.MAX_VALUE);
            streamer.begin(offer(10));
            assertThat(receiver.events.next()).isEqualTo("installs 1.10");
            await().atMost(PATIENCE).until(() -> events.sending.get() == 0);
            receiver.requireWhole(10);
            assertThat(receiver.events.receivedBytes.get()).as("taken once").isEqualTo(total);
            assertThat(events.sentBytes.get() - sentBefore).as("the rest").isEqualTo(total - before);
        }
    }

    @Test
    @DisplayName(
            "pitfall 44: when a newer snapshot takes the place of one that was cut, what they share is not sent again")
    void aNewerSnapshotTakesOverWhatHasArrived() throws Exception {
        Receiver receiver = new Receiver(2);
        long total = have(10, files(0, 12));
        try (CuttingProxy proxy = new CuttingProxy(receiver.address)) {
            SnapshotStreamer streamer = receiver.streamer(proxy.address(), noThrottle);
            proxy.holdAfter(total / 2);
            streamer.begin(offer(10));
            await().atMost(PATIENCE).until(() -> receiver.disk.usedBytes() >= total / 4);
            proxy.cut();
            assertThat(events.next()).isEqualTo("failed");
            await().atMost(PATIENCE).until(() -> receiver.events.receivedBytes.get() > 0);
            long before = receiver.events.receivedBytes.get();

            long newTotal = have(20, files(0, 13));
            proxy.holdAfter(Long.MAX_VALUE);
            streamer.begin(offer(20));
            assertThat(receiver.events.next()).isEqualTo("installs 1.20");
            await().atMost(PATIENCE).until(() -> events.sending.get() == 0);
            receiver.requireWhole(20);
            assertThat(receiver.events.receivedBytes.get() - before).isEqualTo(newTotal - before);
        }
    }

    @Test
    @DisplayName("pitfall 58: what has arrived of a snapshot does not keep the receiver's disk full")
    void aTransferWithoutRoomLeavesNothing() throws Exception {
        Receiver receiver = new Receiver(2);
        long total = have(10, files(0, 12));
        SnapshotStreamer streamer = receiver.streamer(receiver.address, noThrottle);
        receiver.disk.limitBytes(total - 1);
        streamer.begin(offer(10));
        assertThat(events.next()).isEqualTo("failed");
        assertThat(receiver.hasNothing()).isTrue();
        assertThat(receiver.events.receivedBytes.get())
                .as("it was refused at once")
                .isZero();

        // Somebody else takes up the room in the middle.
        receiver.disk.limitBytes(total);
        receiver.disk.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.WRITE && receiver.disk.usedBytes() > total / 2) {
                receiver.disk.limitBytes(total / 2);
            }
        });
        streamer.begin(offer(10));
        assertThat(events.next()).isEqualTo("failed");
        await().atMost(PATIENCE).until(() -> receiver.events.receivedBytes.get() > 0);
        assertThat(receiver.hasNothing()).isTrue();

        receiver.disk.before((operation, path) -> {});
        receiver.disk.limitBytes(2 * total);
        streamer.begin(offer(10));
        assertThat(receiver.events.next()).isEqualTo("installs 1.10");
        receiver.requireWhole(10);
    }

    @Test
    @DisplayName("pitfall 44: what has arrived over a connection that broke is given up when nobody goes on with it")
    void aTransferThatNobodyGoesOnWithIsGivenUp() throws Exception {
        Receiver receiver = new Receiver(2, TimeUnit.SECONDS.toNanos(1));
        long total = have(10, files(0, 12));
        try (CuttingProxy proxy = new CuttingProxy(receiver.address)) {
            SnapshotStreamer streamer = receiver.streamer(proxy.address(), noThrottle);
            proxy.holdAfter(total / 2);
            streamer.begin(offer(10));
            // Of what has come, not of what is there: on a slow machine it may be given up before the cut.
            await().atMost(PATIENCE).until(() -> receiver.events.receivedBytes.get() >= total / 4);
            proxy.cut();
            assertThat(events.next()).isEqualTo("failed");
            await().atMost(PATIENCE).until(receiver::hasNothing);
            proxy.holdAfter(Long.MAX_VALUE);
            await().atMost(PATIENCE).until(() -> {
                streamer.begin(offer(10));
                return !receiver.store.all().isEmpty();
            });
            receiver.requireWhole(10);
        }
    }

    @Test
    @DisplayName("N2: files that the receiver holds from an earlier snapshot are linked, not sent")
    void filesThatAreHeldAreNotSent() throws Exception {
        Receiver receiver = new Receiver(2);
        SnapshotStreamer streamer = receiver.streamer(receiver.address, noThrottle);
        long first = have(10, files(0, 4));
        streamer.begin(offer(10));
        assertThat(receiver.events.next()).isEqualTo("installs 1.10");
        await().atMost(PATIENCE).until(() -> events.sentBytes.get() == first);
        long second = have(20, files(1, 4));
        await().atMost(PATIENCE).until(() -> {
            streamer.begin(offer(20));
            return "installs 1.20".equals(receiver.events.heard.poll(100, TimeUnit.MILLISECONDS));
        });
        await().atMost(PATIENCE).until(() -> events.sending.get() == 0);
        receiver.requireWhole(20);
        assertThat(events.sentBytes.get() - first).isEqualTo(FILE_BYTES + 4L).isLessThan(second / 3);
    }

    @Test
    @DisplayName("N18: several members are sent a snapshot at once, and share the permitted rate")
    void severalMembersAtOnce() throws Exception {
        Receiver one = new Receiver(2);
        Receiver other = new Receiver(3);
        long total = have(10, files(0, 4));
        // So slow that the first is not over before the second has begun.
        TokenBucket throttle = new TokenBucket(16L << 20, System::nanoTime);
        long startNanos = System.nanoTime();
        SnapshotStreamer toOne = one.streamer(one.address, throttle);
        SnapshotStreamer toOther = other.streamer(other.address, throttle);
        toOne.begin(offer(10));
        toOther.begin(offer(10));
        assertThat(one.events.next()).isEqualTo("installs 1.10");
        assertThat(other.events.next()).isEqualTo("installs 1.10");
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        one.requireWhole(10);
        other.requireWhole(10);
        assertThat(events.mostSending.get()).isEqualTo(2);
        // Less the burst and what may be on its way.
        assertThat(seconds).isGreaterThan((2.0 * total / (16 << 20) - 0.1) / 2);
    }

    private enum Rot {
        A_BIT {
            @Override
            void strike(FaultyDisk disk, Path file) {
                disk.flipBit(file, FILE_BYTES / 2, 3);
            }
        },
        TOO_SHORT {
            @Override
            void strike(FaultyDisk disk, Path file) {
                disk.delete(file);
                try (DiskFile shorter = disk.create(file)) {
                    shorter.write(ByteBuffer.allocate(FILE_BYTES / 2), 0);
                }
            }
        },
        MISSING {
            @Override
            void strike(FaultyDisk disk, Path file) {
                disk.delete(file);
            }
        };

        abstract void strike(FaultyDisk disk, Path file);
    }

    @ParameterizedTest
    @EnumSource(Rot.class)
    @DisplayName(
            "D13, pitfall 44: a sender whose file has rotted notices, offers it to nobody again, asks for another and"
                    + " goes on living")
    void aRottenSnapshotIsSentToNobody(Rot rot) throws Exception {
        Receiver receiver = new Receiver(2);
        SnapshotStreamer streamer = receiver.streamer(receiver.address, noThrottle);
        Map<String, byte[]> files = files(0, 3);
        have(10, files);
        rot.strike(senderDisk, fileOf(10, "000001.sst"));

        streamer.begin(offer(10));
        assertThat(events.next()).isEqualTo("wanted");
        assertThat(events.next()).isEqualTo("failed");
        assertThat(senderStore.newest()).isEmpty();
        assertThat(receiver.store.newest()).isEmpty();
        long sent = events.sentBytes.get();
        assertThat(sent).as("not all of the damaged file").isLessThan(2L * FILE_BYTES + 2);

        streamer.begin(offer(10));
        assertThat(events.next()).isEqualTo("wanted");
        assertThat(events.next()).isEqualTo("failed");
        assertThat(events.sentBytes.get())
                .as("nothing is sent while there is none")
                .isEqualTo(sent);

        // Of the same entry, as in a cluster that has nothing to do.
        have(10, files);
        streamer.begin(offer(10));
        await().atMost(PATIENCE).until(() -> !receiver.events.heard.isEmpty() || !events.heard.isEmpty());
        if (!events.heard.isEmpty()) {
            // It had kept what arrived of the rotten file, found that out at its end, and lets go of that file.
            assertThat(events.next()).isEqualTo("failed");
            streamer.begin(offer(10));
        }
        assertThat(receiver.events.next()).isEqualTo("installs 1.10");
        receiver.requireWhole(10);
        assertThat(senderDisk.list(FOLDER)).hasSize(1);
    }

    @Test
    @DisplayName("D13: a snapshot older than the one that was offered is not sent in its place")
    void anOlderSnapshotIsNotSentInstead() throws Exception {
        Receiver receiver = new Receiver(2);
        SnapshotStreamer streamer = receiver.streamer(receiver.address, noThrottle);
        have(10, files(0, 1));
        streamer.begin(offer(20));
        assertThat(events.next()).isEqualTo("wanted");
        assertThat(events.next()).isEqualTo("failed");
        assertThat(events.sentBytes.get()).isZero();
    }

    @Test
    @DisplayName(
            "ADR 16: when the state comes into doubt, a transfer under way is broken off and none begins until it is out")
    void aStateInDoubtIsNotCopiedToTheEnd() throws Exception {
        Receiver receiver = new Receiver(2);
        long total = have(10, files(0, 8));
        // So slow that it is under way for a while.
        SnapshotStreamer streamer = receiver.streamer(receiver.address, new TokenBucket(4L << 20, System::nanoTime));
        streamer.begin(offer(10));
        await().atMost(PATIENCE).until(() -> events.sending.get() == 1);
        isInDoubt.set(true);
        streamer.breakOff();
        assertThat(events.next()).isEqualTo("failed");
        assertThat(receiver.store.newest()).as("not all has arrived").isEmpty();
        assertThat(events.sentBytes.get()).isLessThan(total);

        long sent = events.sentBytes.get();
        streamer.begin(offer(10));
        assertThat(events.next()).isEqualTo("failed");
        assertThat(events.sentBytes.get()).as("nothing is sent in doubt").isEqualTo(sent);

        isInDoubt.set(false);
        streamer.begin(offer(10));
        assertThat(receiver.events.next()).isEqualTo("installs 1.10");
        receiver.requireWhole(10);
    }

    @Test
    @DisplayName(
            "N13: a transfer of an earlier term does not take the place of one of a later term, one of a later does")
    void anEarlierTermDoesNotDisplaceALaterOne() throws Exception {
        Receiver receiver = new Receiver(2);
        ManagedChannel channel = channels.channel(PeerAddress.inClear(receiver.address), channels.entriesLoop());
        open.add(channel::shutdownNow);
        have(10, files(0, 1));
        byte[] manifest;
        try (Snapshot snapshot = senderStore.newest().orElseThrow()) {
            manifest = snapshot.manifest().encode();
        }
        Stream leader = new Stream(channel, 5, manifest);
        assertThat(leader.next()).startsWith("answer");
        Stream deposed = new Stream(channel, 4, manifest);
        assertThat(deposed.next()).contains("later term");
        leader.parts.onNext(SnapshotPart.newBuilder().setFinish(true).build());
        assertThat(leader.next()).as("it is still listened to").contains("not complete");
        Stream next = new Stream(channel, 5, manifest);
        assertThat(next.next()).startsWith("answer");
        Stream newer = new Stream(channel, 6, manifest);
        assertThat(newer.next()).startsWith("answer");
        assertThat(next.next()).contains("newer transfer");
    }

    @Test
    @DisplayName("D13: a manifest of a newer release is refused by name, and the member that it was sent to lives on")
    void aManifestOfANewerReleaseIsRefused() throws Exception {
        Receiver receiver = new Receiver(2);
        ManagedChannel channel = channels.channel(PeerAddress.inClear(receiver.address), channels.entriesLoop());
        open.add(channel::shutdownNow);
        have(10, files(0, 1));
        byte[] manifest;
        try (Snapshot snapshot = senderStore.newest().orElseThrow()) {
            manifest = snapshot.manifest().encode();
        }
        byte[] newer = manifest.clone();
        newer[4] = 2;
        assertThat(new Stream(channel, 5, newer).next()).contains("version 2");
        assertThat(new Stream(channel, 5, manifest).next()).startsWith("answer");
    }

    /** A call that is made by hand. */
    private static final class Stream implements StreamObserver<SnapshotAnswer> {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final StreamObserver<SnapshotPart> parts;

        Stream(ManagedChannel channel, long term, byte[] manifest) {
            parts = PeerGrpc.newStub(channel).sendSnapshot(this);
            parts.onNext(SnapshotPart.newBuilder()
                    .setOpening(SnapshotOpening.newBuilder()
                            .setHello(Hello.newBuilder().setFrom(SENDER.value()))
                            .setTerm(term)
                            .setManifest(ByteString.copyFrom(manifest)))
                    .build());
        }

        String next() throws InterruptedException {
            String event = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return event == null ? "nothing" : event;
        }

        @Override
        public void onNext(SnapshotAnswer answer) {
            heard.add("answer");
        }

        @Override
        public void onError(Throwable cause) {
            heard.add(String.valueOf(Status.fromThrowable(cause).getDescription()));
        }

        @Override
        public void onCompleted() {
            heard.add("completed");
        }
    }
}
