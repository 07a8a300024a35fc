package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.Gauge;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthStatusRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DowngradeRequest;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashRequest;
import io.axolotl.client.proto.LeaderRequest;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberUpdateRequest;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.UnlockRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Access control at the edge (contract B.11): who is let through, by every service. */
class AccessAtTheEdgeTest extends UnderAccessControl {
    @Test
    @DisplayName("AU-10 ranges are guarded as a whole, in transactions, streams and serializable reads too")
    void readsAreGuarded() {
        run(as(alice, edge.kv).range(range("a", "c").build()));
        run(as(alice, edge.kv).range(range("a", "c").setSerializable(true).build()));
        TxnRequest reads = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(range("a", "c")))
                .addFailure(RequestOp.newBuilder().setRequestRange(range("x")))
                .build();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> run(as(alice, edge.kv).range(range("a", "d").build())),
                () -> run(as(alice, edge.kv)
                        .range(range("a", "d").setSerializable(true).build())),
                () -> run(as(alice, edge.kv)
                        .range(range("x").setSerializable(true).build())),
                () -> run(as(alice, edge.kv).range(range("a").setRangeEnd(OPEN).build())),
                () -> run(
                        as(alice, edge.kv).rangeStream(range("a", "d").build()).next()),
                () -> run(as(alice, edge.kv).txn(reads)),
                () -> run(as(alice, edge.kv)
                        .deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(bytes("a"))
                                .setRangeEnd(bytes("d"))
                                .build())))) {
            assertRefused(EtcdError.PERMISSION_DENIED, call);
        }
        assertRefused(
                EtcdError.USER_EMPTY,
                () -> run(edge.kv.rangeStream(range("a").build()).next()));
        run(as(alice, edge.kv).rangeStream(range("a", "c").build()).next());
    }

    /** What is for operators, each as a call of somebody. */
    private Map<String, ThrowingCallable> callsOfOperators(String token) {
        boolean isNobody = token.isEmpty();
        var maintenance = isNobody ? edge.maintenance : as(token, edge.maintenance);
        var cluster = isNobody ? edge.cluster : as(token, edge.cluster);
        var auth = isNobody ? edge.auth : as(token, edge.auth);
        var kv = isNobody ? edge.kv : as(token, edge.kv);
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put(
                "compact",
                () -> run(
                        kv.compact(CompactionRequest.newBuilder().setRevision(1).build())));
        calls.put("defragment", () -> run(maintenance.defragment(DefragmentRequest.getDefaultInstance())));
        calls.put("hash", () -> run(maintenance.hash(HashRequest.getDefaultInstance())));
        calls.put("hashKV", () -> run(maintenance.hashKV(HashKVRequest.getDefaultInstance())));
        calls.put(
                "snapshot",
                () -> run(maintenance
                        .snapshot(SnapshotRequest.getDefaultInstance())
                        .next()));
        calls.put(
                "moveLeader",
                () -> run(maintenance.moveLeader(
                        MoveLeaderRequest.newBuilder().setTargetID(2).build())));
        calls.put(
                "downgrade",
                () -> run(maintenance.downgrade(
                        DowngradeRequest.newBuilder().setVersion("3.5").build())));
        calls.put(
                "raise",
                () -> run(maintenance.alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                        .setMemberID(1)
                        .setAlarmValue(1)
                        .build())));
        calls.put(
                "disarm",
                () -> run(maintenance.alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                        .setMemberID(1)
                        .setAlarmValue(1)
                        .build())));
        calls.put(
                "disarm nothing",
                () -> run(maintenance.alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                        .build())));
        calls.put(
                "memberAdd",
                () -> run(cluster.memberAdd(
                        MemberAddRequest.newBuilder().addPeerURLs("http://h9:1").build())));
        calls.put(
                "memberRemove",
                () -> run(cluster.memberRemove(
                        MemberRemoveRequest.newBuilder().setID(2).build())));
        calls.put(
                "memberUpdate",
                () -> run(cluster.memberUpdate(MemberUpdateRequest.newBuilder()
                        .setID(2)
                        .addPeerURLs("http://h9:1")
                        .build())));
        calls.put(
                "memberPromote",
                () -> run(cluster.memberPromote(
                        MemberPromoteRequest.newBuilder().setID(3).build())));
        calls.put("authStatus", () -> run(auth.authStatus(AuthStatusRequest.getDefaultInstance())));
        calls.put("authEnable", () -> run(auth.authEnable(AuthEnableRequest.getDefaultInstance())));
        calls.put("authDisable", () -> run(auth.authDisable(AuthDisableRequest.getDefaultInstance())));
        calls.put(
                "userAdd",
                () -> run(auth.userAdd(
                        AuthUserAddRequest.newBuilder().setName("eve").build())));
        calls.put("userList", () -> run(auth.userList(AuthUserListRequest.getDefaultInstance())));
        calls.put(
                "userGet",
                () -> run(auth.userGet(
                        AuthUserGetRequest.newBuilder().setName("root").build())));
        calls.put(
                "userDelete",
                () -> run(auth.userDelete(
                        AuthUserDeleteRequest.newBuilder().setName("root").build())));
        calls.put(
                "passwd",
                () -> run(auth.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("x")
                        .build())));
        calls.put("roleList", () -> run(auth.roleList(AuthRoleListRequest.getDefaultInstance())));
        calls.put(
                "roleGet",
                () -> run(auth.roleGet(
                        AuthRoleGetRequest.newBuilder().setRole("other").build())));
        calls.put(
                "roleAdd",
                () -> run(auth.roleAdd(
                        AuthRoleAddRequest.newBuilder().setName("z").build())));
        return calls;
    }

    @Test
    @DisplayName("AU-9, CVE-2026-33413 what is for operators is for nobody else, and what is for users not for nobody")
    void everyServiceAsksWhoCalls() {
        callsOfOperators("").forEach((name, call) -> assertRefused(EtcdError.USER_EMPTY, call));
        callsOfOperators(alice).forEach((name, call) -> assertRefused(EtcdError.PERMISSION_DENIED, call));
        callsOfOperators("AAAAAAAAAAAAAAAAAAAAAAAA.1")
                .forEach((name, call) -> assertRefused(EtcdError.INVALID_AUTH_TOKEN, call));
        List<ThrowingCallable> ofNobody = List.of(
                () -> run(edge.maintenance.status(StatusRequest.getDefaultInstance())),
                () -> run(edge.maintenance.alarm(AlarmRequest.getDefaultInstance())),
                () -> run(edge.cluster.memberList(MemberListRequest.getDefaultInstance())),
                () -> run(edge.cluster.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build())),
                () -> run(edge.lease.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(60).build())),
                () -> run(edge.lease.leaseRevoke(
                        LeaseRevokeRequest.newBuilder().setID(1).build())),
                () -> run(edge.lease.leaseTimeToLive(
                        LeaseTimeToLiveRequest.newBuilder().setID(1).build())),
                () -> run(edge.lease.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(1)
                        .setKeys(true)
                        .build())),
                () -> run(edge.lease.leaseLeases(LeaseLeasesRequest.getDefaultInstance())));
        ofNobody.forEach(call -> assertRefused(EtcdError.USER_EMPTY, call));
        run(as(alice, edge.maintenance).status(StatusRequest.getDefaultInstance()));
        run(as(alice, edge.maintenance).alarm(AlarmRequest.getDefaultInstance()));
        run(as(alice, edge.cluster).memberList(MemberListRequest.getDefaultInstance()));
        assertThat(as(alice, edge.auth)
                        .userGet(
                                AuthUserGetRequest.newBuilder().setName("alice").build())
                        .getRolesList())
                .containsExactly("ab");
        assertThat(as(alice, edge.auth)
                        .roleGet(AuthRoleGetRequest.newBuilder().setRole("ab").build())
                        .getPermCount())
                .isEqualTo(1);
        assertThat(as(root, edge.auth)
                        .authStatus(AuthStatusRequest.getDefaultInstance())
                        .getEnabled())
                .isTrue();
    }

    @Test
    @DisplayName("AU-10, CVE-2026-33413 leases belong to who may write, or read, all their keys")
    void leasesAreGuarded() throws Exception {
        run(as(root, edge.lease)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).setID(7).build()));
        run(as(root, edge.kv).put(put("x", "1").toBuilder().setLease(7).build()));
        run(as(alice, edge.lease)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).setID(8).build()));
        run(as(alice, edge.kv).put(put("a", "1").toBuilder().setLease(8).build()));

        LeaseTimeToLiveRequest keys =
                LeaseTimeToLiveRequest.newBuilder().setID(7).setKeys(true).build();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> run(as(alice, edge.lease).leaseTimeToLive(keys)),
                () -> run(as(alice, edge.lease).leaseLeases(LeaseLeasesRequest.getDefaultInstance())),
                () -> run(as(alice, edge.lease)
                        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(7).build())),
                () -> run(as(alice, edge.kv)
                        .put(put("a", "2").toBuilder().setLease(7).build())))) {
            assertRefused(EtcdError.PERMISSION_DENIED, call);
        }
        assertThat(renewal(alice, 7)).isEqualTo(EtcdError.PERMISSION_DENIED.text());
        assertThat(renewal("", 7)).isEqualTo(EtcdError.USER_EMPTY.text());
        assertThat(renewal(alice, 8)).isEqualTo("TTL 60");

        assertThat(as(alice, edge.lease)
                        .leaseTimeToLive(keys.toBuilder().setID(8).build())
                        .getKeysList())
                .containsExactly(bytes("a"));
        assertThat(as(alice, edge.lease)
                        .leaseTimeToLive(keys.toBuilder().setKeys(false).build())
                        .getGrantedTTL())
                .isEqualTo(60);
        assertThat(as(root, edge.lease)
                        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                        .getLeasesCount())
                .isEqualTo(2);
        run(as(alice, edge.lease)
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(8).build()));
    }

    private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
        return Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS), "nothing was told");
    }

    /** What a keepalive is answered. */
    private String renewal(String token, long lease) throws InterruptedException {
        return next(renew(token, lease));
    }

    private BlockingQueue<String> renew(String token, long lease) {
        BlockingQueue<String> told = new ArrayBlockingQueue<>(4);
        LeaseGrpc.LeaseStub stub = LeaseGrpc.newStub(edge.channel);
        StreamObserver<LeaseKeepAliveRequest> requests = (token.isEmpty() ? stub : as(token, stub))
                .leaseKeepAlive(new Listener<LeaseKeepAliveResponse>(
                        response -> told.add("TTL " + response.getTTL()),
                        failure -> told.add(
                                String.valueOf(Status.fromThrowable(failure).getDescription()))));
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
        requests.onCompleted();
        return told;
    }

    /** What comes on a stream. */
    private record Listener<T>(Consumer<T> answers, Consumer<Throwable> failure) implements StreamObserver<T> {
        @Override
        public void onNext(T answer) {
            answers.accept(answer);
        }

        @Override
        public void onError(Throwable cause) {
            failure.accept(cause);
        }

        @Override
        public void onCompleted() {}
    }

    /** The requests of a stream with one watch, whose answers go to {@code told}. */
    private StreamObserver<WatchRequest> watch(
            String token, String key, ByteString end, BlockingQueue<WatchResponse> told) {
        StreamObserver<WatchRequest> requests = (token.isEmpty() ? edge.watch : as(token, edge.watch))
                .watch(new Listener<WatchResponse>(told::add, failure -> {}));
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(
                        WatchCreateRequest.newBuilder().setKey(bytes(key)).setRangeEnd(end))
                .build());
        return requests;
    }

    private WatchResponse firstOf(String token, String key, ByteString end) throws InterruptedException {
        BlockingQueue<WatchResponse> told = new ArrayBlockingQueue<>(4);
        StreamObserver<WatchRequest> requests = watch(token, key, end, told);
        WatchResponse first = next(told);
        requests.onError(Status.CANCELLED.asRuntimeException());
        return first;
    }

    @Test
    @DisplayName("WA-12 a watch needs READ on its whole range, and is refused within the stream in Go's words")
    void watchesAreGuarded() throws Exception {
        assertThat(firstOf(alice, "a", bytes("c")).getCanceled()).isFalse();
        WatchResponse denied = firstOf(alice, "a", bytes("d"));
        assertThat(denied.getCreated() && denied.getCanceled()).isTrue();
        assertThat(denied.getWatchId()).isEqualTo(-1);
        assertThat(denied.getCancelReason())
                .isEqualTo("rpc error: code = PermissionDenied desc = etcdserver: permission denied");
        assertThat(firstOf("", "a", ByteString.EMPTY).getCancelReason())
                .isEqualTo("rpc error: code = InvalidArgument desc = etcdserver: user name is empty");
        assertThat(firstOf("AAAAAAAAAAAAAAAAAAAAAAAA.1", "a", ByteString.EMPTY).getCancelReason())
                .isEqualTo("rpc error: code = Unauthenticated desc = etcdserver: invalid auth token");
    }

    @Test
    @DisplayName("A20 a watch ends when its user may not read its keys any more, and not when its token has run out")
    void watchesEndWithTheRightToWatch() throws Exception {
        BlockingQueue<WatchResponse> told = new ArrayBlockingQueue<>(8);
        StreamObserver<WatchRequest> requests = watch(alice, "a", bytes("c"), told);
        assertThat(next(told).getCreated()).isTrue();
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
        root = login("root", "secret");
        addRole("unrelated");
        run(as(root, edge.kv).put(put("b", "seen")));
        assertThat(next(told).getEvents(0).getKv().getValue()).isEqualTo(bytes("seen"));
        run(as(root, edge.auth)
                .roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole("ab")
                        .setKey(bytes("a"))
                        .setRangeEnd(bytes("c"))
                        .build()));
        run(as(root, edge.kv).put(put("b", "secret")));
        WatchResponse end = next(told);
        assertThat(end.getCanceled()).isTrue();
        assertThat(end.getEventsCount()).isZero();
        assertThat(end.getCancelReason())
                .isEqualTo("rpc error: code = PermissionDenied desc = etcdserver: permission denied");
        requests.onCompleted();
    }

    @Test
    @DisplayName("GHSA-xg4h-6gfc-h4m8 who may read one key cannot watch all from it on")
    void oneKeyIsNotAllFromItOn() throws Exception {
        addRole("one");
        grant("one", Permission.Type.READ, "k", "");
        addUser("bob", "builder");
        grantRole("bob", "one");
        String bob = login("bob", "builder");
        assertThat(firstOf(bob, "k", ByteString.EMPTY).getCanceled()).isFalse();
        assertThat(firstOf(bob, "k", OPEN).getCanceled()).isTrue();
        assertThat(firstOf(bob, "k", bytes("l")).getCanceled()).isTrue();
        assertRefused(
                EtcdError.PERMISSION_DENIED,
                () -> run(as(bob, edge.kv).range(range("k").setRangeEnd(OPEN).build())));
    }

    @Test
    @DisplayName("AU-10 locks and elections are made of steps of their caller, and refused in plain words")
    void locksAndElectionsAreGuarded() {
        LockGrpc.LockBlockingStub lock = LockGrpc.newBlockingStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        ElectionGrpc.ElectionBlockingStub election =
                ElectionGrpc.newBlockingStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        ByteString held = as(alice, lock)
                .lock(LockRequest.newBuilder().setName(bytes("a")).build())
                .getKey();
        run(as(alice, lock).unlock(UnlockRequest.newBuilder().setKey(held).build()));
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> run(as(alice, lock)
                        .lock(LockRequest.newBuilder().setName(bytes("x")).build())),
                () -> run(as(alice, lock)
                        .unlock(UnlockRequest.newBuilder().setKey(bytes("x")).build())),
                () -> run(as(alice, election)
                        .leader(LeaderRequest.newBuilder().setName(bytes("x")).build())),
                () -> run(as(alice, election)
                        .observe(LeaderRequest.newBuilder().setName(bytes("x")).build())
                        .next()))) {
            assertRefused(Status.Code.UNKNOWN, EtcdError.PERMISSION_DENIED.text(), call);
        }
        assertRefused(
                Status.Code.UNKNOWN,
                EtcdError.USER_EMPTY.text(),
                () -> run(lock.lock(LockRequest.newBuilder().setName(bytes("a")).build())));
    }

    @Test
    @DisplayName(
            "A16 what a renewal has to look up is not looked up on the network's thread, where a slow disk would stop all others")
    void renewalsAreLookedUpOnTheThreadsForReads() throws Exception {
        run(as(alice, edge.lease)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).setID(8).build()));
        CountDownLatch kept = new CountDownLatch(1);
        CountDownLatch areKept = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            assertThat(edge.reads.offerPoint(() -> {
                        areKept.countDown();
                        Uninterruptibles.awaitUninterruptibly(kept);
                    }))
                    .isTrue();
        }
        areKept.await();
        BlockingQueue<String> told = renew(alice, 8);
        run(as(alice, edge.kv).put(put("a", "others go on")));
        run(as(alice, edge.kv).put(put("a", "and on")));
        assertThat(told).as("no thread for reads is free").isEmpty();
        kept.countDown();
        assertThat(next(told)).isEqualTo("TTL 60");
    }

    @Test
    @DisplayName("LK-3 whoever waits with a token that has ended meanwhile loses its place and keeps nobody waiting")
    void aWaiterWhoseTokenEndedIsNotInTheWay() throws Exception {
        LockGrpc.LockFutureStub lock = LockGrpc.newFutureStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        LockRequest request = LockRequest.newBuilder().setName(bytes("a")).build();
        ByteString held = as(alice, lock).lock(request).get().getKey();
        ListenableFuture<LockResponse> second = as(alice, lock).lock(request);
        awaitContenders(2);
        edge.tokensLateNanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
        root = login("root", "secret");
        ListenableFuture<LockResponse> third =
                as(login("alice", "wonder"), lock).lock(request);
        awaitContenders(3);

        run(as(root, lock)
                .unlock(UnlockRequest.newBuilder().setKey(held).build())
                .get());
        assertThatThrownBy(second::get).hasMessageContaining(EtcdError.INVALID_AUTH_TOKEN.text());
        assertThat(third.get(30, TimeUnit.SECONDS).getKey().toStringUtf8()).startsWith("a/");
        awaitContenders(1);
    }

    @Test
    @DisplayName("F.3 the revision of users and roles is a metric")
    void theRevisionOfUsersAndRolesIsAMetric() {
        long before = authRevision();
        addRole("more");
        assertThat(authRevision())
                .isEqualTo(before + 1)
                .isEqualTo(as(root, edge.auth)
                        .authStatus(AuthStatusRequest.getDefaultInstance())
                        .getAuthRevision());
    }

    private long authRevision() {
        Gauge<?> revision = Objects.requireNonNull(edge.registry.getGauges().get("etcd_debugging_auth_revision"));
        return (Long) revision.getValue();
    }

    private void awaitContenders(int count) {
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> as(root, edge.kv).range(range("a/", "a0").build()).getKvsCount() == count);
    }
}
