package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleDeleteRequest;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthUserRevokeRoleRequest;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class AuthRulesTest extends Asked {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String PASSWORD = "p";

    private boolean isOn;

    private static <S extends AbstractStub<S>> S with(Metadata.Key<String> name, String token, S stub) {
        S bounded = stub.withDeadlineAfter(30, TimeUnit.SECONDS);
        Metadata headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(name, token);
        }
        return bounded.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private KVGrpc.KVBlockingStub kv(String token) {
        return with(TOKEN, token, KVGrpc.newBlockingStub(server().channel()));
    }

    private AuthGrpc.AuthBlockingStub auth(String token) {
        return with(TOKEN, token, AuthGrpc.newBlockingStub(server().channel()));
    }

    private LeaseGrpc.LeaseBlockingStub leases(String token) {
        return with(TOKEN, token, LeaseGrpc.newBlockingStub(server().channel()));
    }

    private String login(String user, String password) {
        return auth("").authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build())
                .getToken();
    }

    private void addUser(String token, String name) {
        done(auth(token)
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setPassword(PASSWORD)
                        .build()));
    }

    private void addRole(String token, String name) {
        done(auth(token).roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build()));
    }

    private void grantRole(String token, String user, String role) {
        done(auth(token)
                .userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                        .setUser(user)
                        .setRole(role)
                        .build()));
    }

    private void grant(String token, String role, Permission.Type type, ByteString key, ByteString end) {
        done(auth(token)
                .roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(Permission.newBuilder()
                                .setPermType(type)
                                .setKey(key)
                                .setRangeEnd(end))
                        .build()));
    }

    private static void done(Object answer) {
        assertThat(answer).isNotNull();
    }

    /** Root, and alice who may read and write the keys of this test from a to c. */
    private String enable() {
        addUser("", "root");
        addRole("", "root");
        grantRole("", "root", "root");
        addRole("", "ab");
        grant("", "ab", Permission.Type.READWRITE, key("a"), key("c"));
        addUser("", "alice");
        grantRole("", "alice", "ab");
        done(auth("").authEnable(AuthEnableRequest.getDefaultInstance()));
        isOn = true;
        return login("root", PASSWORD);
    }

    @AfterEach
    void disable() {
        if (isOn) {
            done(auth(login("root", PASSWORD)).authDisable(AuthDisableRequest.getDefaultInstance()));
        }
        for (String user :
                auth("").userList(AuthUserListRequest.getDefaultInstance()).getUsersList()) {
            done(auth("").userDelete(
                            AuthUserDeleteRequest.newBuilder().setName(user).build()));
        }
        for (String role :
                auth("").roleList(AuthRoleListRequest.getDefaultInstance()).getRolesList()) {
            done(auth("").roleDelete(
                            AuthRoleDeleteRequest.newBuilder().setRole(role).build()));
        }
    }

    @Test
    @Contract(
            value = {"AU-1", "AU-4"},
            errors = {ContractError.USER_EMPTY, ContractError.INVALID_AUTH_TOKEN})
    void tokensAreShownAsTokenOrAsAuthorization() {
        done(enable());
        String alice = login("alice", PASSWORD);
        var put = putting("a", "1").build();
        done(kv(alice).put(put));
        done(with(AUTHORIZATION, alice, KVGrpc.newBlockingStub(server().channel()))
                .put(put));
        refused(ContractError.USER_EMPTY, () -> done(kv("").put(put)));
        refused(ContractError.USER_EMPTY, () -> done(kv("").range(ranging("a").build())));
        refused(ContractError.INVALID_AUTH_TOKEN, () -> done(kv("x.1").put(put)));
        refused(
                ContractError.INVALID_AUTH_TOKEN,
                () -> done(kv("x.1").range(ranging("a").build())));
        refused(
                ContractError.EMPTY_KEY,
                () -> done(kv("").put(put.toBuilder().clearKey().build())));
    }

    @Test
    @Contract(
            value = "AU-2",
            errors = {ContractError.AUTH_FAILED, ContractError.AUTH_NOT_ENABLED})
    void logInsAreChecked() {
        refused(ContractError.AUTH_NOT_ENABLED, () -> done(login("alice", PASSWORD)));
        done(enable());
        assertThat(login("alice", PASSWORD)).matches("[A-Za-z]+\\.\\d+");
        refused(ContractError.AUTH_FAILED, () -> done(login("alice", "wrong")));
        refused(ContractError.AUTH_FAILED, () -> done(login("nobody", PASSWORD)));
    }

    @Test
    @Contract("AU-3")
    void tokensEndWithThePasswordTheyWereGivenFor() {
        String root = enable();
        String alice = login("alice", PASSWORD);
        done(auth(root)
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("other")
                        .build()));
        refused(
                ContractError.INVALID_AUTH_TOKEN,
                () -> done(kv(alice).put(putting("a", "1").build())));
        done(kv(login("alice", "other")).put(putting("a", "1").build()));
    }

    @Test
    @Contract(
            value = "AU-5",
            errors = {ContractError.ROOT_USER_NOT_EXIST, ContractError.ROOT_ROLE_NOT_GRANTED})
    void enablingTakesRoot() {
        AuthEnableRequest enable = AuthEnableRequest.getDefaultInstance();
        refused(ContractError.ROOT_USER_NOT_EXIST, () -> done(auth("").authEnable(enable)));
        addUser("", "root");
        refused(ContractError.ROOT_ROLE_NOT_GRANTED, () -> done(auth("").authEnable(enable)));
        addRole("", "root");
        grantRole("", "root", "root");
        done(auth("").authEnable(enable));
        isOn = true;
        String root = login("root", PASSWORD);
        done(auth(root).authEnable(enable));
        done(auth(root).authDisable(AuthDisableRequest.getDefaultInstance()));
        isOn = false;
        done(auth("").authDisable(AuthDisableRequest.getDefaultInstance()));
    }

    @Test
    @Contract(value = "AU-6", errors = ContractError.INVALID_AUTH_MANAGEMENT)
    void rootStaysWhileItIsOn() {
        String root = enable();
        refused(
                ContractError.INVALID_AUTH_MANAGEMENT,
                () -> done(auth(root)
                        .userDelete(AuthUserDeleteRequest.newBuilder()
                                .setName("root")
                                .build())));
        refused(
                ContractError.INVALID_AUTH_MANAGEMENT,
                () -> done(auth(root)
                        .roleDelete(AuthRoleDeleteRequest.newBuilder()
                                .setRole("root")
                                .build())));
        refused(
                ContractError.INVALID_AUTH_MANAGEMENT,
                () -> done(auth(root)
                        .userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                                .setName("root")
                                .setRole("root")
                                .build())));
        done(kv(root).put(putting("z", "1").build()));
        List<Permission> ofRoot = auth(root)
                .roleGet(AuthRoleGetRequest.newBuilder().setRole("root").build())
                .getPermList();
        Permission all = Permission.newBuilder()
                .setPermType(Permission.Type.READWRITE)
                .setRangeEnd(NO_END)
                .build();
        assertThat(ofRoot).isEqualTo(differing(KnownDifference.ROLE_ROOT_IS_TOLD, List.of(), List.of(all)));
    }

    @Test
    @Contract(
            value = "AU-7",
            errors = {
                ContractError.USER_EXISTS,
                ContractError.USER_NOT_FOUND,
                ContractError.ROLE_NOT_FOUND,
                ContractError.ROLE_NOT_GRANTED,
                ContractError.ROLE_EXISTS,
                ContractError.ROLE_EMPTY
            })
    void usersAndRolesHaveTheirRules() {
        addUser("", "bob");
        refused(ContractError.USER_EXISTS, () -> addUser("", "bob"));
        refused(ContractError.USER_EMPTY, () -> addUser("", ""));
        refused(
                ContractError.USER_NOT_FOUND,
                () -> done(auth("").userDelete(AuthUserDeleteRequest.newBuilder()
                        .setName("eve")
                        .build())));
        refused(
                ContractError.USER_NOT_FOUND,
                () -> done(auth("").userGet(
                                AuthUserGetRequest.newBuilder().setName("eve").build())));
        refused(ContractError.USER_NOT_FOUND, () -> grantRole("", "eve", "r"));
        refused(ContractError.ROLE_NOT_FOUND, () -> grantRole("", "bob", "r"));
        addRole("", "r");
        refused(ContractError.ROLE_EXISTS, () -> addRole("", "r"));
        refused(ContractError.ROLE_EMPTY, () -> addRole("", ""));
        grantRole("", "bob", "r");
        grantRole("", "bob", "r");
        assertThat(auth("").userGet(
                                AuthUserGetRequest.newBuilder().setName("bob").build())
                        .getRolesList())
                .containsExactly("r");
        done(auth("").roleDelete(AuthRoleDeleteRequest.newBuilder().setRole("r").build()));
        assertThat(auth("").userGet(
                                AuthUserGetRequest.newBuilder().setName("bob").build())
                        .getRolesList())
                .isEmpty();
        refused(
                ContractError.ROLE_NOT_GRANTED,
                () -> done(auth("").userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                        .setName("bob")
                        .setRole("r")
                        .build())));
    }

    @Test
    @Contract(
            value = "AU-8",
            errors = {ContractError.PERMISSION_NOT_GRANTED, ContractError.PERMISSION_NOT_GIVEN})
    void permissionsAreGrantedAndRevokedAsTheyAre() {
        addRole("", "r");
        grant("", "r", Permission.Type.READ, key("b"), ByteString.EMPTY);
        grant("", "r", Permission.Type.READ, key("a"), key("b"));
        grant("", "r", Permission.Type.WRITE, key("b"), ByteString.EMPTY);
        assertThat(auth("").roleGet(AuthRoleGetRequest.newBuilder().setRole("r").build())
                        .getPermList())
                .extracting(Permission::getPermType)
                .containsExactly(Permission.Type.READ, Permission.Type.WRITE);
        refused(
                ContractError.PERMISSION_NOT_GRANTED,
                () -> done(auth("").roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole("r")
                        .setKey(key("a"))
                        .build())));
        done(auth("").roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                .setRole("r")
                .setKey(key("a"))
                .setRangeEnd(key("b"))
                .build()));
        if (!isOracle()) {
            // The process of 3.4.23 dies of a grant without a permission, and takes what is no range.
            assertThat(KnownDifference.BAD_PERMISSION.reason()).isNotEmpty();
            refused(
                    ContractError.PERMISSION_NOT_GIVEN,
                    () -> done(auth("").roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                            .setName("r")
                            .build())));
            refused(
                    ContractError.INVALID_AUTH_MANAGEMENT,
                    () -> grant("", "r", Permission.Type.READ, key("b"), key("a")));
        }
    }

    @Test
    @Contract(
            value = {"AU-9", "CP-4"},
            errors = ContractError.PERMISSION_DENIED)
    void administrationIsForRoot() {
        done(enable());
        String alice = login("alice", PASSWORD);
        MaintenanceGrpc.MaintenanceBlockingStub maintenance =
                with(TOKEN, alice, MaintenanceGrpc.newBlockingStub(server().channel()));
        refused(ContractError.PERMISSION_DENIED, () -> addUser(alice, "eve"));
        refused(ContractError.PERMISSION_DENIED, () -> addRole(alice, "z"));
        refused(ContractError.PERMISSION_DENIED, () -> grantRole(alice, "alice", "root"));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(auth(alice).userList(AuthUserListRequest.getDefaultInstance())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(auth(alice)
                        .userGet(AuthUserGetRequest.newBuilder().setName("root").build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(auth(alice)
                        .roleGet(AuthRoleGetRequest.newBuilder().setRole("root").build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(auth(alice).authDisable(AuthDisableRequest.getDefaultInstance())));
        assertThat(auth(alice)
                        .userGet(
                                AuthUserGetRequest.newBuilder().setName("alice").build())
                        .getRolesList())
                .containsExactly("ab");
        assertThat(auth(alice)
                        .roleGet(AuthRoleGetRequest.newBuilder().setRole("ab").build())
                        .getPermCount())
                .isEqualTo(1);
        done(leases(alice).leaseGrant(LeaseGrantRequest.newBuilder().setTTL(600).build()));
        if (!isOracle()) {
            assertThat(KnownDifference.OPEN_TO_ALL.reason()).isNotEmpty();
            refused(
                    ContractError.PERMISSION_DENIED,
                    () -> done(maintenance.defragment(DefragmentRequest.getDefaultInstance())));
            refused(
                    ContractError.PERMISSION_DENIED,
                    () -> done(maintenance.hashKV(HashKVRequest.getDefaultInstance())));
            refused(
                    ContractError.PERMISSION_DENIED,
                    () -> done(kv(alice)
                            .compact(CompactionRequest.newBuilder()
                                    .setRevision(1)
                                    .build())));
            refused(
                    ContractError.USER_EMPTY,
                    () -> done(server().cluster().memberList(MemberListRequest.getDefaultInstance())));
            refused(
                    ContractError.USER_EMPTY,
                    () -> done(server().maintenance().alarm(AlarmRequest.getDefaultInstance())));
            refused(
                    ContractError.USER_EMPTY,
                    () -> done(leases("")
                            .leaseGrant(
                                    LeaseGrantRequest.newBuilder().setTTL(600).build())));
        }
    }

    @Test
    @Contract({"AU-10", "LE-8"})
    void keysAreGuarded() {
        String root = enable();
        String alice = login("alice", PASSWORD);
        done(kv(alice).put(putting("a", "1").setPrevKv(true).build()));
        done(kv(alice).range(ranging("a").setRangeEnd(key("c")).build()));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).put(putting("c", "1").build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).range(ranging("a").setRangeEnd(key("d")).build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).range(ranging("a").setRangeEnd(NO_END).build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice)
                        .deleteRange(deleting("a").setRangeEnd(key("d")).build())));
        TxnRequest ofOthers =
                TxnRequest.newBuilder().addFailure(op(ranging("z"))).build();
        refused(ContractError.PERMISSION_DENIED, () -> done(kv(alice).txn(ofOthers)));
        TxnRequest nested = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestTxn(ofOthers))
                .build();
        if (!isOracle()) {
            assertThat(KnownDifference.NESTED_UNGUARDED.reason()).isNotEmpty();
            refused(ContractError.PERMISSION_DENIED, () -> done(kv(alice).txn(nested)));
        }

        long lease = leases(root)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(600).build())
                .getID();
        done(kv(root).put(putting("z", "1").setLease(lease).build()));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).put(putting("a", "1").setLease(lease).build())));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(leases(alice)
                        .leaseRevoke(
                                LeaseRevokeRequest.newBuilder().setID(lease).build())));
        LeaseTimeToLiveRequest keys =
                LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build();
        if (!isOracle()) {
            refused(ContractError.PERMISSION_DENIED, () -> done(leases(alice).leaseTimeToLive(keys)));
        }
        assertThat(leases(root).leaseTimeToLive(keys).getKeysList()).containsExactly(key("z"));
        done(leases(root)
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build()));
    }

    @Test
    @Contract("AU-11")
    void aChangeOfPermissionsCountsAtOnceForWhoHasLoggedIn() {
        String root = enable();
        String alice = login("alice", PASSWORD);
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).put(putting("x", "1").build())));
        grant(root, "ab", Permission.Type.WRITE, key("x"), ByteString.EMPTY);
        done(kv(alice).put(putting("x", "1").build()));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).range(ranging("x").build())));
        done(auth(root)
                .userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                        .setName("alice")
                        .setRole("ab")
                        .build()));
        refused(
                ContractError.PERMISSION_DENIED,
                () -> done(kv(alice).put(putting("a", "1").build())));
    }

    @Test
    @Contract("WA-12")
    void watchesAreRefusedWithinTheStream() throws Exception {
        done(enable());
        String alice = login("alice", PASSWORD);
        assertThat(watching(alice, key("a"), key("c")).getCanceled()).isFalse();
        WatchResponse denied = watching(alice, key("a"), key("d"));
        assertThat(denied.getCreated() && denied.getCanceled()).isTrue();
        assertThat(denied.getWatchId()).isEqualTo(-1);
        assertThat(denied.getCancelReason())
                .isEqualTo("rpc error: code = PermissionDenied desc = etcdserver: permission denied");
    }

    private WatchResponse watching(String token, ByteString from, ByteString end) throws InterruptedException {
        BlockingQueue<WatchResponse> told = new ArrayBlockingQueue<>(8);
        StreamObserver<WatchRequest> requests = with(TOKEN, token, WatchGrpc.newStub(server().channel()))
                .watch(new StreamObserver<WatchResponse>() {
                    @Override
                    public void onNext(WatchResponse response) {
                        told.add(response);
                    }

                    @Override
                    public void onError(Throwable ended) {}

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder().setKey(from).setRangeEnd(end))
                .build());
        WatchResponse first = Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS), "nothing was told");
        requests.onError(Status.CANCELLED.asRuntimeException());
        return first;
    }
}
