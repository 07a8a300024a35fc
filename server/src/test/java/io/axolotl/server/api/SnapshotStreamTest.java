package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import io.axolotl.storage.archive.ArchiveStore;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** MT-5 through the wire. */
class SnapshotStreamTest {
    private static final int CHUNK_BYTES = 32 * 1024;

    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private List<SnapshotResponse> snapshot() {
        return Lists.newArrayList(edge.maintenance.snapshot(SnapshotRequest.getDefaultInstance()));
    }

    @Test
    @DisplayName("MT-5, HD-3: chunks of 32 KiB count down to 0, without a header; then the SHA-256 of them all")
    void chunksCountDownAndAChecksumFollows() throws Exception {
        for (int i = 0; i < 200; i++) {
            edge.kv.put(put("k" + i, "v".repeat(1_000)));
        }
        List<SnapshotResponse> chunks = snapshot();

        SnapshotResponse checksum = chunks.remove(chunks.size() - 1);
        assertThat(chunks).hasSizeGreaterThan(5);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long left = chunks.stream().mapToLong(chunk -> chunk.getBlob().size()).sum();
        assertThat(left % 512).isZero();
        for (SnapshotResponse chunk : chunks) {
            assertThat(chunk.hasHeader()).isFalse();
            assertThat(chunk.getVersion()).isEqualTo("3.6.0");
            assertThat(chunk.getBlob().size()).isPositive().isLessThanOrEqualTo(CHUNK_BYTES);
            left -= chunk.getBlob().size();
            assertThat(chunk.getRemainingBytes()).isEqualTo(left);
            digest.update(chunk.getBlob().toByteArray());
        }
        assertThat(left).isZero();
        assertThat(checksum.getRemainingBytes()).isZero();
        assertThat(checksum.getBlob().toByteArray()).isEqualTo(digest.digest());
        assertThat(edge.node.disk().list(Path.of("/archives"))).isEmpty();
    }

    @Test
    @DisplayName("MT-5, MT-8: no quorum is asked, and a learner answers too")
    void itNeedsNobodyElse() {
        edge.kv.put(put("k", "v"));
        edge.node.leader = null;
        edge.node.becomeLearner();
        assertThat(snapshot()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    @DisplayName("a state that is in doubt is not handed on")
    void aStateInDoubtIsKept() {
        edge.node.isTrusted = false;
        assertRefused(EtcdError.QUARANTINED, this::snapshot);
        assertThat(edge.node.disk().list(Path.of("/archives"))).isEmpty();
    }

    @Test
    @DisplayName("a client that reads nothing costs no memory, and its place is free again when it goes away; a few are"
            + " served at a time")
    void slowClientsHoldUpNobody() throws Exception {
        for (int i = 0; i < 400; i++) {
            edge.kv.put(put("k" + i, "v".repeat(10_000)));
        }
        List<ClientCall<SnapshotRequest, SnapshotResponse>> stuck = new ArrayList<>();
        for (int i = 0; i < ArchiveStore.MOST; i++) {
            CompletableFuture<SnapshotResponse> first = new CompletableFuture<>();
            stuck.add(begin(first));
            first.get(30, TimeUnit.SECONDS);
        }
        assertRefused(EtcdError.TOO_MANY_REQUESTS, this::snapshot);
        stuck.forEach(call -> call.cancel("enough", null));
        assertThat(eventually(this::isServed)).isTrue();
    }

    private boolean isServed() {
        try {
            return snapshot().size() > 100;
        } catch (io.grpc.StatusRuntimeException e) {
            assertThat(e.getStatus().getDescription()).isEqualTo(EtcdError.TOO_MANY_REQUESTS.text());
            return false;
        }
    }

    private static boolean eventually(java.util.function.BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - deadlineNanos < 0) {
            if (condition.getAsBoolean()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    /** Asks for one chunk and never for another. */
    private ClientCall<SnapshotRequest, SnapshotResponse> begin(CompletableFuture<SnapshotResponse> first) {
        ClientCall<SnapshotRequest, SnapshotResponse> call =
                edge.channel.newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(SnapshotResponse message) {
                        first.complete(message);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        first.completeExceptionally(status.asException());
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(SnapshotRequest.getDefaultInstance());
        call.halfClose();
        return call;
    }
}
