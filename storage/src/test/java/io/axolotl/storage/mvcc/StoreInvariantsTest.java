package io.axolotl.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.StoreState.Pass;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a store must never go back on (I6), broken in the memory of a run that is under way. */
class StoreInvariantsTest {
    private static final StoreState NOW = new StoreState(new EntryId(2, 9), 50, 40, 30, Pass.NONE, 5, 7, 60, 0);

    private final MemoryEngine engine = MemoryEngine.inMemory();
    private final MvccStore store = MvccStore.open(engine, 1 << 20, 1_000, txn -> {});

    private static StoreState next(long index, long revision, long compact, long compacted) {
        return new StoreState(new EntryId(2, index), revision, compact, compacted, Pass.NONE, 5, 7, 60, 0);
    }

    @Test
    @DisplayName("I6: each number that goes back is refused by name, and one that stays or goes on is not")
    void eachNumberThatGoesBackIsRefused() {
        NOW.requireForwardTo(NOW);
        NOW.requireForwardTo(next(10, 51, 51, 51));
        refuses(next(8, 50, 40, 30), "the applied index never falls");
        refuses(next(10, 49, 40, 30), "the revision never falls");
        refuses(next(10, 50, 39, 30), "the compact revision never falls");
        refuses(next(10, 50, 40, 29), "removed history never comes back");
        refuses(next(10, 50, 51, 30), "only what has happened is compacted");
        refuses(next(10, 50, 40, 41), "only what is compacted is removed");
    }

    private static void refuses(StoreState after, String rule) {
        assertThatThrownBy(() -> NOW.requireForwardTo(after))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("broken invariant: " + rule + " (I6)")
                .hasMessageContaining(after.toString());
    }

    @Test
    @DisplayName("I6: a run that would take revision or compact revision back is not written")
    void aRunThatGoesBackIsNotWritten() throws ReflectiveOperationException {
        WriteTxn first = store.begin();
        for (int i = 0; i < 3; i++) {
            first.beginCommand();
            first.put(new byte[] {1}, new byte[] {(byte) i}, 0);
            first.endCommand();
        }
        assertThat(first.compact(3)).isNull();
        store.commit(first, new EntryId(1, 1));
        byte[] told = engine.get(Space.META, MetaKeys.STATE);

        for (String field : List.of("revision", "compactRevision")) {
            WriteTxn bent = store.begin();
            set(bent, field, 2L);
            assertThatThrownBy(() -> store.commit(bent, new EntryId(1, 2)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("broken invariant: ")
                    .hasMessageContaining("never falls (I6)");
            assertThat(engine.get(Space.META, MetaKeys.STATE)).isEqualTo(told);
        }
        assertThat(store.revision()).isEqualTo(4);
        assertThat(store.compactRevision()).isEqualTo(3);
    }

    @Test
    @DisplayName("I6: and is the last of that state machine, which ends the node")
    void aRunThatGoesBackIsTheLast() throws ReflectiveOperationException {
        KvStateMachine machine = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        Log log = new Log();
        log.apply(machine, Log.put("a", "1"));
        MvccStore inside = (MvccStore) get(machine, "store");
        StoreState told = (StoreState) get(inside, "state");
        set(inside, "state", next(told.applied().index(), told.revision(), told.revision() + 9, -1));
        Entry entry = log.append(Log.put("a", "2"));
        Entry later = log.append(Log.put("a", "3"));
        Entry same = new Entry(new EntryId(2, entry.index()), entry.kind(), entry.payload());
        assertThatThrownBy(() -> machine.apply(List.of(same)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("only what has happened is compacted (I6)");
        assertThatThrownBy(() -> machine.apply(List.of(later)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("must not go on");
        machine.close();
    }

    private static Object get(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static void set(Object owner, String name, Object value) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        field.set(owner, value);
    }
}
