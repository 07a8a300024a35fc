package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.Auth;
import io.axolotl.client.AuthenticationException;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Credentials;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Permission;
import io.axolotl.client.RefusedException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our own client before a server with access control: it logs in by itself, and again when it has to. */
@Timeout(60)
class ClientLoginTest {
    private final Edge edge = new Edge();
    private final AxolotlClient root = client("root", "secret");

    private AxolotlClient client(String user, String password) {
        return AxolotlClient.builder()
                .endpoints("http://127.0.0.1:" + edge.address.getPort())
                .networkThreads(1)
                .credentials(user, password)
                .build();
    }

    @BeforeEach
    void enable() {
        Auth auth = root.auth();
        auth.userAdd("root", "secret").await();
        auth.userGrantRole("root", "root").await();
        auth.userAdd("alice", "wonder").await();
        auth.roleAdd("ab").await();
        auth.roleGrantPermission(
                        "ab", new Permission(Permission.Type.READWRITE, KeyRange.between(Bytes.of("a"), Bytes.of("c"))))
                .await();
        auth.userGrantRole("alice", "ab").await();
        auth.enable().await();
    }

    @AfterEach
    void close() {
        root.close();
        edge.close();
    }

    /** Every token of before. */
    private void letTokensRunOut() {
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
    }

    @Test
    @DisplayName("AU-3 it logs in with the first call, and again when its token has run out, writes included")
    void itLogsInAgain() {
        try (AxolotlClient alice = client("alice", "wonder")) {
            alice.kv().put("a", "1").await();
            int entries = edge.node.proposals.get();
            alice.kv().put("a", "2").await();
            assertThat(edge.node.proposals.get()).isEqualTo(entries + 1);
            letTokensRunOut();
            alice.kv().put("a", "3").await();
            assertThat(alice.kv().get("a").await().kvs().get(0).version()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("C.3 what is refused says so: a wrong password, and what the user may not")
    void refusalsAreTold() {
        try (AxolotlClient guesser = client("alice", "wrong");
                AxolotlClient alice = client("alice", "wonder")) {
            assertThatThrownBy(() -> guesser.kv().put("a", "1").await())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage(EtcdError.AUTHENTICATION_FAILED.text());
            assertThatThrownBy(() -> alice.kv().put("x", "1").await())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage(EtcdError.PERMISSION_DENIED.text());
        }
        assertThat(new Credentials("alice", "wonder").toString()).doesNotContain("wonder");
        assertThat(root.options().toString()).doesNotContain("secret");
    }

    @Test
    @DisplayName("C.3 a token that has run out and cannot be replaced is a failure of its own type, with advice")
    void aTokenThatCannotBeReplacedSaysSo() {
        try (AxolotlClient alice = client("alice", "wonder")) {
            alice.kv().put("a", "1").await();
            root.auth().userChangePassword("alice", "other").await();
            letTokensRunOut();
            assertThatThrownBy(() -> alice.kv().put("a", "2").await())
                    .isInstanceOfSatisfying(
                            AuthenticationException.class,
                            e -> assertThat(e.advice()).contains("check the user and password"));
            assertThatThrownBy(() -> alice.kv().get("a").await()).isInstanceOf(AuthenticationException.class);
        }
    }

    @Test
    @DisplayName("AU-2 while access control is off it goes on without a token, and logs in once it is on")
    void accessControlMayBeSwitched() {
        try (AxolotlClient alice = client("alice", "wonder")) {
            root.auth().disable().await();
            alice.kv().put("x", "1").await();
            root.auth().enable().await();
            assertThatThrownBy(() -> alice.kv().put("x", "2").await()).hasMessage(EtcdError.PERMISSION_DENIED.text());
            alice.kv().put("a", "2").await();
        }
    }

    @Test
    @DisplayName("WA-12 a watch logs in again too; one that is forbidden is over")
    void watchesLogIn() throws InterruptedException {
        try (AxolotlClient alice = client("alice", "wonder")) {
            alice.kv().put("a", "1").await();
            letTokensRunOut();
            try (Watch watch = alice.watch(KeyRange.single(Bytes.of("a")), WatchOptions.DEFAULT.from(2));
                    Watch forbidden = alice.watch(KeyRange.prefix("x"), WatchOptions.DEFAULT)) {
                assertThat(watch.next().events()).hasSize(1);
                WatchResult end = forbidden.next();
                assertThat(end.isCanceled()).isTrue();
                assertThat(end.cancelReason()).endsWith(EtcdError.PERMISSION_DENIED.text());
            }
        }
    }

    @Test
    @DisplayName("AU-7, AU-8 users and roles by our own client")
    void usersAndRolesAreManaged() {
        Auth auth = root.auth();
        assertThat(auth.status().await().isEnabled()).isTrue();
        assertThat(auth.users().await().names()).containsExactly("alice", "root");
        assertThat(auth.userGet("alice").await().names()).containsExactly("ab");
        assertThat(auth.roleGet("ab").await().permissions())
                .containsExactly(
                        new Permission(Permission.Type.READWRITE, KeyRange.between(Bytes.of("a"), Bytes.of("c"))));
        auth.roleRevokePermission("ab", KeyRange.between(Bytes.of("a"), Bytes.of("c")))
                .await();
        auth.userRevokeRole("alice", "ab").await();
        auth.roleDelete("ab").await();
        assertThat(auth.roles().await().names()).isEmpty();
        auth.userChangePassword("alice", "other").await();
        auth.userAddWithoutPassword("cert").await();
        auth.userDelete("cert").await();
        try (AxolotlClient alice = client("alice", "other")) {
            assertThat(alice.auth().userGet("alice").await().names()).isEmpty();
        }
    }
}
