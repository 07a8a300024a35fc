package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.client.proto.SnapshotResponse;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.disk.DiskFullException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One stream of the whole state (MT-5): chunks of 32 KiB with what remains, then the SHA-256 of them all. A chunk is read
 * only when the client has room for it, so a slow client costs one chunk of memory; one that takes nothing for minutes is
 * given up, for it holds on to disk space.
 *
 * <p>One task of the {@link ReadPool} at a time works on a stream; {@link #isScheduled} hands it from one to the next.
 */
final class SnapshotStream {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final Executor LATER = CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES);
    private static final Executor SOON = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final NodeService node;
    private final StoreReader store;
    private final ReadPool reads;
    private final ServerCallStreamObserver<SnapshotResponse> observer;
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private @Nullable StateArchive archive;
    private volatile boolean hasBegun;

    /** The files are being looked at, which takes as long as they are large and is not the client's fault. */
    private volatile boolean isBeingMade;

    private volatile boolean isGivenUp;
    private volatile boolean isFinished;
    private volatile long lastSentNanos = System.nanoTime();

    /** Called while the call is being set up: handlers may be set. */
    SnapshotStream(
            NodeService node, StoreReader store, ReadPool reads, ServerCallStreamObserver<SnapshotResponse> observer) {
        this.node = node;
        this.store = store;
        this.reads = reads;
        this.observer = observer;
        observer.setOnReadyHandler(this::schedule);
        observer.setOnCancelHandler(this::giveUp);
    }

    void start() {
        schedule();
        LATER.execute(this::giveUpIfStuck);
    }

    private void giveUp() {
        isGivenUp = true;
        schedule();
    }

    private void giveUpIfStuck() {
        if (isFinished) {
            return;
        }
        if (!isBeingMade && System.nanoTime() - lastSentNanos > PATIENCE_NANOS) {
            giveUp();
        } else {
            LATER.execute(this::giveUpIfStuck);
        }
    }

    private void schedule() {
        if (!isFinished && isScheduled.compareAndSet(false, true) && !reads.offerPass(this::work)) {
            if (hasBegun) {
                isScheduled.set(false);
                SOON.execute(this::schedule);
            } else {
                finish(EtcdError.TOO_MANY_REQUESTS);
            }
        }
    }

    private void work() {
        do {
            if (isGivenUp) {
                finish(EtcdError.TIMEOUT);
            } else if (archive != null || begin()) {
                sendChunks();
            }
            isScheduled.set(false);
        } while (!isFinished && (isGivenUp || observer.isReady()) && isScheduled.compareAndSet(false, true));
    }

    private boolean begin() {
        hasBegun = true;
        Optional<StateArchive> made;
        isBeingMade = true;
        try {
            made = store.read(node::archive);
        } catch (RequestRefused refused) {
            finish(refused.error());
            return false;
        } catch (DiskFullException full) {
            finish(EtcdError.DISK_FULL);
            return false;
        } finally {
            lastSentNanos = System.nanoTime();
            isBeingMade = false;
        }
        archive = made.orElse(null);
        if (made.isEmpty()) {
            finish(EtcdError.TOO_MANY_REQUESTS);
        } else if (!node.isTrusted()) {
            finish(EtcdError.QUARANTINED);
        }
        return !isFinished;
    }

    private void sendChunks() {
        StateArchive source = archive;
        while (source != null && !isFinished && !isGivenUp && observer.isReady()) {
            boolean isEnd = source.remainingBytes() == 0;
            byte[] chunk = isEnd ? source.checksum() : source.read(CHUNK_BYTES);
            ByteString blob = UnsafeByteOperations.unsafeWrap(chunk);
            observer.onNext(SnapshotResponse.newBuilder()
                    .setRemainingBytes(source.remainingBytes())
                    .setBlob(blob)
                    .setVersion(EtcdVersion.STORAGE)
                    .build());
            lastSentNanos = System.nanoTime();
            if (isEnd) {
                finish(null);
            }
        }
    }

    private void finish(@Nullable EtcdError error) {
        isFinished = true;
        StateArchive used = archive;
        if (used != null) {
            used.close();
        }
        if (observer.isCancelled()) {
            return;
        }
        if (error == null) {
            observer.onCompleted();
        } else {
            observer.onError(error.exception());
        }
    }
}
