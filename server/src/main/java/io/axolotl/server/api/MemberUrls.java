package io.axolotl.server.api;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The peer URLs of a member that is to be added or moved, and the id that is made of them (CL-1). No state. */
final class MemberUrls {
    private MemberUrls() {}

    /**
     * The URLs in their order, each as {@code http://host:port} or {@code https://host:port}.
     *
     * @throws RequestRefused if there is none, or one that no member could be reached at
     */
    static List<String> check(List<String> urls) throws RequestRefused {
        TreeSet<String> checked = new TreeSet<>();
        for (String url : urls) {
            checked.add(check(url.strip()));
        }
        if (checked.isEmpty()) {
            throw new RequestRefused(EtcdError.BAD_MEMBER_URLS);
        }
        return new ArrayList<>(checked);
    }

    private static String check(String url) throws RequestRefused {
        try {
            URI parsed = new URI(url);
            String path = parsed.getRawPath();
            boolean isUsable = ("http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme()))
                    && parsed.getHost() != null
                    && parsed.getPort() > 0
                    && parsed.getPort() <= 65_535
                    && parsed.getRawUserInfo() == null
                    && parsed.getRawQuery() == null
                    && (path == null || path.isEmpty() || path.equals("/"));
            if (isUsable) {
                return parsed.getScheme() + "://" + parsed.getHost() + ":" + parsed.getPort();
            }
        } catch (URISyntaxException e) {
            throw new RequestRefused(EtcdError.BAD_MEMBER_URLS);
        }
        throw new RequestRefused(EtcdError.BAD_MEMBER_URLS);
    }

    /** Never the same twice: the time makes one of equal URLs another. */
    static long idOf(List<String> urls, long clusterId, long nowNanos) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        for (String url : urls) {
            digest.update(url.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        digest.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(clusterId)
                .putLong(nowNanos)
                .array());
        long id = ByteBuffer.wrap(digest.digest()).getLong();
        return id == 0 ? 1 : id;
    }
}
