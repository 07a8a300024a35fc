package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A proxy before node 1, with this process as node 0 on its other side and as node 1 behind it. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class PeerProxyTest {
    private static final int SILENCE_MILLIS = 150;

    private final LinkRules rules = new LinkRules((link, state) -> {});
    private ServerSocket node;
    private PeerProxy proxy;
    private int port;

    @BeforeEach
    void start() throws IOException {
        node = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        port = LoopbackPorts.free();
        proxy = new PeerProxy(1, port, node.getLocalPort(), rules::state, this::owner);
    }

    private Optional<Integer> owner(int nearPort) {
        return SocketOwners.socket(nearPort, port)
                .filter(socket -> SocketOwners.holds(ProcessHandle.current().pid(), socket))
                .map(socket -> 0);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        node.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SILENCE_MILLIS);
        return socket;
    }

    private static boolean isSilent(Socket socket) throws IOException {
        try {
            int unused = socket.getInputStream().read();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    @Test
    @DisplayName("one direction is cut, the other is not, and what was held back arrives when the link is whole")
    void oneDirectionIsCut() throws IOException {
        try (Socket near = connect();
                Socket far = node.accept()) {
            far.setSoTimeout(SILENCE_MILLIS);
            LinkRules.Rule cut = rules.impose(List.of(new Link(0, 1)), LinkState.CUT);
            near.getOutputStream().write(7);
            assertThat(isSilent(far)).isTrue();
            far.getOutputStream().write(8);
            near.setSoTimeout(10_000);
            assertThat(near.getInputStream().read()).isEqualTo(8);
            cut.close();
            far.setSoTimeout(10_000);
            assertThat(far.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    @DisplayName("a connection that is made while a link is cut leads nowhere until it is whole")
    void aNewConnectionDoesNotGetPastACut() throws IOException {
        LinkRules.Rule cut = rules.impose(List.of(new Link(1, 0)), LinkState.CUT);
        node.setSoTimeout(SILENCE_MILLIS);
        try (Socket near = connect()) {
            near.getOutputStream().write(7);
            assertThatThrownBy(node::accept).isInstanceOf(SocketTimeoutException.class);
            cut.close();
            node.setSoTimeout(10_000);
            try (Socket far = node.accept()) {
                far.setSoTimeout(10_000);
                assertThat(far.getInputStream().read()).isEqualTo(7);
            }
        }
    }

    @Test
    void whatIsSentOverASlowLinkIsLate() throws IOException {
        try (Socket near = connect();
                Socket far = node.accept()) {
            far.setSoTimeout(10_000);
            LinkRules.Rule slow =
                    rules.impose(List.of(new Link(0, 1)), LinkState.slow(Duration.ofMillis(100), Duration.ZERO));
            long sent = System.nanoTime();
            near.getOutputStream().write(7);
            assertThat(far.getInputStream().read()).isEqualTo(7);
            assertThat(System.nanoTime() - sent).isGreaterThanOrEqualTo(100_000_000);
            slow.close();
        }
    }

    @Test
    @DisplayName("whoever ends a connection ends it for both")
    void theEndOfOneIsTheEndOfBoth() throws IOException {
        try (Socket near = connect();
                Socket far = node.accept()) {
            near.setSoTimeout(10_000);
            far.shutdownOutput();
            assertThat(near.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void nobodyHoldsASocketThatIsNotThere() {
        assertThat(SocketOwners.socket(port, port)).isEmpty();
        assertThat(SocketOwners.holds(ProcessHandle.current().pid(), "0")).isFalse();
        assertThat(SocketOwners.holds(Long.MAX_VALUE, "1")).isFalse();
    }
}
