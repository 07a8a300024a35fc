package io.axolotl.server.peer;

import java.net.InetSocketAddress;

/**
 * Where a peer listens. Immutable.
 *
 * @param socket its name or address, not looked up
 * @param isSecure whether TLS is spoken there
 */
public record PeerAddress(InetSocketAddress socket, boolean isSecure) {
    /** Without TLS. */
    public static PeerAddress inClear(InetSocketAddress socket) {
        return new PeerAddress(socket, false);
    }

    @Override
    public String toString() {
        return (isSecure ? "https://" : "http://") + socket.getHostString() + ":" + socket.getPort();
    }
}
