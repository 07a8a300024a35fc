package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.server.wire.FakeServerCall;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer, or who looks like one, may do to a stream of its own. */
@Timeout(60)
class PeerServiceTest {
    private static final NodeId A = new NodeId(0xa);
    private static final NodeId B = new NodeId(0xb);
    private static final Path FILE = Path.of("/peers");

    private final FaultyDisk disk = new FaultyDisk();
    private final Queue<Throwable> deaths = new ConcurrentLinkedQueue<>();
    private final CountDownLatch judged = new CountDownLatch(1);

    /** Ends with the greeting that it judges; an exception that escapes would end the process. */
    private final ThreadFactory threads = work -> new Thread(() -> {
        try {
            work.run();
        } catch (RuntimeException e) {
            deaths.add(e);
        } finally {
            judged.countDown();
        }
    });

    /** As gRPC's own: once it has ended, to say anything is an error. */
    private static final class Answers extends FakeServerCall<Answer> {
        private boolean isEnded;

        /** As what it was ended by this side; null while it is not. */
        private Status.@Nullable Code refusedAs;

        final CountDownLatch welcome = new CountDownLatch(1);

        @Override
        public synchronized void onNext(Answer answer) {
            requireOpen();
            if (answer.getWelcome()) {
                welcome.countDown();
            }
        }

        @Override
        public synchronized void onError(Throwable why) {
            requireOpen();
            isEnded = true;
            refusedAs = Status.fromThrowable(why).getCode();
        }

        synchronized Status.@Nullable Code refusedAs() {
            return refusedAs;
        }

        @Override
        public synchronized void onCompleted() {
            requireOpen();
            isEnded = true;
        }

        private void requireOpen() {
            if (isEnded) {
                throw new IllegalStateException("Stream is already completed, no further calls are allowed");
            }
        }
    }

    private static <T> T deaf(Class<T> type) {
        Object made =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> null);
        return type.cast(made);
    }

    private Handshake handshake(NodeId self, Path known) {
        KnownStores.create(disk, known);
        KvStateMachine state = KvStateMachine.open(
                MemoryEngine.inMemory(),
                Membership.ofVoters(List.of(A, B)),
                List.of(
                        new MemberAttributes(0xa, "a", List.of("http://a:1"), List.of(), false),
                        new MemberAttributes(0xb, "b", List.of("http://b:1"), List.of(), false)));
        return new Handshake(
                new Handshake.Self(0xc1, self, new StoreId(1, self.value()), 1, 1, List.of("http://x:1"), 0),
                state::roster,
                node -> false,
                KnownStores.open(disk, known),
                Habits.of(RaftConfig.defaults()));
    }

    private PeerService service(PeerInbox inbox, ThreadFactory makers) {
        PeerObserver observer = deaf(PeerObserver.class);
        return new PeerService(
                handshake(A, FILE),
                inbox,
                observer,
                new SnapshotInbox(
                        new SnapshotStore(disk, Path.of("/snapshots"), 0xc1),
                        inbox,
                        observer,
                        makers,
                        SnapshotInbox.SILENCE_NANOS),
                deaf(PeerQuestions.class),
                (node, urls) -> {},
                makers);
    }

    /** What B says first. */
    private Hello hello() {
        return handshake(B, Path.of("/peers-of-b")).greeting(A, Lane.CONTROL);
    }

    /** Takes down the names of what it is told. */
    private static PeerInbox noting(List<String> told) {
        return (PeerInbox) Proxy.newProxyInstance(
                PeerInbox.class.getClassLoader(), new Class<?>[] {PeerInbox.class}, (proxy, method, values) -> {
                    told.add(method.getName());
                    return null;
                });
    }

    private static Frame forward(byte[]... payloads) {
        return Frame.newBuilder()
                .addForwards(MessageCodec.encode(new Forward(1, new long[payloads.length], payloads)))
                .build();
    }

    @Test
    @DisplayName(
            "a forwarded proposal that this version cannot read is not appended, for no member could apply it: its stream ends")
    void whatNoMemberCouldApplyIsNotAppended() throws InterruptedException {
        List<String> told = new CopyOnWriteArrayList<>();
        PeerService service = service(noting(told), threads);
        byte[] put = CommandCodec.encode(
                new RequestId(0xb, 1), new Command.Put(new byte[] {'k'}, new byte[] {'v'}, 0, false, false, false));
        byte[] later = put.clone();
        later[0] = 2;
        byte[] strange = put.clone();
        strange[1] = 99;
        byte[] flagged = put.clone();
        flagged[18] = 1;
        for (byte[] unreadable :
                List.of(new byte[0], new byte[] {9}, later, strange, flagged, Arrays.copyOf(put, put.length - 1))) {
            told.clear();
            Answers answers = new Answers();
            StreamObserver<Frame> talk = service.talk(answers);
            talk.onNext(Frame.newBuilder().setHello(hello()).build());
            answers.welcome.await();
            talk.onNext(forward(put));
            assertThat(told).containsExactly("forwarded");
            talk.onNext(forward(put, unreadable));
            assertThat(told).as("nothing of it was handed on").containsExactly("forwarded");
            assertThat(answers.refusedAs()).isEqualTo(Status.Code.DATA_LOSS);
            talk.onNext(forward(put));
            assertThat(told).as("the stream is over").containsExactly("forwarded");
        }
        service.close();
    }

    @Test
    @DisplayName("A16: what comes together with a greeting is not decoded: nobody knows yet whom it is from")
    void aGreetingStandsAlone() {
        List<String> told = new CopyOnWriteArrayList<>();
        PeerService service = service(noting(told), threads);
        for (Frame more : List.of(
                forward(new byte[] {9}),
                Frame.newBuilder().addMessages(RaftMessage.getDefaultInstance()).build(),
                Frame.newBuilder()
                        .addForwardsRefused(io.axolotl.server.peer.proto.ForwardRefused.getDefaultInstance())
                        .build(),
                Frame.newBuilder()
                        .addHistories(io.axolotl.server.peer.proto.HistoryReport.getDefaultInstance())
                        .build())) {
            Answers answers = new Answers();
            service.talk(answers).onNext(more.toBuilder().setHello(hello()).build());
            assertThat(answers.refusedAs()).isEqualTo(Status.Code.DATA_LOSS);
        }
        assertThat(told).isEmpty();
        service.close();
    }

    @Test
    @DisplayName("A16: the greetings that wait for the disk are bounded; the others are told to come again")
    void greetingsThatWaitAreBounded() throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        PeerService service = service(
                deaf(PeerInbox.class),
                work -> threads.newThread(() -> {
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    work.run();
                }));
        List<Answers> all = new ArrayList<>();
        for (int i = 0; i < PeerService.MAX_MEETINGS + 10; i++) {
            Answers answers = new Answers();
            all.add(answers);
            service.talk(answers).onNext(Frame.newBuilder().setHello(hello()).build());
        }
        assertThat(all.stream().filter(answers -> answers.refusedAs() == Status.Code.UNAVAILABLE))
                .hasSize(9);
        open.countDown();
        for (Answers answers : all) {
            if (answers.refusedAs() == null) {
                answers.welcome.await();
            }
        }
        assertThat(deaths).isEmpty();
        service.close();
    }

    @Test
    @DisplayName("A16: the log has a line a second of what strangers do, and says how many there were")
    void linesOfTheLogArePaced() {
        AtomicLong clock = new AtomicLong(-5);
        LinePause pause = new LinePause(clock::get);
        assertThat(pause.take()).isZero();
        for (int i = 0; i < 1_000; i++) {
            assertThat(pause.take()).isEqualTo(LinePause.KEPT_BACK);
        }
        clock.addAndGet(1_000_000_000L);
        assertThat(LinePause.tail(pause.take())).isEqualTo(" (and 1000 others since the last such line)");
        assertThat(pause.take()).isEqualTo(LinePause.KEPT_BACK);
        clock.addAndGet(1_000_000_000L);
        clock.addAndGet(1_000_000_000L);
        assertThat(LinePause.tail(pause.take())).isEqualTo(" (and 1 others since the last such line)");
        assertThat(LinePause.tail(0)).isEmpty();
    }

    @Test
    @DisplayName(
            "A16: a stream that its client ends while its greeting is judged is answered no more, and no thread dies of it")
    void aStreamThatEndsWhileItsGreetingIsJudgedHurtsNobody() throws InterruptedException {
        PeerService service = service(deaf(PeerInbox.class), threads);
        Frame greeting = Frame.newBuilder().setHello(hello()).setPing(7).build();
        AtomicReference<StreamObserver<Frame>> stream = new AtomicReference<>();
        // The greeter is written down while its greeting is judged: the client ends the stream just then.
        disk.before((operation, path) -> {
            StreamObserver<Frame> open = stream.getAndSet(null);
            if (open != null) {
                open.onCompleted();
            }
        });
        StreamObserver<Frame> talk = service.talk(new Answers());
        stream.set(talk);
        talk.onNext(greeting);
        judged.await();
        assertThat(deaths).isEmpty();
        assertThat(stream.get()).as("the stream was ended meanwhile").isNull();
        service.close();
    }
}
