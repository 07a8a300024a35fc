package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.6. */
class CompactContractTest extends StoreFixture {
    private long entries(Space space) {
        long count = 0;
        try (EngineCursor cursor = engine.scan(space, new byte[0], null)) {
            while (cursor.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    @DisplayName(
            "CP-1 at or below the floor is compacted, above the current revision is the future; no revision is used")
    void floorMovesUpOnly() {
        put("a", "1");
        put("a", "2");
        assertThat(apply(new Command.Compact(4, false))).isEqualTo(refused(Refusal.FUTURE_REVISION));
        assertThat(apply(new Command.Compact(2, false))).isEqualTo(new CommandResult.Compacted(3));
        assertThat(apply(new Command.Compact(2, false))).isEqualTo(refused(Refusal.COMPACTED));
        assertThat(apply(new Command.Compact(1, false))).isEqualTo(refused(Refusal.COMPACTED));
        assertThat(store.compactRevision()).isEqualTo(2);
        assertThat(store.revision()).isEqualTo(3);
    }

    @Test
    @DisplayName("CP-2 reads below the floor fail, at and above it work; the newest version below it stays")
    void readsAtTheFloorWork() {
        put("a", "1");
        put("b", "1");
        put("a", "2");
        put("a", "3");
        compact(4);
        removeHistory();
        assertThat(at("a", 3)).isEqualTo(notRead(Refusal.COMPACTED));
        assertThat(text(((RangeAnswer.Found) at("a", 4)).kvs().get(0).value())).isEqualTo("2");
        assertThat(text(((RangeAnswer.Found) at("b", 4)).kvs().get(0).value())).isEqualTo("1");
        assertThat(text(get("a").value())).isEqualTo("3");
        assertThat(entries(Space.REV)).as("events that are left").isEqualTo(3);
    }

    @Test
    @DisplayName("CP-2 tombstones below the floor go, key and all; the one at the floor goes with the next pass")
    void tombstonesGo() {
        put("a", "1");
        delete("a");
        put("b", "1");
        delete("b");
        compact(5);
        removeHistory();
        assertThat(entries(Space.IDX)).isEqualTo(1);
        assertThat(entries(Space.REV)).isEqualTo(1);
        put("c", "1");
        compact(6);
        removeHistory();
        assertThat(entries(Space.IDX)).isEqualTo(1);
        assertThat(entries(Space.REV)).isEqualTo(1);
        assertThat(put("a", "2")).isEqualTo(7);
        assertThat(get("a").version()).isEqualTo(1);
    }

    @Test
    @DisplayName("CP-2 a key that was deleted and put again keeps its second life")
    void rebornKeyStays() {
        put("a", "1");
        delete("a");
        put("a", "2");
        compact(3);
        put("a", "3");
        removeHistory();
        assertThat(text(((RangeAnswer.Found) at("a", 4)).kvs().get(0).value())).isEqualTo("2");
        compact(5);
        removeHistory();
        assertThat(entries(Space.REV)).isEqualTo(1);
        assertThat(get("a").version()).isEqualTo(2);
    }

    @Test
    @DisplayName("CP-3 a physical compaction is told once history is gone, and not before")
    void physicalCompactionIsToldWhenDone() {
        for (int i = 0; i < 20; i++) {
            put("a", "v" + i);
        }
        compact(15);
        List<String> told = new ArrayList<>();
        store.whenRemoved(15, () -> told.add("15"));
        store.compactStep(4);
        assertThat(told).isEmpty();
        removeHistory();
        assertThat(told).containsExactly("15");
        store.whenRemoved(15, () -> told.add("at once"));
        assertThat(told).containsExactly("15", "at once");
    }

    @Test
    @DisplayName("A12 a pass that a crash interrupts goes on where its last durable step ended")
    void passResumesAfterCrash() {
        for (int i = 0; i < 30; i++) {
            put("k" + i % 3, "v" + i);
            if (i % 5 == 0) {
                delete("k" + i % 3);
            }
        }
        long floor = store.revision() - 2;
        compact(floor);
        store.flush();
        store.compactStep(7);
        store.flush();
        store.compactStep(7);
        crash();
        removeHistory();
        long left = entries(Space.REV);
        Log fresh = new Log();
        KvStateMachine undisturbed = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        log.after(0).forEach(entry -> fresh.append(entry.kind(), entry.payload()));
        undisturbed.apply(fresh.after(0));
        assertThat(store.digest()).isEqualTo(undisturbed.digest());
        assertThat(left).isLessThan(10);
    }

    @Test
    @DisplayName("CP-2 a floor that moves during a pass is worked off by the next")
    void secondFloorDuringAPass() {
        for (int i = 0; i < 20; i++) {
            put("a", "v" + i);
        }
        compact(10);
        store.compactStep(2);
        compact(18);
        removeHistory();
        assertThat(entries(Space.REV)).isEqualTo(4);
        assertThat(at("a", 17)).isEqualTo(notRead(Refusal.COMPACTED));
        assertThat(text(((RangeAnswer.Found) at("a", 18)).kvs().get(0).value())).isEqualTo("v16");
        assertThat(apply(new Command.Put(bytes("a"), bytes("x"), 0, false, false, false)))
                .isInstanceOf(CommandResult.Put.class);
    }
}
