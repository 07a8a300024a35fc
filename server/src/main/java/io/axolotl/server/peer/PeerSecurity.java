package io.axolotl.server.peer;

import io.axolotl.server.tls.PortTls;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the connections between members are secured. Immutable.
 *
 * @param tls what is shown and who is trusted; null if nothing was said of it, and the Java platform judges those whose URL
 *     is https
 * @param listen where members are listened for with TLS; may be empty
 */
public record PeerSecurity(@Nullable PortTls tls, List<InetSocketAddress> listen) {
    /** Nothing said, and nobody listened for with TLS. */
    public static final PeerSecurity NONE = new PeerSecurity(null, List.of());

    public PeerSecurity {
        listen = List.copyOf(listen);
        if (!listen.isEmpty() && (tls == null || !tls.isAccepting())) {
            throw new IllegalArgumentException("TLS is to be spoken on " + listen + " and there is no certificate");
        }
    }
}
