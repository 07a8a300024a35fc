package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.UserAddOptions;
import io.axolotl.server.api.watch.WatchRight;
import io.axolotl.server.auth.Passwords;
import io.axolotl.server.auth.Tokens;
import io.axolotl.storage.auth.AuthState;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Access control at the edge (contract B.11): users, roles, passwords and tokens. */
class AuthServiceTest extends UnderAccessControl {
    @Test
    @DisplayName(
            "AU-1, AU-4 a token opens, as 'token' or as 'authorization' with or without Bearer; none and a wrong one do not")
    void tokensOpen() {
        run(as(alice, edge.kv).put(put("a", "1")));
        Metadata bearer = new Metadata();
        bearer.put(AUTHORIZATION, "Bearer " + alice);
        run(edge.kv
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer))
                .put(put("a", "2")));
        assertRefused(EtcdError.USER_EMPTY, () -> run(edge.kv.put(put("a", "3"))));
        assertRefused(EtcdError.USER_EMPTY, () -> run(edge.kv.range(range("a").build())));
        String bent = (alice.startsWith("x") ? "y" : "x") + alice.substring(1);
        for (String wrong : List.of("", "x", alice + "1", alice.replace('.', ','), bent, "x.1")) {
            assertRefused(
                    EtcdError.INVALID_AUTH_TOKEN, () -> run(as(wrong, edge.kv).put(put("a", "3"))));
            assertRefused(
                    EtcdError.INVALID_AUTH_TOKEN,
                    () -> run(as(wrong, edge.kv).range(range("a").build())));
        }
        assertThat(as(alice, edge.kv).range(range("a").build()).getKvs(0).getValue())
                .isEqualTo(bytes("2"));
        assertRefused(EtcdError.EMPTY_KEY, () -> run(as("x", edge.kv).put(put("", "3"))));
    }

    @Test
    @DisplayName("AU-2 wrong names and passwords, users without password, and access control that is off")
    void loginsAreChecked() {
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("alice", "wrong")));
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("alice", "")));
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("eve", "wonder")));
        run(as(root, edge.auth)
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName("cert")
                        .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                        .build()));
        assertRefused(EtcdError.NO_PASSWORD_USER, () -> run(login("cert", "")));
        run(as(root, edge.auth).authDisable(AuthDisableRequest.getDefaultInstance()));
        assertRefused(EtcdError.AUTH_NOT_ENABLED, () -> run(login("alice", "wonder")));
        run(edge.kv.put(put("x", "1")));
    }

    @Test
    @DisplayName("AU-7 an empty password is one; one that bcrypt would cut off is refused")
    void passwordsHaveTheirLengths() {
        addUser("empty", "");
        run(login("empty", ""));
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("empty", "x")));
        String longest = "x".repeat(71);
        addUser("long", longest);
        run(login("long", longest));
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("long", longest + "x")));
        assertRefused(EtcdError.PASSWORD_TOO_LONG, () -> addUser("longer", longest + "x"));
    }

    @Test
    @DisplayName("AU-3 a token ends when nobody has shown it for its time, and not while somebody does")
    void tokensRunOut() {
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(4));
        run(as(alice, edge.kv).put(put("a", "1")));
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(4));
        run(as(alice, edge.kv).put(put("a", "2")));
        assertRefused(EtcdError.INVALID_AUTH_TOKEN, () -> run(as(root, edge.kv).put(put("a", "3"))));
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
        assertRefused(EtcdError.INVALID_AUTH_TOKEN, () -> run(as(alice, edge.kv).put(put("a", "3"))));
    }

    @Test
    @DisplayName("AU-3 a token ends with its user, with the password it was given for, and when access control was off")
    void tokensEndWithWhatTheyStandFor() {
        run(as(root, edge.auth)
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("changed")
                        .build()));
        assertRefused(EtcdError.INVALID_AUTH_TOKEN, () -> run(as(alice, edge.kv).put(put("a", "1"))));
        assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("alice", "wonder")));
        String second = login("alice", "changed");
        run(as(root, edge.auth)
                .userDelete(AuthUserDeleteRequest.newBuilder().setName("alice").build()));
        addUser("alice", "changed");
        assertRefused(
                EtcdError.INVALID_AUTH_TOKEN, () -> run(as(second, edge.kv).put(put("a", "1"))));
        run(as(root, edge.auth).authDisable(AuthDisableRequest.getDefaultInstance()));
        run(edge.auth.authEnable(AuthEnableRequest.getDefaultInstance()));
        assertRefused(EtcdError.INVALID_AUTH_TOKEN, () -> run(as(root, edge.kv).put(put("a", "1"))));
    }

    @Test
    @DisplayName("AU-3 brute force is slowed: who has guessed wrong some times has to wait, for that user alone")
    void guessingIsSlowed() {
        for (int i = 0; i < 5; i++) {
            assertRefused(EtcdError.AUTHENTICATION_FAILED, () -> run(login("alice", "guess")));
        }
        assertRefused(EtcdError.TOO_MANY_REQUESTS, () -> run(login("alice", "wonder")));
        run(login("root", "secret"));
        run(as(alice, edge.kv).put(put("a", "1")));
    }

    @Test
    @DisplayName(
            "AU-2 who floods a member with log-ins from one address keeps nobody else from logging in, nor root from changing passwords")
    void aFloodOfLoginsIsItsOwnProblem() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        CountDownLatch running = new CountDownLatch(threads);
        Passwords.Task held = new Passwords.Task() {
            @Override
            public void run() {
                running.countDown();
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void dropped() {}
        };
        String here = edge.address.getAddress().getHostAddress();
        for (int i = 0; i < threads; i++) {
            assertThat(edge.passwords.offerLogin(here, held)).isTrue();
        }
        running.await();
        int waiting = 0;
        while (waiting < 200 && edge.passwords.offerLogin(here, held)) {
            waiting++;
        }
        assertThat(waiting).isLessThan(200);
        assertRefused(EtcdError.TOO_MANY_REQUESTS, () -> run(login("alice", "wonder")));
        run(as(root, edge.auth)
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("changed")
                        .build()));
        ManagedChannel elsewhere = NettyChannelBuilder.forAddress(edge.address)
                .usePlaintext()
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress to, Attributes attributes) {
                        return new InetSocketAddress("127.0.0.2", 0);
                    }
                })
                .build();
        try {
            var answer = AuthGrpc.newFutureStub(elsewhere)
                    .authenticate(AuthenticateRequest.newBuilder()
                            .setName("alice")
                            .setPassword("changed")
                            .build());
            run(as(root, edge.kv).put(put("a", "1")));
            gate.countDown();
            assertThat(answer.get(30, TimeUnit.SECONDS).getToken()).isNotEmpty();
        } finally {
            elsewhere.shutdownNow();
        }
    }

    @Test
    @DisplayName("AU-11 after a change of permissions a token goes on, with what is allowed now")
    void permissionsChangeUnderATokenThatIsShown() {
        run(as(alice, edge.kv).put(put("b", "1")));
        grant("ab", Permission.Type.READWRITE, "x", "y");
        run(as(alice, edge.kv).put(put("x", "1")));
        run(as(root, edge.auth)
                .roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole("ab")
                        .setKey(bytes("a"))
                        .setRangeEnd(bytes("c"))
                        .build()));
        assertRefused(EtcdError.PERMISSION_DENIED, () -> run(as(alice, edge.kv).put(put("b", "2"))));
        assertRefused(
                EtcdError.PERMISSION_DENIED,
                () -> run(as(alice, edge.kv).range(range("b").build())));
    }

    @Test
    @DisplayName("AU-6, AU-8 roles are told as they are; root may do everything, though nothing of it is stored")
    void rolesAreTold() {
        addRole("root");
        Permission all = as(root, edge.auth)
                .roleGet(AuthRoleGetRequest.newBuilder().setRole("root").build())
                .getPerm(0);
        assertThat(all.getPermType()).isEqualTo(Permission.Type.READWRITE);
        assertThat(all.getKey()).isEqualTo(ByteString.EMPTY);
        assertThat(all.getRangeEnd()).isEqualTo(OPEN);
        assertThat(as(root, edge.auth)
                        .userList(AuthUserListRequest.getDefaultInstance())
                        .getUsersList())
                .containsExactly("alice", "root");
        assertThat(as(root, edge.auth)
                        .roleList(AuthRoleListRequest.getDefaultInstance())
                        .getRolesList())
                .containsExactly("ab", "root");
        assertRefused(
                EtcdError.PERMISSION_NOT_GIVEN,
                () -> run(as(root, edge.auth)
                        .roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                                .setName("ab")
                                .build())));
        assertRefused(
                EtcdError.ROLE_NOT_FOUND,
                () -> run(as(root, edge.auth)
                        .roleGet(AuthRoleGetRequest.newBuilder().setRole("none").build())));
        assertRefused(
                EtcdError.USER_NOT_FOUND,
                () -> run(as(root, edge.auth)
                        .userGet(AuthUserGetRequest.newBuilder().setName("none").build())));
    }

    @Test
    @DisplayName(
            "WA-12, AU-12 a watch that a certificate's bearer has created while access control was off goes on when it is switched on")
    void whoHasACertificateGoesOnWatching() {
        Gate gate = new Gate(edge.node, new Quota(edge.node, -1, System::nanoTime), edge.tokens);
        run(as(root, edge.auth).authDisable(AuthDisableRequest.getDefaultInstance()));
        byte[] own = {'a'};
        byte[] foreign = {'z'};
        AuthState off = edge.node.store().auth();
        WatchRight.Answer named = gate.watching(new Login(null, "alice", null)).ask(off, own, new byte[0]);
        WatchRight.Answer nameless = gate.watching(Login.NOBODY).ask(off, own, new byte[0]);
        assertThat(named.refusal()).isNull();
        assertThat(nameless.refusal()).isNull();
        run(edge.auth.authEnable(AuthEnableRequest.getDefaultInstance()));
        AuthState on = edge.node.store().auth();
        assertThat(named.standing().refusalOf(on, own, new byte[0])).isNull();
        assertThat(named.standing().refusalOf(on, foreign, new byte[0])).contains("permission denied");
        assertThat(nameless.standing().refusalOf(on, own, new byte[0])).isNotNull();
    }

    @Test
    @DisplayName("no secret is in what a call is remembered by")
    void secretsHaveNoText() {
        assertThat(new Login(alice, null, null).toString()).doesNotContain(alice.substring(0, 8));
        assertThat(new Tokens.Issued.Token(alice, 1).toString()).doesNotContain(alice.substring(0, 8));
    }
}
