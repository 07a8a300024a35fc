package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.Divergence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rolling digest: equal where histories are equal, whatever happened to the member; different where they are not. */
class HistoryDigestProperties {
    @Provide
    Arbitrary<List<Command>> commands() {
        return CommandArbitraries.commands().list().ofMinSize(2).ofMaxSize(150);
    }

    private static KvStateMachine fresh() {
        return KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
    }

    @Property(tries = 150)
    @Label("I7, pitfall 50: runs, crashes, replays and removal of history do not show in it")
    void equalHoweverItWasApplied(@ForAll("commands") List<Command> commands, @ForAll long seed) {
        Random random = new Random(seed);
        Log log = new Log();
        commands.forEach(log::append);
        KvStateMachine plain = fresh();
        plain.apply(log.after(0));
        MemoryEngine engine = MemoryEngine.inMemory();
        KvStateMachine other = open(engine, random);
        while (other.applied().index() < commands.size()) {
            int chance = random.nextInt(8);
            if (chance == 0) {
                other.flush();
            } else if (chance == 1) {
                engine = engine.crash();
                other = open(engine, random);
            } else if (chance == 2) {
                other.compactStep(1 + random.nextInt(5));
            } else {
                List<Entry> rest = log.after(other.applied().index());
                other.apply(rest.subList(0, 1 + random.nextInt(rest.size())), id -> random.nextBoolean());
            }
        }
        assertThat(other.historyDigest()).isEqualTo(plain.historyDigest());
        assertThat(other.checkpoints()).isEqualTo(plain.checkpoints());
        other.flush();
        assertThat(open(engine.crash(), random).checkpoints()).isEqualTo(plain.checkpoints());
    }

    private static KvStateMachine open(MemoryEngine engine, Random random) {
        return KvStateMachine.open(
                engine, Log.THREE, List.of(), new KvStateMachine.Limits(1 + random.nextInt(4_000), random.nextInt(4)));
    }

    @Property(tries = 150)
    @Label("one entry left out, or two that changed places, show in it for ever after")
    void differentLogsDiffer(@ForAll("commands") List<Command> commands, @ForAll long seed) {
        int at = new Random(seed).nextInt(commands.size());
        Log log = new Log();
        Log without = new Log();
        Log swapped = new Log();
        for (int i = 0; i < commands.size(); i++) {
            log.append(commands.get(i));
            if (i == at) {
                without.append(Entry.Kind.NO_OP, new byte[0]);
            } else {
                without.append(commands.get(i));
            }
            swapped.append(
                    commands.get(i == at ? (at + 1) % commands.size() : i == (at + 1) % commands.size() ? at : i));
        }
        long digest = digestOf(log);
        assertThat(digestOf(without)).isNotEqualTo(digest);
        boolean isSame = log.after(0).stream()
                .allMatch(entry -> java.util.Arrays.equals(
                        entry.payload(), swapped.after(entry.index() - 1).get(0).payload()));
        assertThat(digestOf(swapped) == digest).isEqualTo(isSame);
    }

    private static long digestOf(Log log) {
        KvStateMachine machine = fresh();
        machine.apply(log.after(0));
        return machine.historyDigest();
    }

    @Test
    @DisplayName("B9: the same log on a state that is not the same shows, as soon as an entry meets the difference")
    void appliedToAnotherStateItDiffers() {
        Log log = new Log();
        List<Long> digests = new ArrayList<>();
        for (boolean isAltered : new boolean[] {false, true}) {
            MemoryEngine engine = MemoryEngine.inMemory();
            KvStateMachine machine = KvStateMachine.open(engine, Log.THREE);
            if (digests.isEmpty()) {
                log.append(Log.put("a", "1"));
                log.append(Log.put("b", "1"));
                log.append(Log.put("a", "2"));
            }
            machine.apply(log.after(0).subList(0, 2));
            machine.flush();
            engine = engine.crash();
            if (isAltered) {
                try (AtomicWrite write = engine.newWrite()) {
                    write.delete(Space.IDX, Log.bytes("a"));
                    engine.write(write);
                }
            }
            machine = KvStateMachine.open(engine, Log.THREE);
            assertThat(machine.historyDigest()).isEqualTo(digestAfterTwo(log));
            machine.apply(log.after(2));
            digests.add(machine.historyDigest());
        }
        assertThat(digests.get(1)).isNotEqualTo(digests.get(0));
    }

    private static long digestAfterTwo(Log log) {
        KvStateMachine machine = fresh();
        machine.apply(log.after(0).subList(0, 2));
        return machine.historyDigest();
    }

    @Test
    @DisplayName("O5: members of different releases must agree on it, so it never changes")
    void digestOfAKnownLogIsPinned() {
        Log log = new Log();
        log.append(Entry.Kind.NO_OP, new byte[0]);
        log.append(Log.put("key", "a value of more than eight bytes"));
        log.append(Log.delete("key"));
        log.append(new Command.Compact(100, false));
        assertThat(Long.toHexString(digestOf(log))).isEqualTo("a0e848b7f6d1e6a9");
    }

    @Test
    @DisplayName("a comparison tells this member's own digest, changes nothing by its outcome, and knows what it knows")
    void comparisonTellsOwnDigest() {
        Log log = new Log();
        KvStateMachine machine = fresh();
        for (int i = 0; i < 64; i++) {
            log.apply(machine, Log.put("k" + i, "v"));
        }
        long digest = machine.newestCheckpoint().digestAt(64);
        assertThat(machine.historyDigest()).isEqualTo(digest);
        var equal = (CommandResult.DigestChecked) log.apply(machine, new Command.CheckDigest(64, digest));
        assertThat(equal.isDifferent()).isFalse();
        assertThat(equal.own()).isEqualTo(digest);
        var different = (CommandResult.DigestChecked) log.apply(machine, new Command.CheckDigest(64, digest + 1));
        assertThat(different.isDifferent()).isTrue();
        var unknown = (CommandResult.DigestChecked) log.apply(machine, new Command.CheckDigest(63, digest));
        assertThat(unknown.own()).isNull();
        assertThat(machine.revision()).isEqualTo(65);
    }

    @Test
    @DisplayName("one run may hold the index and the comparison; the oldest checkpoints make room")
    void ringKeepsTheNewest() {
        Log log = new Log();
        for (int i = 0; i < 64 * 1_030; i++) {
            log.append(Entry.Kind.NO_OP, new byte[0]);
        }
        log.append(new Command.CheckDigest(64 * 1_030, 1));
        KvStateMachine machine = fresh();
        List<Applied> outcomes = machine.apply(log.after(0));
        var check = (CommandResult.DigestChecked)
                Objects.requireNonNull(outcomes.get(outcomes.size() - 1).result());
        assertThat(check.own()).isEqualTo(machine.newestCheckpoint().digestAt(64 * 1_030));
        assertThat(machine.checkpoints().indexes())
                .hasSize(1_024)
                .startsWith(64 * 7)
                .endsWith(64 * 1_030);
    }

    @Test
    @DisplayName("D27: the mark of a state in doubt survives a power cut, and goes when it is taken back")
    void markSurvivesACrash() {
        MemoryEngine engine = MemoryEngine.inMemory();
        KvStateMachine machine = KvStateMachine.open(engine, Log.THREE);
        machine.mark(new Divergence(64, 128));
        engine = engine.crash();
        machine = KvStateMachine.open(engine, Log.THREE);
        assertThat(machine.divergence()).isEqualTo(new Divergence(64, 128));
        machine.mark(null);
        assertThat(KvStateMachine.open(engine.crash(), Log.THREE).divergence()).isNull();
    }
}
