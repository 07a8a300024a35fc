package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.statemachine.KvStateMachine.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a run may hold in memory, whatever the commands in it ask for. */
class RunBoundsTest extends StoreFixture {
    /** Each of these answers this much to its caller, if somebody waits. */
    private static final int ANSWER_BYTES = 1 << 20;

    private static final int READS = 3_000;

    private List<Entry> manyReadsOfMuch() {
        put("big", "x".repeat(ANSWER_BYTES));
        return IntStream.range(0, READS)
                .mapToObj(i -> log.append(always(Log.put("k" + i, "v"), read("big"))))
                .toList();
    }

    @Test
    @DisplayName("replay holds no results: 3,000 transactions that read 1 MiB each are one run, and fit in any heap")
    void resultsThatNobodyAwaitsAreNotBuilt() {
        List<Entry> entries = manyReadsOfMuch();
        List<Applied> outcomes = store.apply(entries, id -> false);
        assertThat(outcomes).hasSize(READS).allMatch(outcome -> outcome.result() == null);
        assertThat(outcomes.get(0).requestId()).isNotNull();
        assertThat(store.applied()).isEqualTo(entries.get(READS - 1).id());
        assertThat(store.liveKeys()).isEqualTo(READS + 1);
    }

    @Test
    @DisplayName("pitfall 48 a run ends when its results grow large, and what was written is the state of that prefix")
    void runEndsWhenItsResultsGrowLarge() {
        List<Entry> entries = manyReadsOfMuch();
        int done = 0;
        while (done < READS) {
            List<Applied> outcomes = store.apply(entries.subList(done, READS), id -> true);
            assertThat(outcomes).hasSizeBetween(1, (int) (Limits.DEFAULT.runBytes() / ANSWER_BYTES));
            done += outcomes.size();
            assertThat(store.applied()).isEqualTo(entries.get(done - 1).id());
            assertThat(store.liveKeys()).isEqualTo(done + 1);
        }
    }

    @Test
    @DisplayName("a run ends when its changes grow large")
    void runEndsWhenItsChangesGrowLarge() {
        List<Entry> entries = IntStream.range(0, 20)
                .mapToObj(i -> log.append(Log.put("k" + i, "x".repeat(ANSWER_BYTES))))
                .toList();
        assertThat(store.apply(entries, id -> false)).hasSize((int) (Limits.DEFAULT.runBytes() / ANSWER_BYTES));
    }

    @Test
    @DisplayName("pitfall 50 who awaits which result shows in nothing but that result")
    void whoAwaitsResultsShowsInNothingElse() {
        List<Entry> entries = new ArrayList<>();
        entries.add(log.append(Log.put("a", "1")));
        entries.add(log.append(new Command.Put(bytes("a"), NOTHING, 0, true, true, false)));
        entries.add(log.append(always(
                read("a"),
                new Command.DeleteRange(bytes("a"), NOTHING, true),
                txn(
                        List.of(),
                        List.of(new Command.Range(RangeQuery.ofRange(OPEN, OPEN)), Log.put("b", "2")),
                        List.of()))));
        entries.add(log.append(new Command.DeleteRange(OPEN, OPEN, true)));
        entries.add(log.append(new Command.Put(bytes("none"), NOTHING, 0, true, true, false)));
        List<Applied> all = store.apply(entries, id -> true);
        KvStateMachine other = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        List<Applied> some = other.apply(entries, id -> id.number() % 2 == 0);
        assertThat(all).allMatch(outcome -> outcome.result() != null);
        assertThat(some.stream().map(outcome -> outcome.result() != null))
                .containsExactly(false, true, false, true, false);
        CommandResult.DeleteRange delete =
                (CommandResult.DeleteRange) Objects.requireNonNull(some.get(3).result());
        assertThat(keys(delete.previous())).containsExactly("b");
        assertThat(other.digest()).isEqualTo(store.digest());
    }
}
