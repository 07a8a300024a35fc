package io.axolotl.server.lease;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.lease.LeaseTable;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One log, one state that follows it, and members that keep the time of its leases, all by virtual time. A member leads while
 * it believes so; the log takes what anybody proposes, in the term of whoever really leads, as a cluster does that forwards.
 */
final class LeaseWorld {
    static final long ELECTION_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final KvStateMachine store = KvStateMachine.open(
            MemoryEngine.inMemory(), Membership.ofVoters(List.of(new NodeId(1), new NodeId(2), new NodeId(3))));
    private final List<Keeper> keepers = new ArrayList<>();
    private final LeaseKeeper.Rules rules;
    private final long originNanos;
    private long elapsedNanos;
    private long index;
    private long term;
    private @Nullable Keeper leader;
    private @Nullable ArrayDeque<Runnable> held;
    private boolean isTermOverlooked;
    final List<Command> log = new ArrayList<>();

    LeaseWorld(long checkpointSeconds) {
        this(checkpointSeconds, 0);
    }

    /** @param originNanos what the clock says at the start */
    LeaseWorld(long checkpointSeconds, long originNanos) {
        this.rules = new LeaseKeeper.Rules(
                ELECTION_NANOS,
                TimeUnit.MILLISECONDS.toNanos(500),
                500,
                1_000,
                TimeUnit.SECONDS.toNanos(checkpointSeconds));
        this.originNanos = originNanos;
    }

    /** One member. */
    final class Keeper implements LeaseKeeper.Member {
        final LeaseKeeper leases = new LeaseKeeper(this, rules, () -> originNanos + elapsedNanos);
        long believedTerm = NOT_LEADING;
        /** Questions to a quorum that have not been answered yet; null if they are answered at once. */
        @Nullable ArrayDeque<Consumer<Boolean>> unconfirmed;

        @Override
        public long ledTerm() {
            return believedTerm;
        }

        @Override
        public LeaseTable leases() {
            return store.leases();
        }

        @Override
        public void confirm(Consumer<Boolean> onConfirmed) {
            if (unconfirmed != null) {
                unconfirmed.add(onConfirmed);
            } else {
                // A member that does not lead any more is told by the one that does: its reads hold, its belief goes.
                onConfirmed.accept(leader == this);
            }
        }

        @Override
        public void propose(Command.OfLeases proposed, Consumer<@Nullable CommandResult> onDone) {
            Command.OfLeases command = isTermOverlooked && proposed instanceof Command.ExpireLease expiry
                    ? new Command.ExpireLease(expiry.id(), expiry.grantIndex(), Math.max(term, 1))
                    : proposed;
            if (held != null) {
                held.add(() -> onDone.accept(commit(command)));
            } else {
                onDone.accept(commit(command));
            }
        }

        /** What it answers, or null if it has not yet. */
        List<LeaseAnswer> ask(long id, boolean isRenewal) {
            List<LeaseAnswer> answers = new ArrayList<>();
            leases.ask(new LeaseQuestion(id, isRenewal), answers::add);
            return answers;
        }

        List<LeaseAnswer> renew(long id) {
            return ask(id, true);
        }

        List<LeaseAnswer> timeToLive(long id) {
            return ask(id, false);
        }
    }

    Keeper member() {
        Keeper keeper = new Keeper();
        keepers.add(keeper);
        return keeper;
    }

    /** Has a member lead the next term, and the others know unless they are {@code stale}. */
    void elect(Keeper next, Keeper... stale) {
        term++;
        leader = next;
        List<Keeper> ignorant = List.of(stale);
        for (Keeper each : keepers) {
            if (!ignorant.contains(each)) {
                each.believedTerm = each == next ? term : LeaseKeeper.Member.NOT_LEADING;
            }
        }
        keepers.forEach(each -> each.leases.turn());
    }

    /** Plants a bug: the end of a lease counts whoever has proposed it, and in whichever term (P7). */
    void overlookTerms() {
        isTermOverlooked = true;
    }

    /** From now on what is proposed is not committed until {@link #release}. */
    void hold() {
        held = new ArrayDeque<>();
    }

    void release() {
        ArrayDeque<Runnable> waiting = Objects.requireNonNull(held);
        held = null;
        waiting.forEach(Runnable::run);
    }

    CommandResult commit(Command command) {
        index++;
        log.add(command);
        byte[] payload = CommandCodec.encode(new RequestId(1, index), command);
        return Objects.requireNonNull(store.apply(
                        List.of(new Entry(new EntryId(Math.max(term, 1), index), Entry.Kind.COMMAND, payload)))
                .get(0)
                .result());
    }

    void grant(long id, long ttlSeconds) {
        commit(new Command.GrantLease(id, ttlSeconds));
    }

    void put(String key, long lease) {
        commit(new Command.Put(key.getBytes(StandardCharsets.UTF_8), new byte[0], lease, false, false, false));
    }

    /** Time passes, and every member looks at the clock all the while. */
    void pass(Duration time) {
        for (long left = time.toNanos(); left > 0; left -= TURN_NANOS) {
            elapsedNanos += Math.min(left, TURN_NANOS);
            keepers.forEach(each -> each.leases.turn());
        }
    }

    void pass(long seconds) {
        pass(Duration.ofSeconds(seconds));
    }

    /** Time passes, and no member runs. */
    void pause(long seconds) {
        elapsedNanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    long elapsedNanos() {
        return elapsedNanos;
    }

    boolean exists(long id) {
        return store.leases().find(id) != null;
    }

    Lease lease(long id) {
        return Objects.requireNonNull(store.leases().find(id));
    }

    int leases() {
        return store.leases().size();
    }

    long keys() {
        return store.liveKeys();
    }

    long checkpoints() {
        return log.stream().filter(Command.CheckpointLeases.class::isInstance).count();
    }
}
