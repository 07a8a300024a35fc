package io.axolotl.jepsen.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyValue;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The content of one member at one revision in 32 bytes: SHA-256 over every key with its revisions, version, lease and value.
 * Members that agree at a revision agree on everything that a client can see there (I7). Immutable.
 *
 * @param hex 64 lower-case digits
 * @param keys how many went in
 */
public record StateDigest(long revision, String hex, long keys) {
    /**
     * Reads the member's own store, without a quorum.
     *
     * @param member a client of that member alone
     * @param revision at most what the member has applied
     */
    public static StateDigest of(AxolotlClient member, long revision) {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        long[] keys = new long[1];
        long read = KeyPages.forEach(member, Bytes.EMPTY, revision, true, kv -> {
            add(sha, kv);
            keys[0]++;
        });
        return new StateDigest(read, HexFormat.of().formatHex(sha.digest()), keys[0]);
    }

    private static void add(MessageDigest sha, KeyValue kv) {
        sha.update(ByteBuffer.allocate(40)
                .putInt(kv.key().size())
                .putLong(kv.createRevision())
                .putLong(kv.modRevision())
                .putLong(kv.version())
                .putLong(kv.lease())
                .putInt(kv.value().size())
                .flip());
        sha.update(kv.key().toByteArray());
        sha.update(kv.value().toByteArray());
    }

    /** The first digits, enough to tell apart. */
    public String brief() {
        return hex.substring(0, 16);
    }
}
