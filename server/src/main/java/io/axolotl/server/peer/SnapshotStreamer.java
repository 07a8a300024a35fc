package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.grpc.ManagedChannel;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends snapshots to one peer, one at a time, each by a {@link SnapshotCall} on a connection of its own. The snapshot is
 * pinned meanwhile, so that a newer one does not take its files away.
 *
 * <p>How a transfer can end: the peer has everything; or the way to the peer broke, and the core, told so after a pause,
 * offers again, which goes on where it broke off (pitfalls 44, 45); or a file here has rotted, and the snapshot is given to
 * nobody any more, a new one is asked for, and the rest is as before; or the state here has come into doubt, and no peer
 * gets the end of a copy of it (ADR 16).
 *
 * <p>Safe for all threads; the transfer itself has a thread of its own while it lasts.
 */
final class SnapshotStreamer {
    private static final Logger log = LoggerFactory.getLogger(SnapshotStreamer.class);

    private static final String IN_DOUBT = "the state here is in doubt";

    private final NodeId peer;
    private final Supplier<ManagedChannel> channels;
    private final Handshake handshake;
    private final SnapshotStore store;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final ThreadFactory threads;
    private final TokenBucket throttle;
    private final BooleanSupplier isWithheld;
    private final TransferSlot slot = new TransferSlot();
    private final RetryPause retryPause = new RetryPause();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable SnapshotCall current;

    /**
     * @param throttle shared by all streamers of this node
     * @param isWithheld whether nothing that is held here may be copied now; when that begins, {@link #breakOff} is called
     */
    SnapshotStreamer(
            NodeId peer,
            Supplier<ManagedChannel> channels,
            Handshake handshake,
            SnapshotStore store,
            PeerInbox inbox,
            PeerObserver observer,
            ThreadFactory threads,
            TokenBucket throttle,
            BooleanSupplier isWithheld) {
        this.peer = peer;
        this.channels = channels;
        this.handshake = handshake;
        this.store = store;
        this.inbox = inbox;
        this.observer = observer;
        this.threads = threads;
        this.throttle = throttle;
        this.isWithheld = isWithheld;
    }

    /**
     * Begins a transfer unless one is under way. An offer that comes meanwhile and names a newer snapshot is reported as
     * failed when that one ends, however it ends: whoever offered waits for what was never sent.
     */
    void begin(Message.InstallSnapshot message) {
        if (!isClosed() && slot.take(message.snapshot().last().index())) {
            threads.newThread(() -> send(message)).start();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /**
     * Ends the transfer at its next step. The thread is not interrupted: an interrupt closes the file under it, which would
     * look like a disk that fails.
     */
    void close() {
        closed.countDown();
        SnapshotCall call = current;
        if (call != null) {
            call.stop("this node stops");
        }
    }

    /** Breaks off what is under way, since what is held here may not be copied any more. */
    void breakOff() {
        SnapshotCall call = current;
        if (call != null) {
            call.stop(IN_DOUBT);
        }
    }

    /** The slot stays taken through the pause after a failure, so that offers do not cut it short. */
    private void send(Message.InstallSnapshot message) {
        boolean isDelivered = false;
        try {
            isDelivered = deliverNewest(message);
        } catch (RuntimeException e) {
            if (!isClosed()) {
                throw e;
            }
            log.debug("sending a snapshot to peer {} failed, this node stops", peer, e);
        } finally {
            boolean isMoreWanted = slot.free();
            if ((!isDelivered || isMoreWanted) && !isClosed()) {
                inbox.snapshotFailed(peer);
            }
        }
    }

    /** @return whether the peer has everything and has verified it; if not, a pause has passed */
    private boolean deliverNewest(Message.InstallSnapshot message) {
        long offeredIndex = message.snapshot().last().index();
        Optional<Snapshot> newest = store.newest();
        long sentBytes = 0;
        if (newest.isEmpty() || newest.get().manifest().last().index() < offeredIndex) {
            newest.ifPresent(Snapshot::close);
            log.warn(
                    "peer {} needs snapshot {}, which is not here any more; a new one is to be made",
                    peer,
                    offeredIndex);
            inbox.snapshotWanted();
        } else {
            SnapshotCall call = new SnapshotCall(newest.get(), throttle);
            if (deliver(newest.get(), call, message.term())) {
                retryPause.succeeded();
                return true;
            }
            sentBytes = call.sentBytes();
        }
        pause(retryPause.failed(sentBytes));
        return false;
    }

    private boolean deliver(Snapshot pinned, SnapshotCall call, long term) {
        long startNanos = System.nanoTime();
        current = call;
        if (isClosed()) {
            call.stop("this node stops");
        } else if (isWithheld.getAsBoolean()) {
            call.stop(IN_DOUBT);
        }
        ManagedChannel channel = channels.get();
        observer.snapshotSendStarted(peer);
        boolean isDelivered = false;
        boolean isDamaged = false;
        try (Snapshot snapshot = pinned) {
            slot.carries(snapshot.manifest().last().index());
            log.info("sending snapshot {} to peer {}", snapshot.manifest().last(), peer);
            PeerGrpc.newStub(channel)
                    .withOnReadyThreshold(SnapshotCall.READY_BYTES)
                    .sendSnapshot(call);
            call.run(handshake.greeting(peer, Lane.SNAPSHOT), term);
            isDelivered = true;
        } catch (SnapshotCall.BrokenOffException e) {
            log.warn("sending a snapshot to peer {} broke off: {}", peer, e.getMessage());
            call.cancel();
        } catch (SnapshotDamagedException e) {
            log.error(
                    "snapshot {} is sent to nobody any more: {}",
                    pinned.manifest().last(),
                    e.getMessage());
            call.cancel();
            isDamaged = true;
        } catch (InterruptedException e) {
            call.cancel();
        } finally {
            current = null;
            channel.shutdownNow();
            long nanos = System.nanoTime() - startNanos;
            observer.snapshotSendEnded(peer, isDelivered, call.sentBytes(), nanos);
            if (isDelivered) {
                log.info(
                        "sent a snapshot to peer {}: {} bytes in {} ms",
                        peer,
                        call.sentBytes(),
                        TimeUnit.NANOSECONDS.toMillis(nanos));
            }
        }
        if (isDamaged) {
            store.condemn(pinned.manifest().last());
            inbox.snapshotWanted();
        }
        return isDelivered;
    }

    private void pause(long nanos) {
        try {
            boolean unused = closed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
