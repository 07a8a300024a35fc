package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.driver.PipelineMetrics;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real transport towards one peer, which the test plays: it reads what it likes and answers when it likes. */
@Timeout(120)
class PeerLanesTest {
    private static final NodeId A = new NodeId(0xa);
    private static final NodeId B = new NodeId(0xb);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ENTRIES = 40;

    private final FaultyDisk disk = new FaultyDisk();
    private final Queue<String> deaths = new ConcurrentLinkedQueue<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final MetricRegistry registry = new MetricRegistry();
    private final Stub stub = new Stub();
    private Server server;
    private KvStateMachine state;
    private @Nullable GrpcPeerTransport transport;

    /** A peer that welcomes everybody. */
    private static final class Stub extends PeerGrpc.PeerImplBase {
        final List<Lane> greeted = new CopyOnWriteArrayList<>();
        final List<RaftMessage> control = new CopyOnWriteArrayList<>();
        final List<RaftMessage> entries = new CopyOnWriteArrayList<>();
        volatile boolean readsEntries = true;
        volatile boolean echoes = true;
        volatile @Nullable ServerCallStreamObserver<Answer> entriesCall;

        @Override
        public StreamObserver<Frame> talk(StreamObserver<Answer> answers) {
            ServerCallStreamObserver<Answer> call = (ServerCallStreamObserver<Answer>) answers;
            call.disableAutoRequest();
            call.request(1);
            return new StreamObserver<>() {
                private Lane lane = Lane.LANE_UNSPECIFIED;

                @Override
                public void onNext(Frame frame) {
                    if (frame.hasHello()) {
                        lane = frame.getHello().getLane();
                        greeted.add(lane);
                        call.onNext(Answer.newBuilder().setWelcome(true).build());
                    }
                    (lane == Lane.ENTRIES ? entries : control).addAll(frame.getMessagesList());
                    if (frame.getPing() != 0 && echoes) {
                        call.onNext(Answer.newBuilder().setPong(frame.getPing()).build());
                    }
                    if (lane == Lane.ENTRIES && !readsEntries) {
                        entriesCall = call;
                    } else {
                        call.request(1);
                    }
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onCompleted() {}
            };
        }

        int calls(Lane lane) {
            return (int) greeted.stream().filter(lane::equals).count();
        }
    }

    @BeforeEach
    void startStub() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .maxInboundMessageSize(96 << 20)
                .permitKeepAliveWithoutCalls(true)
                .addService(stub)
                .build()
                .start();
        state = KvStateMachine.open(
                MemoryEngine.inMemory(),
                Membership.ofVoters(List.of(A, B)),
                List.of(
                        new MemberAttributes(0xa, "a", List.of("http://127.0.0.1:1"), List.of(), false),
                        new MemberAttributes(
                                0xb, "b", List.of("http://127.0.0.1:" + server.getPort()), List.of(), false)));
    }

    @AfterEach
    void stop() {
        Objects.requireNonNull(transport).close();
        server.shutdownNow();
        state.close();
        assertThat(deaths).isEmpty();
    }

    private void startTransport(long electionTimeoutMillis) throws IOException {
        Path known = Path.of("/peers");
        KnownStores.create(disk, known);
        disk.createDirectories(Path.of("/snapshots"));
        GrpcPeerTransport started = new GrpcPeerTransport(
                A,
                new GrpcPeerTransport.Settings(
                        TimeUnit.MILLISECONDS.toNanos(20),
                        TimeUnit.MILLISECONDS.toNanos(electionTimeoutMillis),
                        0,
                        PeerSecurity.NONE,
                        UnaryOperator.identity()),
                new Handshake(
                        new Handshake.Self(0xc1, A, new StoreId(1, 1), 1, 1, List.of("http://127.0.0.1:1"), 0),
                        state::roster,
                        peer -> false,
                        KnownStores.open(disk, known),
                        Habits.of(RaftConfig.defaults())),
                new SnapshotStore(disk, Path.of("/snapshots"), 0xc1),
                noting(PeerInbox.class),
                noting(PeerQuestions.class),
                new PipelineMetrics(registry, A, Set.of()),
                () -> told.add("removed"),
                (what, cause) -> deaths.add(what + ": " + cause));
        transport = started;
        started.follow(state.roster());
        started.start(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    /** Takes down the names of what it is told. */
    private <T> T noting(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
                    told.add(method.getName());
                    return null;
                }));
    }

    /** Lanes on which this side has been welcomed. */
    private long openLanes() {
        return registry.getGauges((name, metric) -> name.startsWith("etcd_network_active_peers")).values().stream()
                .mapToLong(gauge -> (Long) gauge.getValue())
                .sum();
    }

    private void send(Message message) {
        Objects.requireNonNull(transport).send(new Envelope(B, message));
    }

    @Test
    @DisplayName("pitfall 24: while the peer reads no entries at all, heartbeats and votes reach it; the entries wait")
    void heartbeatsPassEntriesThatAreStuck() throws IOException {
        stub.readsEntries = false;
        startTransport(200);
        // What is sent before this side has its welcome is dropped, and that is told.
        await().atMost(PATIENCE).until(() -> openLanes() == 2 && stub.entriesCall != null);
        // Far more than what the connection holds without being read.
        for (int i = 0; i < ENTRIES; i++) {
            Entry entry = new Entry(new EntryId(1, i + 1), Entry.Kind.COMMAND, new byte[1 << 20]);
            send(new Message.AppendEntries(1, new EntryId(i == 0 ? 0 : 1, i), List.of(entry), 0, 0, 0));
        }
        int before = stub.control.size();
        for (int i = 0; i < 100; i++) {
            send(new Message.Heartbeat(1, 7, i));
        }
        send(new Message.RequestVote(2, new EntryId(1, 1), false));
        await().atMost(PATIENCE).until(() -> stub.control.size() >= before + 101);
        assertThat(stub.control.get(stub.control.size() - 1).hasRequestVote()).isTrue();
        assertThat(stub.entries).as("what has got past those that are stuck").isEmpty();

        stub.readsEntries = true;
        Objects.requireNonNull(stub.entriesCall).request(1);
        await().atMost(PATIENCE).until(() -> stub.entries.size() == ENTRIES);
        assertThat(told).doesNotContain("unreachable");
        assertThat(stub.greeted).containsExactlyInAnyOrder(Lane.CONTROL, Lane.ENTRIES);
    }

    @Test
    @DisplayName(
            "N16: a peer that takes everything and echoes nothing is let go of, both lanes, told of, and tried anew")
    void aPeerWithoutAnEchoIsLetGoOf() throws IOException {
        stub.echoes = false;
        // Before the start: a slow machine notices the first call late, and the silence would seem shorter than it was.
        long beganNanos = System.nanoTime();
        startTransport(100);
        await().atMost(PATIENCE).until(() -> stub.calls(Lane.CONTROL) >= 2 && stub.calls(Lane.ENTRIES) >= 2);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos))
                .as("no link is cut for less than half a second of silence")
                .isGreaterThan(400);
        await().atMost(PATIENCE).until(() -> told.contains("unreachable"));

        stub.echoes = true;
        await().atMost(PATIENCE).until(() -> {
            send(new Message.Heartbeat(1, 0, 0));
            return !stub.control.isEmpty();
        });
    }

    @Test
    @DisplayName("pitfall 64: who is let go of leaves no connection and no metric")
    void whoIsLetGoOfLeavesNothing() throws IOException {
        Set<String> before = registry.getNames();
        startTransport(20);
        await().atMost(PATIENCE).until(() -> {
            send(new Message.Heartbeat(1, 0, 0));
            return !stub.control.isEmpty();
        });
        Set<String> with = registry.getNames();
        assertThat(with).filteredOn(name -> name.contains("\"" + B + "\"")).hasSizeGreaterThan(10);
        assertThat(with).containsAll(before);

        try (KvStateMachine withoutB = KvStateMachine.open(
                MemoryEngine.inMemory(),
                Membership.ofVoters(List.of(A)),
                List.of(new MemberAttributes(0xa, "a", List.of("http://127.0.0.1:1"), List.of(), false)))) {
            Objects.requireNonNull(transport).follow(withoutB.roster());
        }
        await().atMost(PATIENCE)
                .until(() -> registry.getNames().stream().noneMatch(name -> name.contains("\"" + B + "\"")));
        int calls = stub.greeted.size();
        // What is the member's own, whoever its peers are, stays.
        assertThat(registry.getNames()).containsAll(before);
        assertThat(stub.greeted).hasSize(calls);
    }
}
