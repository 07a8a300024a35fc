package io.axolotl.client;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Iterator;

/**
 * Brings one member's snapshot into a file (MT-5). Holds one chunk in memory. What has arrived has its name only when all of
 * it is there, verified and durable.
 *
 * <p>Confined to one thread, which waits.
 */
final class SnapshotDownload {
    private static final int CHECKSUM_BYTES = 32;
    private static final int SECTOR_BYTES = 512;

    private final Connection connection;

    SnapshotDownload(Connection connection) {
        this.connection = connection;
    }

    SavedSnapshot saveTo(Path file) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        try {
            SavedSnapshot saved = receive(partial);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolderOf(file);
            return saved;
        } catch (StatusRuntimeException e) {
            throw new RefusedException(
                    ErrorCode.of(e.getStatus()), String.valueOf(e.getStatus().getDescription()));
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Makes the new name durable, where folders can be synced. */
    private static void syncFolderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null
                || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    private SavedSnapshot receive(Path partial) throws IOException {
        MessageDigest digest = sha256();
        // The checksum is the last chunk, or the end of it: so much is held back from the digest until the end is
        // known.
        byte[] held = new byte[0];
        long sizeBytes = 0;
        String version = "";
        Iterator<SnapshotResponse> chunks = ClientCalls.blockingServerStreamingCall(
                connection.channel(),
                MaintenanceGrpc.getSnapshotMethod(),
                CallOptions.DEFAULT,
                SnapshotRequest.getDefaultInstance());
        try (FileChannel out = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (chunks.hasNext()) {
                SnapshotResponse chunk = chunks.next();
                version = chunk.getVersion();
                byte[] known = joined(held, chunk.getBlob());
                int content = Math.max(0, known.length - CHECKSUM_BYTES);
                digest.update(known, 0, content);
                held = Arrays.copyOfRange(known, content, known.length);
                sizeBytes += chunk.getBlob().size();
                write(out, chunk.getBlob());
            }
            if (sizeBytes % SECTOR_BYTES != CHECKSUM_BYTES || !Arrays.equals(digest.digest(), held)) {
                throw new IOException("the snapshot of " + connection.endpoint().text() + " did not arrive whole: its "
                        + sizeBytes + " bytes do not match the SHA-256 at their end");
            }
            out.force(true);
        }
        return new SavedSnapshot(sizeBytes, version);
    }

    private static byte[] joined(byte[] first, ByteString second) {
        byte[] all = Arrays.copyOf(first, first.length + second.size());
        second.copyTo(all, first.length);
        return all;
    }

    private static void write(FileChannel out, ByteString bytes) throws IOException {
        for (ByteBuffer part : bytes.asReadOnlyByteBufferList()) {
            while (part.hasRemaining()) {
                int unused = out.write(part);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
