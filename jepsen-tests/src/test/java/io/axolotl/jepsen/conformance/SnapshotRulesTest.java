package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Iterator;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class SnapshotRulesTest extends Asked {
    private static final int SHA_256_BYTES = 32;
    private static final int PAGE_BYTES = 512;

    @Test
    @Contract("MT-5")
    void snapshotComesInChunksWithItsDigestAtTheEnd() throws IOException, NoSuchAlgorithmException {
        put("a", "x".repeat(100_000));
        Iterator<SnapshotResponse> chunks = server().maintenance().snapshot(SnapshotRequest.getDefaultInstance());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        SnapshotResponse last = SnapshotResponse.getDefaultInstance();
        long remaining = Long.MAX_VALUE;
        while (chunks.hasNext()) {
            last = chunks.next();
            assertThat(last.getBlob().size()).isPositive().isLessThanOrEqualTo(32 << 10);
            assertThat(last.getRemainingBytes()).isLessThanOrEqualTo(remaining);
            assertThat(last.getVersion())
                    .matches(differing(KnownDifference.SNAPSHOT_VERSION, "", "\\d+\\.\\d+\\.\\d+|"));
            remaining = last.getRemainingBytes();
            last.getBlob().writeTo(all);
        }
        assertThat(remaining).isZero();
        assertThat(last.getBlob().size()).isEqualTo(SHA_256_BYTES);
        byte[] whole = all.toByteArray();
        assertThat(whole.length % PAGE_BYTES).isEqualTo(SHA_256_BYTES);
        byte[] data = Arrays.copyOf(whole, whole.length - SHA_256_BYTES);
        assertThat(last.getBlob().toByteArray())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(data));
    }
}
