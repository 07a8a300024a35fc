package io.axolotl.server.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotChunk;
import io.axolotl.server.peer.proto.SnapshotOpening;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on its way to one peer: asks what the peer already holds, sends the rest in checksummed chunks as fast as
 * the peer takes them and the throttle allows, and waits until the peer has verified everything.
 *
 * <p>Every file of which a byte is sent is held against the manifest while it is read, and its last chunk leaves only if it
 * matches: what has rotted on this disk never becomes a whole file elsewhere.
 *
 * <p>{@link #run} and {@link #sentBytes} are confined to the sending thread, which waits here for answers and for room;
 * everything else is safe for all threads.
 */
final class SnapshotCall implements ClientResponseObserver<SnapshotPart, SnapshotAnswer> {
    private static final int CHUNK_BYTES = 512 << 10;

    /** The connection takes another chunk while less than this waits in it, so that it sends while the next is read. */
    static final int READY_BYTES = 2 * CHUNK_BYTES;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Verifying reads every byte again; the wait covers that, not one chunk (pitfall 44). */
    private static final long VERIFY_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final Snapshot snapshot;
    private final TokenBucket throttle;
    private final ArrayDeque<SnapshotAnswer> answers = new ArrayDeque<>();
    private @Nullable ClientCallStreamObserver<SnapshotPart> out;
    private @Nullable String ended;

    /** Confined to the sending thread. */
    private long sentBytes;

    /** The other side, or the way there, ended the transfer. */
    static final class BrokenOffException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenOffException(String why) {
            super(why);
        }
    }

    /** @param throttle shared by all transfers of this node */
    SnapshotCall(Snapshot snapshot, TokenBucket throttle) {
        this.snapshot = snapshot;
        this.throttle = throttle;
    }

    /** Bytes of files that were handed to the connection. Confined to the sending thread. */
    long sentBytes() {
        return sentBytes;
    }

    /**
     * Sends; returns when the peer has everything and has verified it.
     *
     * @param term of the leadership that the transfer belongs to
     * @throws SnapshotDamagedException if a file is not what the manifest says; the peer has not been given all of it
     */
    void run(Hello hello, long term) throws BrokenOffException, InterruptedException {
        SnapshotManifest manifest = snapshot.manifest();
        send(SnapshotPart.newBuilder()
                .setOpening(SnapshotOpening.newBuilder()
                        .setHello(hello)
                        .setTerm(term)
                        .setManifest(UnsafeByteOperations.unsafeWrap(manifest.encode())))
                .build());
        SnapshotAnswer held = awaitAnswer(PATIENCE_NANOS);
        List<SnapshotManifest.FileEntry> files = manifest.files();
        if (held.getReceivedBytesCount() != files.size()) {
            throw new BrokenOffException(
                    "it answered for " + held.getReceivedBytesCount() + " of " + files.size() + " files");
        }
        for (int i = 0; i < files.size(); i++) {
            if (held.getReceivedBytes(i) < files.get(i).sizeBytes()) {
                sendFile(i, files.get(i), held.getReceivedBytes(i));
            }
        }
        send(SnapshotPart.newBuilder().setFinish(true).build());
        if (!awaitAnswer(VERIFY_PATIENCE_NANOS).getComplete()) {
            throw new BrokenOffException("it did not find the snapshot complete");
        }
    }

    /** @param fromOffset what lies before it is there already, and is only read for the checksum */
    private void sendFile(int number, SnapshotManifest.FileEntry entry, long fromOffset)
            throws BrokenOffException, InterruptedException {
        CRC32C whole = new CRC32C();
        long offset = 0;
        while (offset < entry.sizeBytes()) {
            long untilBytes = offset < fromOffset ? fromOffset : entry.sizeBytes();
            byte[] data = snapshot.read(entry.name(), offset, (int) Math.min(CHUNK_BYTES, untilBytes - offset));
            whole.update(data, 0, data.length);
            long at = offset;
            offset += data.length;
            if (offset == entry.sizeBytes()) {
                snapshot.requireChecksum(entry, (int) whole.getValue());
            }
            if (at >= fromOffset) {
                sendChunk(number, at, data);
            }
        }
    }

    private void sendChunk(int file, long offset, byte[] data) throws BrokenOffException, InterruptedException {
        CRC32C crc = new CRC32C();
        crc.update(data, 0, data.length);
        send(SnapshotPart.newBuilder()
                .setChunk(SnapshotChunk.newBuilder()
                        .setFile(file)
                        .setOffset(offset)
                        .setData(UnsafeByteOperations.unsafeWrap(data))
                        .setCrc32C((int) crc.getValue()))
                .build());
        sentBytes += data.length;
        pause(throttle.sent(data.length));
    }

    private synchronized void pause(long nanos) throws InterruptedException {
        long untilNanos = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && ended == null; left = untilNanos - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
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
    synchronized void stop(String why) {
        cancel();
        ended = why;
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
