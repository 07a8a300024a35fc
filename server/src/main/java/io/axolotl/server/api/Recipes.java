package io.axolotl.server.api;

import io.axolotl.server.api.KeyFollower.Following;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.RangeQuery.SortOrder;
import io.axolotl.storage.mvcc.RangeQuery.SortTarget;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps that locks and elections are made of (contract B.13), each with what comes after it. Errors are plain texts: etcd
 * answers all of them with the code Unknown, for its services are clients of their own server (LK-2).
 *
 * <p>Safe for all threads. Nothing blocks; what comes after runs on threads of the pipeline, of the reads or of the network.
 */
final class Recipes {
    private static final Logger log = LoggerFactory.getLogger(Recipes.class);

    static final byte[] NOTHING = {};

    /** Of the lease that a caller without one is granted (LK-2). */
    private static final long LEASE_SECONDS = 60;

    private static final byte SEPARATOR = '/';

    private final NodeService node;
    private final Gate gate;
    private final Login login;
    private final ReadPool reads;
    private final StoreReader store;
    private final KeyFollower follower;

    Recipes(NodeService node, Gate gate, ReadPool reads, KeyFollower follower) {
        this(node, gate, Login.NOBODY, reads, new StoreReader(node::store, node::isTrusted), follower);
    }

    private Recipes(NodeService node, Gate gate, Login login, ReadPool reads, StoreReader store, KeyFollower follower) {
        this.node = node;
        this.gate = gate;
        this.login = login;
        this.reads = reads;
        this.store = store;
        this.follower = follower;
    }

    /** The same steps as the will of whoever makes the call that is being handled on this thread. */
    Recipes ofCaller() {
        return new Recipes(node, gate, Login.current(), reads, store, follower);
    }

    static StatusRuntimeException exception(String text) {
        return Status.UNKNOWN.withDescription(text).asRuntimeException();
    }

    // ---- ends of a call ----

    static <A> void answer(StreamObserver<A> observer, A answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    static void refuse(StreamObserver<?> observer, String text) {
        observer.onError(exception(text));
    }

    // ---- keys ----

    /** Under which the keys of all who want the same lie. */
    static byte[] prefix(byte[] name) {
        byte[] prefix = Arrays.copyOf(name, name.length + 1);
        prefix[name.length] = SEPARATOR;
        return prefix;
    }

    /** The key behind the last of a prefix. */
    static byte[] prefixEnd(byte[] prefix) {
        byte[] end = prefix.clone();
        end[end.length - 1]++;
        return end;
    }

    /** LK-1: etcd's own client library makes the same key. */
    static byte[] key(byte[] prefix, long lease) {
        String hex = lease < 0 ? "-" + Long.toHexString(-lease) : Long.toHexString(lease);
        byte[] suffix = hex.getBytes(StandardCharsets.US_ASCII);
        byte[] key = Arrays.copyOf(prefix, prefix.length + suffix.length);
        System.arraycopy(suffix, 0, key, prefix.length, suffix.length);
        return key;
    }

    static Command.Compare wasCreatedAt(byte[] key, long revision) {
        return new Command.Compare(key, NOTHING, Command.Operator.EQUAL, Command.Target.CREATE, revision, NOTHING);
    }

    static Command.Put put(byte[] key, byte[] value, long lease) {
        return new Command.Put(key, value, lease, false, false, false);
    }

    /** Whoever has waited longest. */
    static RangeQuery first(byte[] prefix) {
        return byCreation(prefix, SortOrder.ASCEND, 0);
    }

    /** Whoever came just before {@code createRevision}. */
    static RangeQuery lastBefore(byte[] prefix, long createRevision) {
        return byCreation(prefix, SortOrder.DESCEND, createRevision - 1);
    }

    private static RangeQuery byCreation(byte[] prefix, SortOrder order, long maxCreateRevision) {
        return new RangeQuery(
                prefix, prefixEnd(prefix), 1, 0, order, SortTarget.CREATE, false, false, 0, 0, 0, maxCreateRevision);
    }

    // ---- steps ----

    /** The lease that was given, or a new one. */
    void lease(long given, LongConsumer then, Consumer<String> onFailure) {
        if (given != 0) {
            then.accept(given);
            return;
        }
        long id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
        propose(
                new Command.GrantLease(id, Math.max(LEASE_SECONDS, node.shortestLeaseSeconds())),
                result -> then.accept(((CommandResult.LeaseGranted) result).id()),
                onFailure);
    }

    void txn(Command.Txn txn, Consumer<CommandResult.Txn> then, Consumer<String> onFailure) {
        propose(txn, result -> then.accept((CommandResult.Txn) result), onFailure);
    }

    void delete(byte[] key, LongConsumer then, Consumer<String> onFailure) {
        propose(
                new Command.DeleteRange(key, NOTHING, false),
                result -> then.accept(((CommandResult.DeleteRange) result).revision()),
                onFailure);
    }

    /**
     * Deletes a key if it is still the one that was created then, and tells nobody: its lease will end it otherwise. The member does
     * this of its own accord: whoever made the key was allowed to, and that its token has ended since must not keep others waiting.
     *
     * @param provided what else must hold
     */
    void leave(byte[] key, long createRevision, List<Command.Compare> provided) {
        List<Command.Compare> conditions = new ArrayList<>(provided);
        conditions.add(wasCreatedAt(key, createRevision));
        node.propose(
                Caller.MEMBER,
                new Command.Txn(conditions, List.of(new Command.DeleteRange(key, NOTHING, false)), List.of()),
                telling(
                        done -> {},
                        text -> log.debug(
                                "a key of a lock or an election that nobody waits for stays until its lease ends: {}",
                                text)));
    }

    private void propose(Command command, Consumer<CommandResult> then, Consumer<String> onFailure) {
        gate.propose(login, command, telling(then, onFailure));
    }

    private static ProposalCallback telling(Consumer<CommandResult> then, Consumer<String> onFailure) {
        return outcome -> {
            if (outcome instanceof ProposalResult.Done done) {
                if (done.result() instanceof CommandResult.Refused refused) {
                    onFailure.accept(EtcdError.of(refused.why()).text());
                } else {
                    then.accept(done.result());
                }
            } else if (outcome instanceof ProposalResult.Refused refused) {
                onFailure.accept(EtcdError.of(refused.why()).text());
            } else if (outcome instanceof ProposalResult.Unknown unknown) {
                onFailure.accept(EtcdError.ofUnknown(unknown.why()).text());
            } else {
                throw new AssertionError("no rule for " + outcome);
            }
        };
    }

    /** A read that sees everything that was finished before. */
    void read(RangeQuery query, Consumer<RangeAnswer.Found> then, Consumer<String> onFailure) {
        node.readBarrier(failure -> {
            if (failure == null) {
                readHere(query, then, onFailure);
            } else {
                onFailure.accept(EtcdError.of(failure).text());
            }
        });
    }

    /** A read of what is applied here: all that this member has proposed and been told of, and every event it has heard. */
    void readHere(RangeQuery query, Consumer<RangeAnswer.Found> then, Consumer<String> onFailure) {
        boolean isTaken = reads.offer(() -> {
            RangeAnswer answer;
            try {
                answer = gate.read(
                        login,
                        store,
                        (access, state) -> access.read(query.key(), query.rangeEnd()),
                        s -> s.range(query));
            } catch (RequestRefused refused) {
                onFailure.accept(refused.error().text());
                return;
            }
            if (answer instanceof RangeAnswer.Found found) {
                then.accept(found);
            } else if (answer instanceof RangeAnswer.Refused refused) {
                onFailure.accept(EtcdError.of(refused.why()).text());
            }
        });
        if (!isTaken) {
            onFailure.accept(EtcdError.TOO_MANY_REQUESTS.text());
        }
    }

    /** Tells of changes for as long as the caller may read. */
    Following follow(byte[] key, byte[] rangeEnd, long fromRevision, KeyFollower.Listener listener) {
        return follower.follow(key, rangeEnd, fromRevision, gate.watching(login), listener);
    }
}
