package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.server.api.KeyFollower.Following;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call that wants a lock or an election, from the key it leaves until no earlier one is left (LK-1). It waits for the end
 * of the key just before its own alone, so a release wakes one and not all.
 *
 * <p>To look at what is applied here is enough while waiting: whoever was created before us is in every state that holds our
 * own key, and nobody can be created before us any more. Only the transaction that enters can say by itself that we hold it.
 * Whoever finds later that nobody is before us looks for its own key through a barrier: its lease may have run out meanwhile.
 *
 * <p>Safe for all threads.
 */
final class Contender {
    private final Recipes recipes;
    private final Terms terms;
    private final byte[] prefix;
    private final byte[] value;
    private final Outcome outcome;

    // Guarded by this.
    private byte @Nullable [] key;
    private long lease;
    private long createRevision;
    private long enteredRevision;
    /** Whether others can know its lease, and so find its key. */
    private boolean mayHaveTwin;
    /** Who was before us when this call last looked. */
    private @Nullable KeyValue ahead;

    private boolean isCancelled;
    private boolean isOver;
    private @Nullable Following following;

    /**
     * How a lock and an election differ.
     *
     * @param hasValue whether who is there already takes on the value of the call (LK-4)
     * @param expired what is said to who has lost its key while it waited
     */
    record Terms(boolean hasValue, String expired) {
        static final Terms LOCK = new Terms(false, "mutex: session is expired");
        static final Terms ELECTION = new Terms(true, "election: session is expired");
    }

    /**
     * What was won.
     *
     * @param enteredRevision of the transaction that left the key
     * @param revision at which it was seen that nobody is before us
     */
    record Won(byte[] key, long lease, long createRevision, long enteredRevision, long revision) {}

    /** What becomes of the call: one of these, once; none if it was cancelled. */
    interface Outcome {
        void won(Won won);

        void failed(String text);
    }

    /**
     * Serves a call that waits until it has won. One that is cancelled before is told nothing and leaves nothing behind.
     *
     * @param lease that of the caller, or 0 for one of its own
     * @param answer what the caller is told
     */
    static <A> void serve(
            Recipes recipes,
            Terms terms,
            ByteString name,
            ByteString value,
            long lease,
            StreamObserver<A> observer,
            Function<Won, A> answer) {
        Contender contender = new Contender(recipes, terms, name.toByteArray(), value.toByteArray(), new Outcome() {
            @Override
            public void won(Won won) {
                Recipes.answer(observer, answer.apply(won));
            }

            @Override
            public void failed(String text) {
                Recipes.refuse(observer, text);
            }
        });
        ((ServerCallStreamObserver<A>) observer).setOnCancelHandler(contender::cancel);
        contender.begin(lease);
    }

    Contender(Recipes recipes, Terms terms, byte[] name, byte[] value, Outcome outcome) {
        this.recipes = recipes;
        this.terms = terms;
        this.prefix = Recipes.prefix(name);
        this.value = value;
        this.outcome = outcome;
    }

    void begin(long givenLease) {
        mayHaveTwin = givenLease != 0;
        recipes.lease(givenLease, this::enter, this::fail);
    }

    private synchronized void enter(long itsLease) {
        if (isOver) {
            return;
        }
        byte[] itsKey = Recipes.key(prefix, itsLease);
        lease = itsLease;
        recipes.txn(
                new Command.Txn(
                        List.of(Recipes.wasCreatedAt(itsKey, 0)),
                        List.of(new Command.Range(Recipes.first(prefix)), Recipes.put(itsKey, value, itsLease)),
                        List.of(new Command.Range(Recipes.first(prefix)), new Command.Range(RangeQuery.ofKey(itsKey)))),
                done -> entered(itsKey, done),
                this::fail);
    }

    private synchronized void entered(byte[] itsKey, CommandResult.Txn done) {
        key = itsKey;
        enteredRevision = done.revision();
        KeyValue found = done.succeeded() ? null : foundBy(done, 1).get(0);
        createRevision = found == null ? done.revision() : found.createRevision();
        List<KeyValue> first = foundBy(done, 0);
        boolean isFirst = first.isEmpty() || first.get(0).createRevision() == createRevision;
        ahead = isFirst ? null : first.get(0);
        if (isCancelled) {
            leave();
        } else if (found != null && terms.hasValue && !Arrays.equals(found.value(), value)) {
            proclaim(itsKey, isFirst);
        } else {
            takeTurn(isFirst);
        }
    }

    private synchronized void takeTurn(boolean isFirst) {
        if (isFirst) {
            win(enteredRevision);
        } else {
            lookAhead();
        }
    }

    private static List<KeyValue> foundBy(CommandResult.Txn done, int op) {
        if (done.responses().get(op) instanceof CommandResult.Range range) {
            return range.answer().kvs();
        }
        throw new AssertionError("a range came to " + done.responses());
    }

    private void proclaim(byte[] itsKey, boolean isFirst) {
        recipes.txn(
                new Command.Txn(
                        List.of(Recipes.wasCreatedAt(itsKey, createRevision)),
                        List.of(Recipes.put(itsKey, value, lease)),
                        List.of()),
                done -> {
                    if (done.succeeded()) {
                        takeTurn(isFirst);
                    } else {
                        fail(ElectionService.NOT_LEADER);
                    }
                },
                this::fail);
    }

    private synchronized void lookAhead() {
        following = null;
        if (!isOver) {
            recipes.readHere(Recipes.lastBefore(prefix, createRevision), this::sawAhead, this::fail);
        }
    }

    private synchronized void sawAhead(RangeAnswer.Found found) {
        if (isOver) {
            return;
        }
        KeyValue last = found.kvs().isEmpty() ? null : found.kvs().get(0);
        ahead = last;
        if (last == null) {
            lookForOwnKey();
            return;
        }
        following = recipes.follow(last.key(), Recipes.NOTHING, found.revision() + 1, new UntilDeleted());
    }

    private void lookForOwnKey() {
        byte[] itsKey = key;
        if (itsKey == null) {
            throw new AssertionError("it waits without having entered");
        }
        recipes.read(
                RangeQuery.ofKey(itsKey),
                own -> {
                    boolean isThere = !own.kvs().isEmpty() && own.kvs().get(0).createRevision() == createRevision;
                    if (isThere) {
                        win(own.revision());
                    } else {
                        fail(terms.expired);
                    }
                },
                this::fail);
    }

    private synchronized void win(long revision) {
        byte[] itsKey = key;
        if (!isOver && itsKey != null) {
            isOver = true;
            outcome.won(new Won(itsKey, lease, createRevision, enteredRevision, revision));
        }
    }

    private synchronized void fail(String text) {
        if (!isOver) {
            isOver = true;
            leave();
            outcome.failed(text);
        }
    }

    /** The caller has gone: its key must not keep others waiting (LK-3). */
    synchronized void cancel() {
        isCancelled = true;
        if (!isOver) {
            isOver = true;
            leave();
        }
    }

    /**
     * Deletes the key. With a lease of the caller's it may also be the key of a twin: a holder who asks again, or the same call made
     * once more since its answer did not come, by whichever member. That one may have been told by now that it holds, also if this
     * call made the key. So it goes only if whoever was seen before it is still there, for then nobody holds it; a key that nobody was
     * before stays until it is given up or its lease ends, as if the answer had been lost on the way.
     */
    private void leave() {
        Following now = following;
        following = null;
        if (now != null) {
            now.close();
        }
        byte[] itsKey = key;
        KeyValue last = ahead;
        if (itsKey == null) {
            return;
        }
        if (!mayHaveTwin) {
            recipes.leave(itsKey, createRevision, List.of());
        } else if (last != null) {
            recipes.leave(itsKey, createRevision, List.of(Recipes.wasCreatedAt(last.key(), last.createRevision())));
        }
    }

    /** Hears of the end of the key before ours. */
    private final class UntilDeleted implements KeyFollower.Listener {
        private boolean isDone;

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void changed(List<Event> events, long revision) {
            if (events.stream().anyMatch(event -> event.getType() == Event.EventType.DELETE)) {
                goOn();
            }
        }

        @Override
        public void lostTrack() {
            goOn();
        }

        private void goOn() {
            synchronized (Contender.this) {
                if (isDone) {
                    return;
                }
                isDone = true;
                if (following != null) {
                    following.close();
                }
            }
            lookAhead();
        }

        @Override
        public void ended(EtcdError why) {
            fail(why.text());
        }
    }
}
