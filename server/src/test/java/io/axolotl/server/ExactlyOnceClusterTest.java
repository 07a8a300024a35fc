package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.PutResult;
import io.axolotl.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers, whole clients, and cables between them that are cut while answers are on their way. */
@Timeout(120)
class ExactlyOnceClusterTest {
    private static final int WRITERS = 12;
    private static final int PUTS = 25;

    @TempDir
    Path folder;

    private final List<Server> servers = new ArrayList<>();
    private final List<Cable> cables = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
    private final Semaphore done = new Semaphore(0);

    @AfterEach
    void close() throws InterruptedException, IOException {
        for (Cable cable : cables) {
            cable.close();
        }
        for (Server server : servers) {
            server.stop();
        }
        assertThat(fatal).isEmpty();
    }

    private void startThree() throws InterruptedException, IOException {
        for (List<String> line : TestServers.commandLines(folder, 3)) {
            ServerConfig config = TestServers.config(line);
            servers.add(Server.start(config, (what, cause) -> fatal.add(what + ": " + cause)));
            cables.add(new Cable(
                    URI.create(config.advertiseClientUrls().get(0).toString()).getPort()));
        }
        for (Server server : servers) {
            assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** A way to one server, which can be cut again and again. */
    private static final class Cable implements AutoCloseable {
        private final ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
        private final int port;

        Cable(int port) throws IOException {
            this.port = port;
            run(() -> {
                while (true) {
                    Socket near = listening.accept();
                    Socket far = new Socket(InetAddress.getLoopbackAddress(), this.port);
                    ends.add(near);
                    ends.add(far);
                    run(() -> near.getInputStream().transferTo(far.getOutputStream()));
                    run(() -> far.getInputStream().transferTo(near.getOutputStream()));
                }
            });
        }

        private interface Passing {
            void pass() throws IOException;
        }

        private static void run(Passing passing) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            passing.pass();
                        } catch (IOException e) {
                            assertThat(e).as("it was cut").isNotNull();
                        }
                    },
                    "cable");
            thread.setDaemon(true);
            thread.start();
        }

        String endpoint() {
            return "http://127.0.0.1:" + listening.getLocalPort();
        }

        void cut() throws IOException {
            for (Socket end : ends) {
                end.close();
            }
            ends.clear();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            cut();
        }
    }

    /** One put after the other; ends with the last, or with the first that is not done. */
    private CompletableFuture<@Nullable PutResult> write(AxolotlClient client, String key, int left) {
        if (left == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return client.kv().put(key, "v").thenCompose(result -> {
            done.release();
            return write(client, key, left - 1);
        });
    }

    @Test
    @DisplayName(
            "pitfalls 51, 52, N10, P5: while cables are cut and leaders go, every put ends as done, and was applied once")
    void everyPutIsDoneOnce() throws Exception {
        startThree();
        MetricRegistry metrics = new MetricRegistry();
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints(cables.stream().map(Cable::endpoint).toList())
                .requestTimeout(Duration.ofSeconds(40))
                .metrics(metrics)
                .build()) {
            client.kv().put("first", "v").await();
            List<CompletableFuture<@Nullable PutResult>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(write(client, "k" + i, PUTS));
            }
            for (int cuts = 1; cuts <= 10; cuts++) {
                assertThat(done.tryAcquire(PUTS, 60, TimeUnit.SECONDS)).isTrue();
                assertThat(writers).noneMatch(CompletableFuture::isCompletedExceptionally);
                if (cuts == 5) {
                    stopLeader();
                } else {
                    cables.get(cuts % 3).cut();
                }
            }
            for (CompletableFuture<@Nullable PutResult> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            for (int i = 0; i < WRITERS; i++) {
                assertThat(client.kv().get("k" + i).await().kvs().get(0).version())
                        .isEqualTo(PUTS);
            }
            assertThat(metrics.counter("axolotl.client.outcomes.unknown").getCount())
                    .isZero();
        }
    }

    private void stopLeader() throws InterruptedException {
        Server leader = servers.stream()
                .filter(server -> server.node().view().isLeader())
                .findFirst()
                .orElseThrow();
        servers.remove(leader);
        leader.stop();
    }
}
