package io.axolotl.server.peer;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Peer URLs to addresses. No state. */
public final class PeerAddresses {
    private static final Logger log = LoggerFactory.getLogger(PeerAddresses.class);

    private PeerAddresses() {}

    /**
     * The first address that one can connect to. Names are looked up with each attempt, since they may move.
     *
     * @return null if there is none, which is said in the log
     */
    public static @Nullable PeerAddress firstOf(List<String> peerUrls) {
        for (String url : peerUrls) {
            try {
                URI parsed = URI.create(url);
                String host = parsed.getHost();
                if (host != null && parsed.getPort() > 0) {
                    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
                    return new PeerAddress(
                            InetSocketAddress.createUnresolved(plain, parsed.getPort()),
                            "https".equals(parsed.getScheme()));
                }
            } catch (IllegalArgumentException e) {
                log.debug("not an address", e);
            }
            log.warn("\"{}\" is no peer URL that this node can connect to", url);
        }
        return null;
    }
}
