package io.axolotl.server.peer;

import io.axolotl.server.tls.PortTls;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the connections between members are secured. Immutable.
 *
 * @param tls what is shown and who is trusted; null for clear text
 * @param listen where members are listened for with TLS; may be empty
 */
public record PeerSecurity(@Nullable PortTls tls, List<InetSocketAddress> listen) {
    /** Clear text alone. */
    public static final PeerSecurity NONE = new PeerSecurity(null, List.of());

    public PeerSecurity {
        listen = List.copyOf(listen);
        if (tls == null && !listen.isEmpty()) {
            throw new IllegalArgumentException("TLS is to be spoken on " + listen + " and there is no certificate");
        }
    }
}
