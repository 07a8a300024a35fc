package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.mvcc.ModelKv;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The state machine against {@link ModelKv}, through crashes, replays, compactions and any cutting into runs. */
class KvStateMachineProperties {
    @Provide
    Arbitrary<List<Command>> commands() {
        return CommandArbitraries.commands().list().ofMinSize(20).ofMaxSize(80);
    }

    @Provide
    Arbitrary<List<RangeQuery>> queries() {
        return CommandArbitraries.queries().list().ofMinSize(20).ofMaxSize(20);
    }

    /** B.1 to B.6, D28: every answer equals the model's, across crashes with replay from the applied id. */
    @Property(tries = 400)
    void answersAsTheModelDoesOnTheMemoryEngine(
            @ForAll("commands") List<Command> commands,
            @ForAll("queries") List<RangeQuery> queries,
            @ForAll long seed) {
        MemoryEngine[] engine = {MemoryEngine.inMemory()};
        answersAsTheModelDoes(commands, queries, seed, () -> engine[0], machine -> engine[0] = engine[0].crash());
    }

    /** The same on RocksDB; closing without a flush is what a kill leaves. */
    @Property(tries = 12)
    void answersAsTheModelDoesOnRocksDb(
            @ForAll("commands") List<Command> commands, @ForAll("queries") List<RangeQuery> queries, @ForAll long seed)
            throws IOException {
        Path folder = Files.createTempDirectory("axolotl-model");
        try {
            RocksDbOptions options = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));
            answersAsTheModelDoes(
                    commands, queries, seed, () -> RocksDbEngine.open(folder, options), KvStateMachine::close);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Limits that small cases reach: runs end early, and deletes of a few keys are bulk deletes. */
    private static KvStateMachine.Limits tight(Random random) {
        return new KvStateMachine.Limits(1 + random.nextInt(4_000), random.nextInt(4));
    }

    private interface Crash {
        void of(KvStateMachine machine);
    }

    private static void answersAsTheModelDoes(
            List<Command> commands, List<RangeQuery> queries, long seed, Supplier<KvEngine> engine, Crash crash) {
        Random random = new Random(seed);
        Log log = new Log();
        ModelKv model = new ModelKv();
        List<String> expected = new ArrayList<>();
        for (Command command : commands) {
            log.append(command);
            expected.add(ModelKv.show(model.apply(command)));
        }
        KvStateMachine machine = KvStateMachine.open(engine.get(), Log.THREE, List.of(), tight(random));
        int at = 0;
        while (at < commands.size()) {
            int chance = random.nextInt(10);
            if (chance == 0) {
                machine.flush();
                assertThat(machine.durable()).isEqualTo(machine.applied());
            } else if (chance == 1) {
                long durable = machine.durable().index();
                crash.of(machine);
                machine = KvStateMachine.open(engine.get(), Log.THREE, List.of(), tight(random));
                assertThat(machine.applied().index()).isGreaterThanOrEqualTo(durable);
                at = (int) machine.applied().index();
            } else if (chance == 2) {
                machine.compactStep(1 + random.nextInt(5));
            } else {
                int size = Math.min(1 + random.nextInt(6), commands.size() - at);
                for (Applied applied : machine.apply(log.after(at).subList(0, size))) {
                    assertThat(ModelKv.show(applied.result())).isEqualTo(expected.get(at));
                    at++;
                }
            }
        }
        sameAnswers(machine, model, queries);
        Digest before = machine.digest();
        while (machine.compactStep(1 + random.nextInt(7))) {
            assertThat(machine.digest()).isEqualTo(before);
        }
        assertThat(machine.digest()).isEqualTo(before);
        sameAnswers(machine, model, queries);
        assertThat(machine.liveKeys()).isEqualTo(model.keyValues().size());
        machine.close();
    }

    private static void sameAnswers(KvStateMachine machine, ModelKv model, List<RangeQuery> queries) {
        assertThat(machine.revision()).isEqualTo(model.revision());
        assertThat(machine.compactRevision()).isEqualTo(model.compactRevision());
        for (RangeQuery query : queries) {
            assertThat(ModelKv.show(machine.range(query))).as("%s", query).isEqualTo(ModelKv.show(model.range(query)));
        }
        byte[] open = {0};
        for (long revision = Math.max(1, model.compactRevision()); revision <= model.revision(); revision++) {
            for (boolean isCountOnly : new boolean[] {false, true}) {
                RangeQuery all = new RangeQuery(
                        open,
                        open,
                        0,
                        revision,
                        RangeQuery.SortOrder.NONE,
                        RangeQuery.SortTarget.KEY,
                        false,
                        isCountOnly,
                        0,
                        0,
                        0,
                        0);
                assertThat(ModelKv.show(machine.range(all))).isEqualTo(ModelKv.show(model.range(all)));
            }
        }
    }

    /** B9, I7, pitfall 50: how the log is cut into runs, and how far removal has come, shows in nothing. */
    @Property(tries = 200)
    void replicasThatCutTheLogDifferentlyAreEqual(@ForAll("commands") List<Command> commands, @ForAll long seed) {
        Random random = new Random(seed);
        Log log = new Log();
        commands.forEach(log::append);
        KvStateMachine one = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        KvStateMachine other = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE, List.of(), tight(random));
        List<String> answers = new ArrayList<>();
        for (Entry entry : log.after(0)) {
            one.apply(List.of(entry)).forEach(applied -> answers.add(ModelKv.show(applied.result())));
        }
        List<String> otherAnswers = new ArrayList<>();
        List<Entry> rest = log.after(0);
        while (!rest.isEmpty()) {
            int size = 1 + random.nextInt(rest.size());
            other.apply(rest.subList(0, size)).forEach(applied -> otherAnswers.add(ModelKv.show(applied.result())));
            rest = rest.subList(size, rest.size());
            other.compactStep(random.nextInt(8));
        }
        assertThat(otherAnswers).isEqualTo(answers);
        assertThat(other.digest()).isEqualTo(one.digest());
    }

    /** TX-11: a transaction of ranges answers the same from a view as through the log. */
    @Property(tries = 200)
    void readOnlyTransactionAnswersAsAnAppliedOne(
            @ForAll("commands") List<Command> commands, @ForAll("reads") Command.Txn reads) {
        Log log = new Log();
        KvStateMachine machine = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        commands.forEach(log::append);
        machine.apply(log.after(0));
        String fromView = ModelKv.show(machine.readOnlyTxn(reads));
        assertThat(fromView).isEqualTo(ModelKv.show(log.apply(machine, reads)));
    }

    @Provide
    Arbitrary<Command.Txn> reads() {
        Arbitrary<List<Command.Op>> ranges = CommandArbitraries.queries()
                .map(query -> (Command.Op) new Command.Range(query))
                .list()
                .ofMaxSize(3);
        return Combinators.combine(
                        CommandArbitraries.compares().list().ofMaxSize(2),
                        ranges,
                        Arbitraries.just(List.<Command.Op>of()))
                .as(Command.Txn::new);
    }
}
