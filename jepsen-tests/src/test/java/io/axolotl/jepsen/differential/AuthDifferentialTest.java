package io.axolotl.jepsen.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
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
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthUserRevokeRoleRequest;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.jepsen.process.Target;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random users, roles, permissions and calls: etcd and Axolotl let the same ones through. Left out is what Debian's etcd 3.4.23
 * is known to let through wrongly: nested transactions, prev_kv and leases of puts in transactions (CVE-2026-33343,
 * CVE-2026-44283), and calls of nobody (CVE-2026-33413).
 */
@ExtendWith(BothServers.class)
@Timeout(180)
final class AuthDifferentialTest {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final List<Target> BOTH = List.of(Target.ETCD, Target.AXOLOTL);
    private static final List<String> USERS = List.of("ad/u0", "ad/u1", "ad/u2");
    private static final List<String> ROLES = List.of("ad/r0", "ad/r1", "ad/r2");
    private static final List<String> KEYS = List.of("a", "b", "c", "d", "bb");
    private static final int CALLS = 900;

    private final Map<Target, Map<String, String>> tokens = new EnumMap<>(Target.class);

    /** One call, and as whom it is made; nobody if {@code user} is empty. */
    private record Call(String what, String user, Function<Api, Object> made) {}

    /** The stubs of one server for one user. */
    private record Api(KVGrpc.KVBlockingStub kv, AuthGrpc.AuthBlockingStub auth) {}

    private static <S extends AbstractStub<S>> S as(String token, S stub) {
        S bounded = stub.withDeadlineAfter(30, TimeUnit.SECONDS);
        if (token.isEmpty()) {
            return bounded;
        }
        Metadata headers = new Metadata();
        headers.put(TOKEN, token);
        return bounded.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static String answer(Api api, Function<Api, Object> call) {
        try {
            return String.valueOf(call.apply(api));
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + " " + e.getStatus().getDescription();
        }
    }

    private Api api(TwoServers servers, Target target, String user) {
        var channel = servers.endpoint(target).channel();
        Map<String, String> known = Objects.requireNonNull(tokens.get(target));
        String token = user.isEmpty()
                ? ""
                : known.computeIfAbsent(
                        user,
                        name -> as("", AuthGrpc.newBlockingStub(channel))
                                .authenticate(AuthenticateRequest.newBuilder()
                                        .setName(name)
                                        .setPassword("p")
                                        .build())
                                .getToken());
        return new Api(as(token, KVGrpc.newBlockingStub(channel)), as(token, AuthGrpc.newBlockingStub(channel)));
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static <T> T oneOf(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static ByteString key(Random random) {
        return bytes("ad/" + oneOf(random, KEYS));
    }

    private static ByteString end(Random random) {
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> ByteString.EMPTY;
            case 3 -> ByteString.copyFrom(new byte[1]);
            default -> key(random);
        };
    }

    /** One that is behind the key: of a range without keys 3.4.23 judges by what happens to lie around it. */
    private static ByteString endOf(ByteString key, Random random) {
        ByteString end = end(random);
        boolean isRising = end.size() <= 1
                || ByteString.unsignedLexicographicalComparator().compare(key, end) < 0;
        return isRising ? end : ByteString.EMPTY;
    }

    private static Call data(Random random) {
        String user = random.nextInt(12) == 0 ? "root" : oneOf(random, USERS);
        ByteString key = key(random);
        ByteString end = endOf(key, random);
        boolean previous = random.nextInt(3) == 0;
        RangeRequest range = RangeRequest.newBuilder()
                .setKey(key)
                .setRangeEnd(end)
                .setCountOnly(true)
                .setSerializable(random.nextBoolean())
                .build();
        PutRequest put = PutRequest.newBuilder().setKey(key).setPrevKv(previous).build();
        DeleteRangeRequest delete = DeleteRangeRequest.newBuilder()
                .setKey(key)
                .setRangeEnd(end)
                .setPrevKv(previous)
                .build();
        PutRequest plain = PutRequest.newBuilder().setKey(key(random)).build();
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setRangeEnd(random.nextInt(3) == 0 ? end : ByteString.EMPTY)
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setResult(Compare.CompareResult.GREATER))
                .addSuccess(RequestOp.newBuilder().setRequestRange(range))
                .addFailure(RequestOp.newBuilder().setRequestPut(plain))
                .build();
        return switch (random.nextInt(4)) {
            case 0 ->
                new Call(range.toString(), user, api -> "" + api.kv.range(range).getCount());
            case 1 -> new Call(put.toString(), user, api -> "" + api.kv.put(put).hasPrevKv());
            case 2 ->
                new Call(
                        delete.toString(),
                        user,
                        api -> "" + api.kv.deleteRange(delete).getDeleted());
            default ->
                new Call(txn.toString(), user, api -> "" + api.kv.txn(txn).getSucceeded());
        };
    }

    /** A change of who may do what, or a question about it. */
    private static Call administration(Random random) {
        String user = random.nextInt(5) == 0 ? oneOf(random, USERS) : "root";
        String role = oneOf(random, ROLES);
        String other = oneOf(random, USERS);
        ByteString key = key(random);
        ByteString end = end(random);
        Permission.Type type =
                oneOf(random, List.of(Permission.Type.READ, Permission.Type.WRITE, Permission.Type.READWRITE));
        boolean isRising = end.isEmpty()
                || end.size() == 1
                || ByteString.unsignedLexicographicalComparator().compare(key, end) < 0;
        return switch (random.nextInt(11)) {
            case 0, 1, 2, 3 ->
                new Call("grant " + role + " " + type + " " + key + " " + end, user, api -> {
                    if (!isRising) {
                        // 3.4.23 takes what is no range.
                        return "";
                    }
                    var unused = api.auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                            .setName(role)
                            .setPerm(Permission.newBuilder()
                                    .setPermType(type)
                                    .setKey(key)
                                    .setRangeEnd(end))
                            .build());
                    return "granted";
                });
            case 4 ->
                new Call("revoke " + role + " " + key + " " + end, user, api -> {
                    var unused = api.auth.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                            .setRole(role)
                            .setKey(key)
                            .setRangeEnd(end)
                            .build());
                    return "revoked";
                });
            case 5, 6 ->
                new Call("role " + role + " to " + other, user, api -> {
                    var unused = api.auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                            .setUser(other)
                            .setRole(role)
                            .build());
                    return "granted";
                });
            case 7 ->
                new Call("role " + role + " from " + other, user, api -> {
                    var unused = api.auth.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                            .setName(other)
                            .setRole(role)
                            .build());
                    return "revoked";
                });
            case 8 ->
                new Call(
                        "get " + other,
                        user,
                        api -> api.auth
                                .userGet(AuthUserGetRequest.newBuilder()
                                        .setName(other)
                                        .build())
                                .getRolesList());
            case 9 ->
                // Those of one key come in no certain order from etcd, and one of them may come twice.
                new Call(
                        "get " + role,
                        user,
                        api ->
                                api
                                        .auth
                                        .roleGet(AuthRoleGetRequest.newBuilder()
                                                .setRole(role)
                                                .build())
                                        .getPermList()
                                        .stream()
                                        .map(Permission::toString)
                                        .distinct()
                                        .sorted()
                                        .toList());
            default ->
                new Call(
                        "lists",
                        user,
                        api -> api.auth
                                        .userList(AuthUserListRequest.getDefaultInstance())
                                        .getUsersList()
                                + " "
                                + api.auth
                                        .roleList(AuthRoleListRequest.getDefaultInstance())
                                        .getRolesList());
        };
    }

    private static void setUp(Api api) {
        List<String> users = new ArrayList<>(USERS);
        users.add("root");
        for (String user : users) {
            var unused = api.auth.userAdd(AuthUserAddRequest.newBuilder()
                    .setName(user)
                    .setPassword("p")
                    .build());
        }
        for (String role : ROLES) {
            var unused = api.auth.roleAdd(
                    AuthRoleAddRequest.newBuilder().setName(role).build());
        }
        var unusedRole =
                api.auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        var unusedGrant = api.auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        var unused = api.auth.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    private void tearDown(TwoServers servers, Target target) {
        Api root = api(servers, target, "root");
        var unused = root.auth.authDisable(AuthDisableRequest.getDefaultInstance());
        Api anybody = api(servers, target, "");
        List<String> users = new ArrayList<>(USERS);
        users.add("root");
        for (String user : users) {
            var unusedGone = anybody.auth.userDelete(
                    AuthUserDeleteRequest.newBuilder().setName(user).build());
        }
        List<String> roles = new ArrayList<>(ROLES);
        roles.add("root");
        for (String role : roles) {
            var unusedGone = anybody.auth.roleDelete(
                    AuthRoleDeleteRequest.newBuilder().setRole(role).build());
        }
    }

    @Test
    @DisplayName("AU-9, AU-10 random callers are let through and refused as by etcd")
    void sameCallersAreLetThrough(TwoServers servers) {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
        Random random = new Random(20_260);
        List<String> differences = new ArrayList<>();
        Map<String, Integer> kinds = new TreeMap<>();
        BOTH.forEach(target -> {
            tokens.put(target, new HashMap<>());
            setUp(api(servers, target, ""));
        });
        try {
            for (int i = 0; i < CALLS && differences.size() < 5; i++) {
                Call call = random.nextInt(6) == 0 ? administration(random) : data(random);
                String theirs = answer(api(servers, Target.ETCD, call.user), call.made);
                String ours = answer(api(servers, Target.AXOLOTL, call.user), call.made);
                kinds.merge(theirs.contains("denied") ? "denied" : "other", 1, Integer::sum);
                if (!ours.equals(theirs)) {
                    differences.add("call " + i + " of " + call.user + ": " + call.what + "\n  etcd:    " + theirs
                            + "\n  axolotl: " + ours);
                }
            }
        } finally {
            BOTH.forEach(target -> tearDown(servers, target));
        }
        assertThat(differences).isEmpty();
        assertThat(kinds.getOrDefault("denied", 0)).isBetween(CALLS / 10, CALLS * 9 / 10);
    }
}
