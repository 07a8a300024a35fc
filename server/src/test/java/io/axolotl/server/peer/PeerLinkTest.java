package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.stage.ProcessThreads;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an attempt to connect tells of the other side. */
class PeerLinkTest {
    private static Status caused(Throwable cause) {
        return Status.UNAVAILABLE.withDescription("io exception").withCause(cause);
    }

    @Test
    @DisplayName(
            "N19: only an answer that nobody listens is a refusal; a time-out, a missing route and a reset are not")
    void onlyARefusalIsOne() {
        assertThat(PeerLink.isConnectionRefused(caused(new ConnectException("Connection refused"))))
                .isTrue();
        assertThat(PeerLink.isConnectionRefused(caused(
                        new RuntimeException(new ConnectException("Connection refused: no further information")))))
                .isTrue();
        assertThat(PeerLink.isConnectionRefused(caused(new ConnectTimeoutException("connection timed out"))))
                .isFalse();
        assertThat(PeerLink.isConnectionRefused(caused(new ConnectException("Network is unreachable"))))
                .isFalse();
        assertThat(PeerLink.isConnectionRefused(caused(new NoRouteToHostException("No route to host"))))
                .isFalse();
        assertThat(PeerLink.isConnectionRefused(caused(new IOException("Connection reset by peer"))))
                .isFalse();
        assertThat(PeerLink.isConnectionRefused(Status.UNAVAILABLE)).isFalse();
    }

    @Test
    @DisplayName(
            "M8: only a peer's own words tell a member that it was removed; a proxy that forbids has the same code")
    void aForbiddingProxyRemovesNobody() {
        assertThat(PeerService.isOfRemoved(Status.PERMISSION_DENIED)).isFalse();
        assertThat(PeerService.isOfRemoved(Status.PERMISSION_DENIED.withDescription(
                        "HTTP status code 403\ninvalid content-type: text/html")))
                .isFalse();
        assertThat(PeerService.isOfRemoved(Status.UNAVAILABLE.withDescription("node c: " + Handshake.REMOVED)))
                .isFalse();
        assertThat(PeerService.isOfRemoved(Status.PERMISSION_DENIED.withDescription("node c: " + Handshake.REMOVED)))
                .isTrue();
    }

    @Test
    @DisplayName("N19: a port that nobody listens on is recognised by a real connection attempt")
    void aRealRefusalIsRecognised() throws Exception {
        int port = LoopbackPorts.free();
        PeerChannels channels =
                new PeerChannels(ProcessThreads.factory("test-peer", (what, cause) -> {}), TimeUnit.SECONDS.toNanos(5));
        ManagedChannel channel = channels.channel(
                PeerAddress.inClear(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
                channels.controlLoop());
        CompletableFuture<Status> ended = new CompletableFuture<>();
        PeerGrpc.newStub(channel).talk(new StreamObserver<Answer>() {
            @Override
            public void onNext(Answer answer) {}

            @Override
            public void onError(Throwable cause) {
                ended.complete(Status.fromThrowable(cause));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        });
        assertThat(PeerLink.isConnectionRefused(ended.get(30, TimeUnit.SECONDS)))
                .isTrue();
        channel.shutdownNow();
        channels.close();
    }
}
