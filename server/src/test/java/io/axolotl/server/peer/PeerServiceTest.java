package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final class Answers extends ServerCallStreamObserver<Answer> {
        private boolean isEnded;

        @Override
        public synchronized void onNext(Answer answer) {
            requireOpen();
        }

        @Override
        public synchronized void onError(Throwable why) {
            requireOpen();
            isEnded = true;
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

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnCloseHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void disableAutoRequest() {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean isEnabled) {}
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
                KnownStores.open(disk, known),
                Habits.of(RaftConfig.defaults()));
    }

    @Test
    @DisplayName(
            "A16: a stream that its client ends while its greeting is judged is answered no more, and no thread dies of it")
    void aStreamThatEndsWhileItsGreetingIsJudgedHurtsNobody() throws InterruptedException {
        PeerInbox inbox = deaf(PeerInbox.class);
        PeerObserver observer = deaf(PeerObserver.class);
        PeerService service = new PeerService(
                handshake(A, FILE),
                inbox,
                observer,
                new SnapshotInbox(
                        new SnapshotStore(disk, Path.of("/snapshots"), 0xc1),
                        inbox,
                        observer,
                        threads,
                        SnapshotInbox.SILENCE_NANOS),
                deaf(PeerQuestions.class),
                (node, urls) -> {},
                threads);
        Frame greeting = Frame.newBuilder()
                .setHello(handshake(B, Path.of("/peers-of-b")).greeting(A, Lane.CONTROL))
                .setPing(7)
                .build();
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
