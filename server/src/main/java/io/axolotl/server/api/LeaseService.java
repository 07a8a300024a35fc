package io.axolotl.server.api;

import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseLeasesResponse;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseRevokeResponse;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LeaseTimeToLiveResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.storage.auth.Access;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.mvcc.ReadMeter;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * etcd's Lease service (contract B.8). Grants and revokes are proposed like any write; renewals and what is left of a lease
 * are asked of the leader, by whichever member has the call.
 *
 * <p>Safe for all threads.
 */
final class LeaseService extends LeaseGrpc.LeaseImplBase {
    /** What a missing lease has left (LE-4). */
    private static final long NO_TTL = -1;

    /** Of memory, in an answer. */
    private static final long LISTED_LEASE_BYTES = 48;

    private final NodeService node;
    private final Gate gate;
    private final ReadPool reads;
    private final StoreReader store;
    private final AnswerBudget answers;
    private final Headers headers;

    LeaseService(NodeService node, ApiLimits limits, Gate gate, ReadPool reads) {
        this.node = node;
        this.gate = gate;
        this.reads = reads;
        this.store = new StoreReader(node::store, node::isTrusted);
        this.answers = new AnswerBudget(limits.maxAnswerBytes(), limits.maxUnsentBytes());
        this.headers = new Headers(node);
    }

    /** LE-1. */
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
        if (request.getTTL() > Lease.MAX_TTL_SECONDS) {
            refuse(observer, EtcdError.LEASE_TTL_TOO_LARGE);
        } else {
            grant(Login.current(), request.getID(), Math.max(request.getTTL(), node.shortestLeaseSeconds()), observer);
        }
    }

    private void grant(Login login, long wantedId, long ttlSeconds, StreamObserver<LeaseGrantResponse> observer) {
        long id = wantedId != 0 ? wantedId : ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
        propose(login, new Command.GrantLease(id, ttlSeconds), observer, result -> {
            if (result instanceof CommandResult.LeaseGranted granted) {
                complete(
                        observer,
                        LeaseGrantResponse.newBuilder()
                                .setHeader(headers.at(granted.revision()))
                                .setID(granted.id())
                                .setTTL(granted.ttlSeconds())
                                .build());
            } else if (refusalOf(result) == Refusal.LEASE_EXISTS && wantedId == 0) {
                // Nobody has asked for this id.
                grant(login, 0, ttlSeconds, observer);
            } else {
                refuse(observer, EtcdError.of(refusalOf(result)));
            }
        });
    }

    /** LE-3. */
    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
        propose(Login.current(), new Command.RevokeLease(request.getID()), observer, result -> {
            if (result instanceof CommandResult.LeaseRevoked revoked) {
                complete(
                        observer,
                        LeaseRevokeResponse.newBuilder()
                                .setHeader(headers.at(revoked.revision()))
                                .build());
            } else {
                refuse(observer, EtcdError.of(refusalOf(result)));
            }
        });
    }

    private static Refusal refusalOf(CommandResult result) {
        if (result instanceof CommandResult.Refused refused) {
            return refused.why();
        }
        throw new AssertionError("a command on a lease came to " + result);
    }

    private void propose(
            Login login, Command.OfLeases command, StreamObserver<?> observer, Consumer<CommandResult> onDone) {
        gate.propose(login, command, outcome -> {
            if (outcome instanceof ProposalResult.Done done) {
                onDone.accept(done.result());
            } else if (outcome instanceof ProposalResult.Refused refused) {
                refuse(observer, EtcdError.of(refused.why()));
            } else if (outcome instanceof ProposalResult.Unknown unknown) {
                refuse(observer, EtcdError.ofUnknown(unknown.why()));
            } else {
                throw new AssertionError("no answer is known for " + outcome);
            }
        });
    }

    /** LE-2, HD-5. The next request is taken in when the one before is answered, so the answers are in order. */
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
        KeepAlive stream = new KeepAlive((ServerCallStreamObserver<LeaseKeepAliveResponse>) observer);
        stream.begin();
        return stream;
    }

    /** One stream of renewals. Requests come on the network's thread, answers on any. */
    private final class KeepAlive implements StreamObserver<LeaseKeepAliveRequest> {
        private final ServerCallStreamObserver<LeaseKeepAliveResponse> call;
        private final Login login = Login.current();

        // Guarded by this, as is all use of the call.
        private boolean isAsking;
        private boolean isClosing;
        private boolean isOver;

        /** Answered, and the next request is not asked for yet: the client has not taken what was sent (fault A5). */
        private boolean isOwed;

        KeepAlive(ServerCallStreamObserver<LeaseKeepAliveResponse> call) {
            this.call = call;
        }

        void begin() {
            call.disableAutoRequest();
            call.setOnCancelHandler(this::cancelled);
            call.setOnReadyHandler(this::requestOwed);
            call.request(1);
        }

        private synchronized void requestOwed() {
            if (isOwed && !isOver && call.isReady()) {
                isOwed = false;
                call.request(1);
            }
        }

        private synchronized void cancelled() {
            isOver = true;
        }

        /**
         * Whose keys hang on the lease has to be looked up once access control is on: not on the network's thread, which a slow disk
         * must not stop.
         */
        @Override
        public void onNext(LeaseKeepAliveRequest request) {
            synchronized (this) {
                isAsking = true;
            }
            if (!node.store().auth().isEnabled()) {
                renew(request);
            } else if (!reads.offerPoint(() -> renew(request))) {
                fail(EtcdError.TOO_MANY_REQUESTS);
            }
        }

        private void renew(LeaseKeepAliveRequest request) {
            ResponseHeader header;
            try {
                header = headers.at(gate.read(
                        login,
                        store,
                        (access, state) -> access.writeAttached(request.getID(), state::isAnyAttached),
                        KvStateMachine::revision));
            } catch (RequestRefused refused) {
                fail(refused.error());
                return;
            }
            node.askLease(new LeaseQuestion(request.getID(), true), (failure, answer) -> {
                if (failure != null) {
                    fail(EtcdError.of(failure));
                } else {
                    answer(LeaseKeepAliveResponse.newBuilder()
                            .setHeader(header)
                            .setID(request.getID())
                            .setTTL(answer instanceof LeaseAnswer.Alive alive ? alive.ttlSeconds() : 0)
                            .build());
                }
            });
        }

        private synchronized void answer(LeaseKeepAliveResponse response) {
            isAsking = false;
            if (isOver) {
                return;
            }
            call.onNext(response);
            if (isClosing) {
                isOver = true;
                call.onCompleted();
            } else {
                isOwed = true;
                requestOwed();
            }
        }

        private synchronized void fail(EtcdError error) {
            isAsking = false;
            if (!isOver) {
                isOver = true;
                call.onError(error.exception());
            }
        }

        @Override
        public void onError(Throwable cancelled) {
            cancelled();
        }

        @Override
        public synchronized void onCompleted() {
            isClosing = true;
            if (!isAsking && !isOver) {
                isOver = true;
                call.onCompleted();
            }
        }
    }

    /** LE-4. The keys first: a lease that is alive after they were read was alive when they were. */
    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
        Login login = Login.current();
        if (!request.getKeys()) {
            try {
                gate.require(login, store, (access, state) -> access.asUser());
            } catch (RequestRefused refused) {
                refuse(observer, refused.error());
                return;
            }
            answerTimeToLive(request.getID(), List.of(), observer);
            return;
        }
        AnswerBudget.Answer held = answers.begin((ServerCallStreamObserver<?>) observer, () -> {});
        Runnable wanted = Waiter.stillWanted(observer, () -> readKeys(login, request.getID(), held, observer));
        node.readBarrier(failure -> {
            if (failure != null) {
                refuse(observer, EtcdError.of(failure));
            } else if (!reads.offer(wanted)) {
                refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            }
        });
    }

    private void readKeys(
            Login login, long id, AnswerBudget.Answer held, StreamObserver<LeaseTimeToLiveResponse> observer) {
        try {
            Gate.Rule all = (access, state) -> access.readAttached(id, state::isAnyAttached);
            List<byte[]> keys = gate.read(login, store, all, s -> {
                held.restart();
                return s.attachedKeys(id, held);
            });
            answerTimeToLive(id, keys, observer);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
        }
    }

    private void answerTimeToLive(long id, List<byte[]> keys, StreamObserver<LeaseTimeToLiveResponse> observer) {
        node.askLease(new LeaseQuestion(id, false), (failure, answer) -> {
            if (failure != null) {
                refuse(observer, EtcdError.of(failure));
                return;
            }
            try {
                LeaseTimeToLiveResponse.Builder response = LeaseTimeToLiveResponse.newBuilder()
                        .setHeader(headers.at(store.read(KvStateMachine::revision)))
                        .setID(id);
                if (answer instanceof LeaseAnswer.Alive alive) {
                    response.setTTL(alive.remainingSeconds()).setGrantedTTL(alive.ttlSeconds());
                    keys.forEach(key -> response.addKeys(ByteArrays.wrap(key)));
                } else {
                    response.setTTL(NO_TTL);
                }
                complete(observer, response.build());
            } catch (RequestRefused refused) {
                refuse(observer, refused.error());
            }
        });
    }

    /** LE-5: what this member knows. Of many leases it takes long to see whether a user may know them all. */
    @Override
    public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
        Login login = Login.current();
        AnswerBudget.Answer held = answers.begin((ServerCallStreamObserver<?>) observer, () -> {});
        if (!reads.offer(Waiter.stillWanted(observer, () -> list(login, held, observer)))) {
            refuse(observer, EtcdError.TOO_MANY_REQUESTS);
        }
    }

    private void list(Login login, AnswerBudget.Answer held, StreamObserver<LeaseLeasesResponse> observer) {
        try {
            Gate.Rule all = (access, state) -> mayList(access, state, held);
            LeaseLeasesResponse response = gate.read(login, store, all, s -> {
                held.restart();
                LeaseLeasesResponse.Builder listed =
                        LeaseLeasesResponse.newBuilder().setHeader(headers.at(s.revision()));
                s.leases().all().stream().mapToLong(Lease::id).sorted().forEach(id -> {
                    held.holds(LISTED_LEASE_BYTES);
                    listed.addLeases(LeaseStatus.newBuilder().setID(id));
                });
                return listed.build();
            });
            complete(observer, response);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
        }
    }

    /**
     * AU-10: whoever may not read a key that hangs on one of them is not told of any.
     *
     * @param meter asked before each, for the caller may have left meanwhile
     */
    private static @Nullable Refusal mayList(Access access, KvStateMachine state, ReadMeter meter) {
        Refusal refusal = access.asUser();
        if (refusal != null || access.asRoot() == null) {
            return refusal;
        }
        for (Lease lease : state.leases().all()) {
            meter.holds(0);
            Refusal hidden = access.readAttached(lease.id(), state::isAnyAttached);
            if (hidden != null) {
                return hidden;
            }
        }
        return null;
    }

    private static <T> void complete(StreamObserver<T> observer, T response) {
        observer.onNext(response);
        observer.onCompleted();
    }

    private static void refuse(StreamObserver<?> observer, EtcdError error) {
        observer.onError(error.exception());
    }
}
