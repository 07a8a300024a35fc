package io.axolotl.server.peer;

import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotChunk;
import io.axolotl.server.peer.proto.SnapshotOpening;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives snapshots. Says what it already holds, writes chunk by chunk, asking for another when one is written, and
 * verifies all of it at the end. Only then does the core hear of it, by the same message that it would have had from the
 * leader directly (pitfall 45).
 *
 * <p>One transfer at a time: a newer one, unless of an earlier term, takes the place of one whose connection may be dead. A disk without room ends the
 * transfer, and what had arrived is given up, for it would keep the disk full; any other trouble with the disk ends the
 * process. What has arrived over a connection that broke is kept for whoever goes on with it, until nothing has come for a
 * long time.
 *
 * <p>Safe for all threads; files are written on a thread of its own.
 */
final class SnapshotInbox {
    private static final Logger log = LoggerFactory.getLogger(SnapshotInbox.class);

    /** So many parts may wait for the writer, so that the next is decoded while one is written. */
    private static final int PARTS_AHEAD = 4;

    private static final long CLOSE_PATIENCE_SECONDS = 2;

    /** Many times the longest pause between two attempts of a sender. */
    static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final SnapshotStore store;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final ExecutorService writer;

    private volatile boolean isClosed;

    private final long silenceNanos;

    /** Whose chunks are being taken. Confined to the writer. */
    private @Nullable Reception current;

    /** What has arrived of a snapshot that is not whole yet. Confined to the writer. */
    private @Nullable SnapshotReceiver unfinished;

    /** When something of it came last. Confined to the writer. */
    private long heardNanos;

    /** @param silenceNanos how long what has arrived is kept when nothing more comes */
    SnapshotInbox(
            SnapshotStore store, PeerInbox inbox, PeerObserver observer, ThreadFactory threads, long silenceNanos) {
        this.store = store;
        this.inbox = inbox;
        this.observer = observer;
        this.silenceNanos = silenceNanos;
        this.writer = Executors.newSingleThreadExecutor(threads);
    }

    /** Judges a greeting; ends the stream and answers null if it is refused. */
    @FunctionalInterface
    interface Admission {
        @Nullable NodeId admit(Hello hello, StreamObserver<?> answers);
    }

    StreamObserver<SnapshotPart> receive(StreamObserver<SnapshotAnswer> answers, Admission admission) {
        Reception reception = new Reception((ServerCallStreamObserver<SnapshotAnswer>) answers, admission);
        reception.begin();
        return reception;
    }

    /**
     * Takes nothing more, and waits, but not long, for what is being written. The writer is not interrupted: an interrupt
     * closes the file under it, which would look like a disk that fails.
     */
    void close() {
        isClosed = true;
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                log.info("a snapshot that was being received is given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void onWriter(Runnable work) {
        try {
            writer.execute(() -> runUnlessClosed(work));
        } catch (RejectedExecutionException e) {
            log.debug("a snapshot part came after this node had begun to stop", e);
        }
    }

    /** The data folder may be let go of soon after the end, so what fails then means nothing. */
    private void runUnlessClosed(Runnable work) {
        try {
            if (!isClosed) {
                work.run();
            }
        } catch (RuntimeException e) {
            if (!isClosed) {
                throw e;
            }
            log.debug("what came of a snapshot was not taken, this node stops", e);
        }
    }

    /** Keeps an eye on one that has begun, or goes on; the eye of an earlier one closes. */
    private void keep(SnapshotReceiver begun) {
        boolean isWatched = unfinished == begun;
        unfinished = begun;
        heardNanos = System.nanoTime();
        if (!isWatched) {
            lookAfter(begun, silenceNanos);
        }
    }

    private void lookAfter(SnapshotReceiver begun, long nanos) {
        CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, this::onWriter)
                .execute(() -> {
                    long leftNanos = heardNanos + silenceNanos - System.nanoTime();
                    if (unfinished != begun) {
                        return;
                    }
                    if (leftNanos > 0) {
                        lookAfter(begun, leftNanos);
                        return;
                    }
                    log.warn(
                            "snapshot {} is given up half received: nothing more of it has come",
                            begun.manifest().last());
                    if (current != null) {
                        current.fail(Status.ABORTED.withDescription("nothing has come of this snapshot for too long"));
                    }
                    giveUp();
                });
    }

    private void giveUp() {
        if (unfinished != null) {
            unfinished.abandon();
            unfinished = null;
        }
    }

    private final class Reception implements StreamObserver<SnapshotPart> {
        private final ServerCallStreamObserver<SnapshotAnswer> answers;
        private final Admission admission;
        private final long startNanos = System.nanoTime();
        private @Nullable NodeId from;
        private @Nullable SnapshotReceiver receiver;
        private List<SnapshotManifest.FileEntry> files = List.of();
        private @Nullable SnapshotMetadata metadata;
        private long term;
        private long writtenBytes;
        private boolean isOver;

        Reception(ServerCallStreamObserver<SnapshotAnswer> answers, Admission admission) {
            this.answers = answers;
            this.admission = admission;
        }

        void begin() {
            answers.disableAutoRequest();
            answers.setOnCancelHandler(() -> onWriter(() -> end(false)));
            answers.request(PARTS_AHEAD);
        }

        @Override
        public void onNext(SnapshotPart part) {
            onWriter(() -> take(part));
        }

        private void take(SnapshotPart part) {
            if (isOver) {
                return;
            }
            try {
                if (part.hasOpening()) {
                    open(part.getOpening());
                } else if (current != this) {
                    fail(Status.ABORTED.withDescription("another transfer has taken the place of this one"));
                } else if (part.hasChunk()) {
                    write(part.getChunk());
                } else if (part.getFinish()) {
                    finish();
                }
            } catch (DiskFullException e) {
                giveUp();
                fail(Status.RESOURCE_EXHAUSTED.withDescription("no room for the snapshot: " + e.getMessage()));
            } catch (NewerFormatException e) {
                // Of a newer release: nothing is wrong with this member, and nothing can be done with that here.
                fail(Status.FAILED_PRECONDITION.withDescription(String.valueOf(e.getMessage())));
            } catch (IllegalArgumentException | IllegalStateException | SnapshotDamagedException e) {
                if (from != null) {
                    observer.damaged(from);
                }
                fail(Status.DATA_LOSS.withDescription(String.valueOf(e.getMessage())));
            }
            if (!isOver) {
                answers.request(1);
            }
        }

        private void open(SnapshotOpening opening) {
            NodeId sender = admission.admit(opening.getHello(), answers);
            if (sender == null) {
                isOver = true;
                return;
            }
            if (current != null && opening.getTerm() < current.term) {
                // One that no longer leads would otherwise take turns with the one that does.
                isOver = true;
                log.info("a snapshot from peer {} was not taken: one of a later term is under way", sender);
                answers.onError(Status.ABORTED
                        .withDescription("a transfer of a later term is under way")
                        .asRuntimeException());
                return;
            }
            if (current != null) {
                current.fail(Status.ABORTED.withDescription("a newer transfer has taken the place of this one"));
            }
            SnapshotManifest manifest = SnapshotManifest.decode(
                    opening.getManifest().toByteArray(), Path.of("the manifest from peer " + sender));
            current = this;
            from = sender;
            term = opening.getTerm();
            files = manifest.files();
            metadata = manifest.metadata();
            observer.snapshotReceiveStarted(sender);
            SnapshotReceiver opened = store.receive(manifest);
            receiver = opened;
            keep(opened);
            SnapshotAnswer.Builder answer = SnapshotAnswer.newBuilder();
            long heldBytes = 0;
            for (SnapshotManifest.FileEntry file : files) {
                long held = opened.received(file.name());
                heldBytes += held;
                answer.addReceivedBytes(held);
            }
            log.info(
                    "receiving snapshot {} from peer {}: {} files, {} bytes already here",
                    manifest.metadata().last(),
                    sender,
                    files.size(),
                    heldBytes);
            answers.onNext(answer.build());
        }

        private void write(SnapshotChunk chunk) {
            if (receiver == null || chunk.getFile() < 0 || chunk.getFile() >= files.size()) {
                throw new IllegalArgumentException("a chunk of file " + chunk.getFile() + " of " + files.size());
            }
            heardNanos = System.nanoTime();
            byte[] data = MessageCodec.bytes(chunk.getData());
            receiver.write(files.get(chunk.getFile()).name(), chunk.getOffset(), data, chunk.getCrc32C());
            writtenBytes += data.length;
        }

        private void finish() {
            if (receiver == null || from == null || metadata == null) {
                throw new IllegalArgumentException("the end of a transfer that was never opened");
            }
            try (Snapshot snapshot = receiver.finish()) {
                unfinished = null;
                log.info(
                        "received snapshot {} from peer {}: {} bytes in {} ms",
                        snapshot.manifest().metadata().last(),
                        from,
                        writtenBytes,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
            }
            inbox.receive(from, new Message.InstallSnapshot(term, metadata), 0);
            answers.onNext(SnapshotAnswer.newBuilder().setComplete(true).build());
            answers.onCompleted();
            end(true);
        }

        private void fail(Status status) {
            if (!isOver) {
                log.warn("the snapshot from peer {} was not taken: {}", from, status.getDescription());
                answers.onError(status.asRuntimeException());
                end(false);
            }
        }

        private void end(boolean isDone) {
            if (isOver) {
                return;
            }
            isOver = true;
            if (current == this) {
                current = null;
            }
            if (from != null) {
                observer.snapshotReceiveEnded(from, isDone, writtenBytes, System.nanoTime() - startNanos);
            }
        }

        @Override
        public void onError(Throwable cause) {
            onWriter(() -> end(false));
        }

        @Override
        public void onCompleted() {
            onWriter(() -> end(false));
        }
    }
}
