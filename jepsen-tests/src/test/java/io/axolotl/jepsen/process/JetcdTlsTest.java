package io.axolotl.jepsen.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.CertificateMaker.Made;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.server.Server;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** jetcd with TLS and a certificate of its own, against one server that asks for it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class JetcdTlsTest {
    @TempDir
    static Path folder;

    private static Server server;
    private static String endpoint;
    private static File ca;
    private static Made authority;

    @BeforeAll
    static void start() throws Exception {
        authority = new CertificateMaker("authority").authority().signedByItself();
        ca = write("ca.pem", authority.certificatePem());
        Made own = new CertificateMaker("server").hosts(List.of("127.0.0.1")).signedBy(authority);
        endpoint = "https://127.0.0.1:" + LoopbackPorts.free();
        String peer = "http://127.0.0.1:" + LoopbackPorts.free();
        List<String> line = List.of(
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + endpoint,
                "--advertise-client-urls=" + endpoint,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--cert-file=" + write("server.pem", own.certificatePem()),
                "--key-file=" + write("server.key", own.keyPem()),
                "--trusted-ca-file=" + ca,
                "--client-cert-auth");
        Request.Start request = (Request.Start) new ServerConfigReader("test").read(line, Map.of());
        server = Server.start(request.config(), (what, cause) -> {
            throw new AssertionError(what, cause);
        });
        assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
    }

    private static File write(String name, String text) throws java.io.IOException {
        return Files.writeString(folder.resolve(name), text).toFile();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.stop();
        }
    }

    /** With a certificate of that name. */
    private static ClientBuilder with(String name) throws Exception {
        Made own = new CertificateMaker(name).signedBy(authority);
        File cert = write(name + ".pem", own.certificatePem());
        File key = write(name + ".key", own.keyPem());
        return Client.builder()
                .endpoints(endpoint)
                .sslContext(tls -> tls.trustManager(ca).keyManager(cert, key));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("jetcd with TLS puts, gets and watches")
    void callsAndStreamsWork() throws Exception {
        try (Client client = with("jetcd").build()) {
            long revision = await(client.getKVClient().put(bytes("k"), bytes("v")))
                    .getHeader()
                    .getRevision();
            assertThat(await(client.getKVClient().get(bytes("k")))
                            .getKvs()
                            .get(0)
                            .getValue())
                    .isEqualTo(bytes("v"));
            BlockingQueue<WatchEvent> seen = new LinkedBlockingQueue<>();
            WatchOption from = WatchOption.builder().withRevision(revision).build();
            try (Watch.Watcher watcher =
                    client.getWatchClient().watch(bytes("k"), from, response -> seen.addAll(response.getEvents()))) {
                WatchEvent event = Objects.requireNonNull(seen.poll(20, TimeUnit.SECONDS));
                assertThat(event.getKeyValue().getValue()).isEqualTo(bytes("v"));
                assertThat(watcher.isClosed()).isFalse();
            }
        }
    }

    @Test
    @DisplayName(
            "AU-12 jetcd with TLS and auth: whoever has no token is who its certificate names, a password goes before")
    void certificatesAndPasswordsLogIn() throws Exception {
        ByteSequence root = bytes("root");
        ByteSequence alice = bytes("alice");
        try (Client setup = with("nobody").build();
                Client asRoot =
                        with("nobody-else").user(root).password(bytes("secret")).build();
                Client asAlice = with("alice").build();
                Client aliceAsRoot =
                        with("alice").user(root).password(bytes("secret")).build()) {
            Auth auth = setup.getAuthClient();
            await(auth.userAdd(root, bytes("secret")));
            await(auth.roleAdd(root));
            await(auth.userGrantRole(root, root));
            await(auth.userAdd(alice, bytes("wonder")));
            await(auth.roleAdd(alice));
            await(auth.roleGrantPermission(alice, bytes("ja"), bytes("jc"), Permission.Type.READWRITE));
            await(auth.userGrantRole(alice, alice));
            await(auth.authEnable());
            try {
                await(asAlice.getKVClient().put(bytes("ja"), bytes("by certificate")));
                assertThatThrownBy(() -> await(asAlice.getKVClient().get(bytes("jx"))))
                        .hasMessageContaining("permission denied");
                await(aliceAsRoot.getKVClient().get(bytes("jx")));
                await(asRoot.getKVClient().put(bytes("jx"), bytes("by password")));
                assertThatThrownBy(() -> await(setup.getKVClient().get(bytes("ja"))))
                        .isInstanceOf(ExecutionException.class);
            } finally {
                await(asRoot.getAuthClient().authDisable());
            }
        }
    }

    @Test
    @DisplayName("jetcd without a certificate gets no answer")
    void withoutACertificateNothingIsAnswered() throws Exception {
        try (Client client = Client.builder()
                .endpoints(endpoint)
                .sslContext(tls -> tls.trustManager(ca))
                .waitForReady(false)
                .build()) {
            assertThatThrownBy(() -> client.getKVClient().get(bytes("k")).get(5, TimeUnit.SECONDS))
                    .isInstanceOf(Exception.class);
        }
    }
}
