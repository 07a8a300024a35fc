package io.axolotl.server.gateway;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Shows the services the HTTP client's address as that of the call, where they look for it: who shares room out among clients,
 * or slows those who guess passwords, must not take all that call by JSON for one. It is carried by a header that only the
 * server within the process listens to and that clients cannot send.
 *
 * <p>Stateless.
 */
final class ClientAddress implements ServerInterceptor {
    /** Names that begin so are never taken from a client's headers. */
    static final String RESERVED = "axolotl-";

    private static final Metadata.Key<SocketAddress> KEY = Metadata.Key.of(RESERVED + "client-bin", new Bytes());

    /** What is no address of the internet is not told. */
    static void tell(Metadata metadata, SocketAddress client) {
        if (client instanceof InetSocketAddress internet && !internet.isUnresolved()) {
            metadata.put(KEY, internet);
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress client = headers.get(KEY);
        if (client == null) {
            return next.startCall(call, headers);
        }
        Attributes attributes = call.getAttributes().toBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, client)
                .build();
        return next.startCall(
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public Attributes getAttributes() {
                        return attributes;
                    }
                },
                headers);
    }

    /** Two bytes of the port, then those of the address. */
    private static final class Bytes implements Metadata.BinaryMarshaller<SocketAddress> {
        @Override
        public byte[] toBytes(SocketAddress client) {
            InetSocketAddress internet = (InetSocketAddress) client;
            byte[] address = internet.getAddress().getAddress();
            return ByteBuffer.allocate(2 + address.length)
                    .putShort((short) internet.getPort())
                    .put(address)
                    .array();
        }

        @Override
        public SocketAddress parseBytes(byte[] serialized) {
            ByteBuffer bytes = ByteBuffer.wrap(serialized);
            int port = Short.toUnsignedInt(bytes.getShort());
            byte[] address = new byte[bytes.remaining()];
            bytes.get(address);
            try {
                return new InetSocketAddress(InetAddress.getByAddress(address), port);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of " + address.length + " bytes", e);
            }
        }
    }
}
