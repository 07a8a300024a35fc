package io.axolotl.client;

import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DefragmentResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseRevokeResponse;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberPromoteResponse;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberRemoveResponse;
import io.axolotl.client.proto.MemberUpdateRequest;
import io.axolotl.client.proto.MemberUpdateResponse;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.OpenSessionResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.SessionsGrpc;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A member that does what the test says, over real gRPC on a loopback port. Keeps every request it gets. What it answers can
 * be changed at any time; by default it answers each call with success and an empty result, and says that it leads.
 */
public final class FakeEtcd implements AutoCloseable {
    /** How to answer a call; may also keep it waiting for ever. */
    public interface Answer<Q, A> extends BiConsumer<Q, StreamObserver<A>> {}

    public final Collection<PutRequest> puts = new ConcurrentLinkedQueue<>();
    public final Collection<RangeRequest> ranges = new ConcurrentLinkedQueue<>();
    public final Collection<DeleteRangeRequest> deletes = new ConcurrentLinkedQueue<>();
    public final Collection<TxnRequest> txns = new ConcurrentLinkedQueue<>();
    public final Collection<CompactionRequest> compactions = new ConcurrentLinkedQueue<>();
    public final Collection<MemberListRequest> memberLists = new ConcurrentLinkedQueue<>();
    public final Collection<MoveLeaderRequest> moves = new ConcurrentLinkedQueue<>();
    public final Collection<WatchRequest> watches = new ConcurrentLinkedQueue<>();

    public volatile Answer<PutRequest, PutResponse> onPut =
            ok(request -> PutResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<RangeRequest, RangeResponse> onRange =
            ok(request -> RangeResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<DeleteRangeRequest, DeleteRangeResponse> onDelete =
            ok(request -> DeleteRangeResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<TxnRequest, TxnResponse> onTxn =
            ok(request -> TxnResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<CompactionRequest, CompactionResponse> onCompact =
            ok(request -> CompactionResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<StatusRequest, StatusResponse> onStatus = ok(request -> status());
    public volatile Answer<MemberListRequest, MemberListResponse> onMembers =
            ok(request -> MemberListResponse.newBuilder().setHeader(header()).build());
    public final Collection<MemberAddRequest> memberAdds = new ConcurrentLinkedQueue<>();
    public final Collection<MemberUpdateRequest> memberUpdates = new ConcurrentLinkedQueue<>();
    public volatile Answer<MemberAddRequest, MemberAddResponse> onMemberAdd =
            ok(request -> MemberAddResponse.getDefaultInstance());
    public volatile Answer<MemberPromoteRequest, MemberPromoteResponse> onMemberPromote =
            ok(request -> MemberPromoteResponse.getDefaultInstance());
    public volatile Answer<MemberUpdateRequest, MemberUpdateResponse> onMemberUpdate =
            ok(request -> MemberUpdateResponse.getDefaultInstance());
    public volatile Answer<MemberRemoveRequest, MemberRemoveResponse> onMemberRemove =
            ok(request -> MemberRemoveResponse.getDefaultInstance());
    public volatile Answer<MoveLeaderRequest, MoveLeaderResponse> onMoveLeader =
            ok(request -> MoveLeaderResponse.getDefaultInstance());

    /** Called for each request of a stream, with the stream's observer. */
    public volatile Answer<WatchRequest, WatchResponse> onWatch = never();

    public final Collection<AlarmRequest> alarms = new ConcurrentLinkedQueue<>();
    public volatile Answer<AlarmRequest, AlarmResponse> onAlarm = ok(request -> AlarmResponse.getDefaultInstance());
    public volatile Answer<HashKVRequest, HashKVResponse> onHashKv =
            ok(request -> HashKVResponse.newBuilder().setHeader(header()).build());
    public volatile Answer<DefragmentRequest, DefragmentResponse> onDefragment =
            ok(request -> DefragmentResponse.getDefaultInstance());

    public volatile Answer<SnapshotRequest, SnapshotResponse> onSnapshot =
            (request, observer) -> observer.onCompleted();

    public final Collection<LeaseRevokeRequest> revokes = new ConcurrentLinkedQueue<>();
    public volatile Answer<LeaseGrantRequest, LeaseGrantResponse> onGrant =
            ok(request -> LeaseGrantResponse.newBuilder()
                    .setHeader(header())
                    .setID(7)
                    .setTTL(request.getTTL())
                    .build());

    public volatile Answer<LeaseRevokeRequest, LeaseRevokeResponse> onRevoke =
            ok(request -> LeaseRevokeResponse.newBuilder().setHeader(header()).build());

    /** By default each lease has its time again. */
    public volatile Answer<LeaseKeepAliveRequest, LeaseKeepAliveResponse> onKeepAlive =
            ok(request -> LeaseKeepAliveResponse.newBuilder()
                    .setHeader(header())
                    .setID(request.getID())
                    .setTTL(60)
                    .build());

    public final Collection<LockRequest> locks = new ConcurrentLinkedQueue<>();
    public volatile Answer<LockRequest, LockResponse> onLock = never();
    public volatile Answer<CampaignRequest, CampaignResponse> onCampaign = never();

    /** The numbers of puts, deletes and transactions, as they came; a call without one leaves none. */
    public final Collection<String> marks = new ConcurrentLinkedQueue<>();

    public final AtomicInteger sessionsAsked = new AtomicInteger();

    /** Connections that were set up, ever. */
    public final AtomicInteger connections = new AtomicInteger();

    /** As etcd, which has no sessions, unless a test gives it some. */
    public volatile Answer<OpenSessionRequest, OpenSessionResponse> onOpenSession =
            fail(Status.Code.UNIMPLEMENTED, "unknown service axolotl.v1.Sessions");

    public volatile long clusterId = 1;
    public final long memberId;
    public volatile long leaderId;
    public volatile long term = 5;
    public volatile long revision = 7;

    private final Server server;

    private FakeEtcd(long memberId, int port) {
        this.memberId = memberId;
        this.leaderId = memberId;
        try {
            this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .directExecutor()
                    .addTransportFilter(new ServerTransportFilter() {
                        @Override
                        public Attributes transportReady(Attributes attributes) {
                            connections.incrementAndGet();
                            return attributes;
                        }
                    })
                    .permitKeepAliveTime(1, TimeUnit.MILLISECONDS)
                    .addService(ServerInterceptors.intercept(new Kv(), new Marks()))
                    .addService(new Sessions())
                    .addService(new Maintenance())
                    .addService(new Cluster())
                    .addService(new Watching())
                    .addService(new Leasing())
                    .addService(new Locks())
                    .addService(new Elections())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static FakeEtcd start(long memberId) {
        return new FakeEtcd(memberId, 0);
    }

    public static FakeEtcd startAt(long memberId, int port) {
        return new FakeEtcd(memberId, port);
    }

    public int port() {
        return server.getPort();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    public ResponseHeader header() {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(memberId)
                .setRevision(revision)
                .setRaftTerm(term)
                .build();
    }

    public StatusResponse status() {
        return StatusResponse.newBuilder()
                .setHeader(header())
                .setVersion("3.6.14")
                .setDbSize(24_576)
                .setDbSizeInUse(20_480)
                .setLeader(leaderId)
                .setRaftTerm(term)
                .setRaftIndex(31)
                .setRaftAppliedIndex(30)
                .build();
    }

    public static <Q, A> Answer<Q, A> ok(Function<Q, A> result) {
        return (request, observer) -> {
            observer.onNext(result.apply(request));
            observer.onCompleted();
        };
    }

    public static <Q, A> Answer<Q, A> fail(Status.Code code, String text) {
        return (request, observer) ->
                observer.onError(Status.fromCode(code).withDescription(text).asRuntimeException());
    }

    /** As {@link #fail}, with what the session knows of the call. */
    public static <Q, A> Answer<Q, A> fail(Status.Code code, String text, String mark) {
        Metadata trailers = new Metadata();
        trailers.put(SessionVerdict.ONCE, mark);
        return (request, observer) ->
                observer.onError(Status.fromCode(code).withDescription(text).asRuntimeException(trailers));
    }

    /** As Axolotl: there are sessions, the first of this number. */
    public void offerSessions(long firstId, int slots) {
        AtomicLong next = new AtomicLong(firstId);
        onOpenSession = ok(request -> OpenSessionResponse.newBuilder()
                .setHeader(header())
                .setId(next.getAndIncrement())
                .setSlots(slots)
                .build());
    }

    public static <Q, A> Answer<Q, A> never() {
        return (request, observer) -> {};
    }

    /** Answers with the first the first time, and so on; the last answers all that follow. */
    @SafeVarargs
    public static <Q, A> Answer<Q, A> inTurn(Answer<Q, A>... answers) {
        AtomicInteger turn = new AtomicInteger();
        return (request, observer) ->
                answers[Math.min(turn.getAndIncrement(), answers.length - 1)].accept(request, observer);
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            if (!server.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the fake server does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Marks implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String mark = headers.get(SessionVerdict.ONCE);
            if (mark != null) {
                marks.add(mark);
            }
            return next.startCall(call, headers);
        }
    }

    private final class Sessions extends SessionsGrpc.SessionsImplBase {
        @Override
        public void open(OpenSessionRequest request, StreamObserver<OpenSessionResponse> observer) {
            sessionsAsked.incrementAndGet();
            onOpenSession.accept(request, observer);
        }
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            puts.add(request);
            onPut.accept(request, observer);
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            ranges.add(request);
            onRange.accept(request, observer);
        }

        @Override
        public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
            deletes.add(request);
            onDelete.accept(request, observer);
        }

        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
            txns.add(request);
            onTxn.accept(request, observer);
        }

        @Override
        public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
            compactions.add(request);
            onCompact.accept(request, observer);
        }
    }

    private final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
            onStatus.accept(request, observer);
        }

        @Override
        public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
            alarms.add(request);
            onAlarm.accept(request, observer);
        }

        @Override
        public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
            onHashKv.accept(request, observer);
        }

        @Override
        public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
            onSnapshot.accept(request, observer);
        }

        @Override
        public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
            onDefragment.accept(request, observer);
        }

        @Override
        public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
            moves.add(request);
            onMoveLeader.accept(request, observer);
        }
    }

    private final class Leasing extends LeaseGrpc.LeaseImplBase {
        @Override
        public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
            onGrant.accept(request, observer);
        }

        @Override
        public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
            revokes.add(request);
            onRevoke.accept(request, observer);
        }

        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
            return new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveRequest request) {
                    onKeepAlive.accept(request, observer);
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private final class Locks extends LockGrpc.LockImplBase {
        @Override
        public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
            locks.add(request);
            onLock.accept(request, observer);
        }
    }

    private final class Elections extends ElectionGrpc.ElectionImplBase {
        @Override
        public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
            onCampaign.accept(request, observer);
        }
    }

    private final class Watching extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watches.add(request);
                    onWatch.accept(request, observer);
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private final class Cluster extends ClusterGrpc.ClusterImplBase {
        @Override
        public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
            memberLists.add(request);
            onMembers.accept(request, observer);
        }

        @Override
        public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> observer) {
            memberAdds.add(request);
            onMemberAdd.accept(request, observer);
        }

        @Override
        public void memberPromote(MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> observer) {
            onMemberPromote.accept(request, observer);
        }

        @Override
        public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> observer) {
            memberUpdates.add(request);
            onMemberUpdate.accept(request, observer);
        }

        @Override
        public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> observer) {
            onMemberRemove.accept(request, observer);
        }
    }
}
