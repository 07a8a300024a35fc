package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.ModelKv;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Leases beside keys, held against the plain model: whatever runs, crashes and replays lie in between. */
class LeaseProperties {
    private static final byte[] OPEN = {0};
    private static final long TERM = 1;

    @Provide
    Arbitrary<List<Command>> commands() {
        Arbitrary<Long> leases = Arbitraries.of(7L, 8L, 9L);
        Arbitrary<Long> indexes = Arbitraries.longs().between(1, 60);
        Arbitrary<Long> terms = Arbitraries.of(TERM, TERM, TERM, TERM + 1);
        Arbitrary<Command> puts = Combinators.combine(CommandArbitraries.keys(), leases)
                .as((key, lease) -> new Command.Put(key, new byte[] {1}, lease, false, false, false));
        return Arbitraries.frequencyOf(
                        Tuple.of(6, CommandArbitraries.commands()),
                        Tuple.of(6, puts),
                        Tuple.of(3, leases.map(lease -> (Command) new Command.GrantLease(lease, 60))),
                        Tuple.of(1, leases.map(lease -> (Command) new Command.RevokeLease(lease))),
                        Tuple.of(1, Combinators.combine(leases, indexes, terms).as((lease, at, term) ->
                                (Command) new Command.ExpireLease(lease, at, term))),
                        Tuple.of(
                                1,
                                Combinators.combine(
                                                leases,
                                                indexes,
                                                Arbitraries.longs().between(0, 60),
                                                terms)
                                        .as((lease, at, left, term) -> (Command) new Command.CheckpointLeases(
                                                term, List.of(new Command.LeaseCheckpoint(lease, at, left))))))
                .list()
                .ofMinSize(5)
                .ofMaxSize(80);
    }

    /** What must have come of the commands, told as plainly as possible. */
    private static final class Model {
        private final ModelKv keys = new ModelKv();
        private final Map<Long, Lease> leases = new TreeMap<>();

        void apply(Command command, long index) {
            if (command instanceof Command.GrantLease grant) {
                if (keys.grant(grant.id())) {
                    leases.put(grant.id(), new Lease(grant.id(), index, grant.ttlSeconds(), 0));
                }
            } else if (command instanceof Command.RevokeLease revoke) {
                end(revoke.id());
            } else if (command instanceof Command.ExpireLease expire) {
                if (expire.term() == TERM && isOf(expire.id(), expire.grantIndex())) {
                    end(expire.id());
                }
            } else if (command instanceof Command.CheckpointLeases checkpoint) {
                for (Command.LeaseCheckpoint one : checkpoint.checkpoints()) {
                    if (checkpoint.term() == TERM && isOf(one.id(), one.grantIndex())) {
                        leases.put(one.id(), new Lease(one.id(), one.grantIndex(), 60, one.remainingSeconds()));
                    }
                }
            } else {
                keys.apply(command);
            }
        }

        private boolean isOf(long id, long grantIndex) {
            Lease lease = leases.get(id);
            return lease != null && lease.grantIndex() == grantIndex;
        }

        private void end(long id) {
            keys.end(id);
            leases.remove(id);
        }
    }

    @Property(tries = 400)
    @Label("LE-1, LE-3, PU-2, PU-4, A13, I7: keys, revisions, leases and what hangs on them are those of the model")
    void equalsTheModel(@ForAll("commands") List<Command> commands, @ForAll long seed) {
        Random random = new Random(seed);
        Log log = new Log();
        Model model = new Model();
        for (int i = 0; i < commands.size(); i++) {
            log.append(commands.get(i));
            model.apply(commands.get(i), i + 1L);
        }
        MemoryEngine engine = MemoryEngine.inMemory();
        KvStateMachine store = open(engine, random);
        while (store.applied().index() < commands.size()) {
            int chance = random.nextInt(8);
            if (chance == 0) {
                store.flush();
            } else if (chance == 1) {
                engine = engine.crash();
                store = open(engine, random);
            } else if (chance == 2) {
                store.compactStep(1 + random.nextInt(5));
            } else {
                List<Entry> rest = log.after(store.applied().index());
                store.apply(rest.subList(0, 1 + random.nextInt(rest.size())), id -> random.nextBoolean());
            }
        }
        assertThat(store.revision()).isEqualTo(model.keys.revision());
        assertThat(((RangeAnswer.Found) store.range(RangeQuery.ofRange(OPEN, OPEN))).kvs())
                .usingRecursiveComparison()
                .isEqualTo(model.keys.keyValues());
        assertThat(store.leases().all()).containsExactlyInAnyOrderElementsOf(model.leases.values());
        for (long lease : List.of(7L, 8L, 9L)) {
            assertThat(store.attachedKeys(lease, bytes -> {}))
                    .usingRecursiveComparison()
                    .isEqualTo(model.keys.attached(lease).stream()
                            .map(KeyValue::key)
                            .toList());
        }
        KvStateMachine plain = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        while (plain.applied().index() < commands.size()) {
            plain.apply(log.after(plain.applied().index()));
        }
        assertThat(store.historyDigest()).isEqualTo(plain.historyDigest());
        assertThat(store.digest()).isEqualTo(plain.digest());
    }

    private static KvStateMachine open(MemoryEngine engine, Random random) {
        return KvStateMachine.open(
                engine, Log.THREE, List.of(), new KvStateMachine.Limits(1 + random.nextInt(4_000), random.nextInt(4)));
    }

    @Property(tries = 100)
    @Label("MV-2: an expiry that is meant and the same lease's revoke come to the same keys")
    void expiryIsARevoke(@ForAll("commands") List<Command> commands) {
        Log log = new Log();
        KvStateMachine revoked = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        KvStateMachine expired = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        commands.forEach(log::append);
        revoked.apply(log.after(0));
        expired.apply(log.after(0));
        for (Lease lease : List.copyOf(revoked.leases().all())) {
            long index = log.after(0).size() + 1L;
            Log one = new Log(index - 1);
            Log other = new Log(index - 1);
            CommandResult revoke = one.apply(revoked, new Command.RevokeLease(lease.id()));
            CommandResult expiry = other.apply(expired, new Command.ExpireLease(lease.id(), lease.grantIndex(), TERM));
            assertThat(expiry).isEqualTo(revoke);
            log.append(Entry.Kind.NO_OP, new byte[0]);
        }
        assertThat(expired.digest()).isEqualTo(revoked.digest());
    }
}
