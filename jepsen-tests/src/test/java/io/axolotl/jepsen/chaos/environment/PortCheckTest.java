package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortCheckTest {
    /** As the kernel prints it: 2379 of 127.0.0.1, 2380 of all, 2381 of all by IPv6, a connection from 2382, one that ends. */
    private static final List<String> TABLE = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
               1: 00000000:094C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0
               2: 0100007F:094E 0100007F:094B 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0
              sl  local_address                         remote_address                        st tx_queue
               0: 00000000000000000000000000000000:094D 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 444 1 0
            """.lines().toList();

    @TempDir
    private Path temp;

    @Test
    @DisplayName("who listens on an address or on all of them has the port there, who only connects from it has not")
    void listenersAreFound() {
        assertThat(PortCheck.listener(TABLE, "127.0.0.1", 2379)).hasValue("111");
        assertThat(PortCheck.listener(TABLE, "10.88.1.1", 2379)).isEmpty();
        assertThat(PortCheck.listener(TABLE, "10.88.1.1", 2380)).hasValue("222");
        assertThat(PortCheck.listener(TABLE, "127.0.0.1", 2381)).hasValue("444");
        assertThat(PortCheck.listener(TABLE, "127.0.0.1", 2382)).isEmpty();
        assertThat(PortCheck.listener(TABLE, "127.0.0.1", 80)).isEmpty();
    }

    @Test
    @DisplayName("a port that is taken is named before anything is started, with who has it and what to do")
    void aTakenPortIsNamed() throws IOException {
        Environment.Plan plan =
                new Environment.Plan(Target.AXOLOTL, 3, temp, false, Set.of(), Map.of(), List.of(), List.of(), 1);
        try (Environment environment = Environment.of(plan)) {
            environment.requireFreePorts();
            ServerProcess.Spec second = environment.cluster().node("n2").spec();
            try (ServerSocket taken = new ServerSocket(second.clientPort(), 1, InetAddress.getLoopbackAddress())) {
                assertThatThrownBy(environment::requireFreePorts)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1, where n2 is to listen")
                        .hasMessageContaining(
                                "taken by process " + ProcessHandle.current().pid())
                        .hasMessageContaining("start the run again");
            }
            int behindTheProxy =
                    Integer.parseInt(second.flag("listen-peer-urls").replaceFirst(".*:", ""));
            try (ServerSocket taken = new ServerSocket(behindTheProxy, 1, InetAddress.getLoopbackAddress())) {
                assertThatThrownBy(environment::requireFreePorts)
                        .hasMessageContaining("port " + taken.getLocalPort())
                        .hasMessageContaining("listen-peer-urls");
            }
            assertThat(environment.cluster().nodes()).noneMatch(ServerProcess::hasRun);
        }
    }
}
