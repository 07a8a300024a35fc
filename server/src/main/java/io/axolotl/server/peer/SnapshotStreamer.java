package io.axolotl.server.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotChunk;
import io.axolotl.server.peer.proto.SnapshotOpening;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends snapshots to one peer, one at a time, on a connection of its own: asks what the peer already holds, sends the rest
 * in checksummed chunks as fast as the peer takes them and the throttle allows, and waits until the peer has verified
 * everything. The snapshot is pinned meanwhile, so that a newer one does not take its files away.
 *
 * <p>A transfer that breaks is begun again by the core, and goes on where it broke off (pitfalls 44, 45).
 *
 * <p>Safe for all threads; the transfer itself has a thread of its own while it lasts.
 */
final class SnapshotStreamer {
    private static final Logger log = LoggerFactory.getLogger(SnapshotStreamer.class);
    private static final int CHUNK_BYTES = 256 << 10;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Verifying reads every byte again; the wait covers that, not one chunk (pitfall 44). */
    private static final long VERIFY_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final NodeId peer;
    private final Supplier<ManagedChannel> channels;
    private final Handshake handshake;
    private final SnapshotStore store;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final ThreadFactory threads;
    private final long bytesPerSecond;
    private final TransferSlot slot = new TransferSlot();
    private volatile boolean isClosed;
    private volatile @Nullable Transfer current;

    SnapshotStreamer(
            NodeId peer,
            Supplier<ManagedChannel> channels,
            Handshake handshake,
            SnapshotStore store,
            PeerInbox inbox,
            PeerObserver observer,
            ThreadFactory threads,
            long bytesPerSecond) {
        this.peer = peer;
        this.channels = channels;
        this.handshake = handshake;
        this.store = store;
        this.inbox = inbox;
        this.observer = observer;
        this.threads = threads;
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * Begins a transfer unless one is under way. An offer that comes meanwhile and names a newer snapshot is reported as
     * failed when that one ends, however it ends: whoever offered waits for what was never sent.
     */
    void begin(Message.InstallSnapshot message) {
        if (!isClosed && slot.take(message.snapshot().last().index())) {
            threads.newThread(() -> send(message)).start();
        }
    }

    /**
     * Ends the transfer at its next step. The thread is not interrupted: an interrupt closes the file under it, which would
     * look like a disk that fails.
     */
    void close() {
        isClosed = true;
        Transfer transfer = current;
        if (transfer != null) {
            transfer.stop();
        }
    }

    private void send(Message.InstallSnapshot message) {
        boolean isDone = false;
        try {
            isDone = sendNewest(message);
        } catch (RuntimeException e) {
            if (!isClosed) {
                throw e;
            }
            log.debug("sending a snapshot to peer {} failed, this node stops", peer, e);
        } finally {
            current = null;
            boolean isMoreWanted = slot.free();
            if ((!isDone || isMoreWanted) && !isClosed) {
                inbox.snapshotFailed(peer);
            }
        }
    }

    /** @return whether the peer has everything and has verified it */
    private boolean sendNewest(Message.InstallSnapshot message) {
        Optional<Snapshot> newest = store.newest();
        if (newest.isEmpty()) {
            log.error(
                    "peer {} needs snapshot {}, but there is none here",
                    peer,
                    message.snapshot().last());
            return false;
        }
        long startNanos = System.nanoTime();
        Transfer transfer = new Transfer();
        current = transfer;
        if (isClosed) {
            transfer.stop();
        }
        ManagedChannel channel = channels.get();
        observer.snapshotSendStarted(peer);
        boolean isDone = false;
        try (Snapshot snapshot = newest.get()) {
            slot.carries(snapshot.manifest().metadata().last().index());
            log.info(
                    "sending snapshot {} to peer {}",
                    snapshot.manifest().metadata().last(),
                    peer);
            PeerGrpc.newStub(channel).sendSnapshot(transfer);
            transfer.run(snapshot, message.term());
            isDone = true;
        } catch (BrokenOffException e) {
            log.warn("sending a snapshot to peer {} broke off: {}", peer, e.getMessage());
            transfer.cancel();
        } catch (InterruptedException e) {
            transfer.cancel();
        } finally {
            channel.shutdownNow();
            long nanos = System.nanoTime() - startNanos;
            observer.snapshotSendEnded(peer, isDone, transfer.sentBytes, nanos);
            if (isDone) {
                log.info(
                        "sent a snapshot to peer {}: {} bytes in {} ms",
                        peer,
                        transfer.sentBytes,
                        TimeUnit.NANOSECONDS.toMillis(nanos));
            }
        }
        return isDone;
    }

    /** The other side, or the way there, ended the transfer. */
    private static final class BrokenOffException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenOffException(String why) {
            super(why);
        }
    }

    /** One call. Its state is guarded by itself; the sending thread waits on it for answers and for room. */
    private final class Transfer implements ClientResponseObserver<SnapshotPart, SnapshotAnswer> {
        private final ArrayDeque<SnapshotAnswer> answers = new ArrayDeque<>();
        private @Nullable ClientCallStreamObserver<SnapshotPart> out;
        private @Nullable String ended;
        private long sentBytes;

        void run(Snapshot snapshot, long term) throws BrokenOffException, InterruptedException {
            SnapshotManifest manifest = snapshot.manifest();
            send(SnapshotPart.newBuilder()
                    .setOpening(SnapshotOpening.newBuilder()
                            .setHello(handshake.greeting(peer, Lane.SNAPSHOT))
                            .setTerm(term)
                            .setManifest(UnsafeByteOperations.unsafeWrap(manifest.encode())))
                    .build());
            SnapshotAnswer held = awaitAnswer(PATIENCE_NANOS);
            List<SnapshotManifest.FileEntry> files = manifest.files();
            if (held.getReceivedBytesCount() != files.size()) {
                throw new BrokenOffException(
                        "it answered for " + held.getReceivedBytesCount() + " of " + files.size() + " files");
            }
            long startNanos = System.nanoTime();
            for (int i = 0; i < files.size(); i++) {
                sendFile(snapshot, i, held.getReceivedBytes(i), startNanos);
            }
            send(SnapshotPart.newBuilder().setFinish(true).build());
            if (!awaitAnswer(VERIFY_PATIENCE_NANOS).getComplete()) {
                throw new BrokenOffException("it did not find the snapshot complete");
            }
        }

        private void sendFile(Snapshot snapshot, int file, long fromOffset, long startNanos)
                throws BrokenOffException, InterruptedException {
            SnapshotManifest.FileEntry entry = snapshot.manifest().files().get(file);
            long offset = fromOffset;
            while (offset < entry.sizeBytes()) {
                byte[] data = snapshot.read(entry.name(), offset, CHUNK_BYTES);
                CRC32C crc = new CRC32C();
                crc.update(data, 0, data.length);
                send(SnapshotPart.newBuilder()
                        .setChunk(SnapshotChunk.newBuilder()
                                .setFile(file)
                                .setOffset(offset)
                                .setData(UnsafeByteOperations.unsafeWrap(data))
                                .setCrc32C((int) crc.getValue()))
                        .build());
                offset += data.length;
                sentBytes += data.length;
                throttle(startNanos);
            }
        }

        /** Waits until sending what has been sent was due at the permitted rate. */
        private synchronized void throttle(long startNanos) throws InterruptedException {
            long dueNanos = (long) (sentBytes * 1e9 / bytesPerSecond);
            long aheadNanos = dueNanos - (System.nanoTime() - startNanos);
            while (aheadNanos > 0 && ended == null) {
                TimeUnit.NANOSECONDS.timedWait(this, aheadNanos);
                aheadNanos = dueNanos - (System.nanoTime() - startNanos);
            }
        }

        private synchronized void send(SnapshotPart part) throws BrokenOffException, InterruptedException {
            long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
            while (out == null || !out.isReady()) {
                wait(patienceLeftMillis(deadlineNanos, "it takes nothing more"));
            }
            if (ended != null) {
                throw new BrokenOffException(ended);
            }
            out.onNext(part);
        }

        private synchronized SnapshotAnswer awaitAnswer(long patienceNanos)
                throws BrokenOffException, InterruptedException {
            long deadlineNanos = System.nanoTime() + patienceNanos;
            while (true) {
                SnapshotAnswer answer = answers.poll();
                if (answer != null) {
                    return answer;
                }
                wait(patienceLeftMillis(deadlineNanos, "it does not answer"));
            }
        }

        private synchronized long patienceLeftMillis(long deadlineNanos, String otherwise) throws BrokenOffException {
            if (ended != null) {
                throw new BrokenOffException(ended);
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                throw new BrokenOffException(otherwise);
            }
            return leftMillis;
        }

        /** Whoever waits in this transfer, or comes to wait, hears that it has ended. */
        synchronized void stop() {
            cancel();
            ended = "this node stops";
            notifyAll();
        }

        synchronized void cancel() {
            if (out != null && ended == null) {
                out.cancel("the transfer was given up", null);
            }
        }

        @Override
        public synchronized void beforeStart(ClientCallStreamObserver<SnapshotPart> requestStream) {
            out = requestStream;
            requestStream.setOnReadyHandler(this::signal);
        }

        private synchronized void signal() {
            notifyAll();
        }

        @Override
        public synchronized void onNext(SnapshotAnswer answer) {
            answers.add(answer);
            notifyAll();
        }

        @Override
        public synchronized void onError(Throwable cause) {
            ended = PeerLink.describe(Status.fromThrowable(cause));
            notifyAll();
        }

        @Override
        public synchronized void onCompleted() {
            ended = "the peer ended the transfer";
            notifyAll();
        }
    }
}
