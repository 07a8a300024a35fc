package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.HashAnswer;
import io.axolotl.storage.mvcc.Refusal;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** MT-4. The numbers were seen on etcd 3.4.23 after the same calls. */
class HashKvContractTest extends StoreFixture {
    private HashAnswer.Hashed hashed(long revision) {
        return (HashAnswer.Hashed) store.hash(revision);
    }

    private long hash() {
        return Integer.toUnsignedLong(hashed(0).crc32c());
    }

    @Test
    @DisplayName("MT-4 the hash is etcd's, at every stage of compaction")
    void theHashIsEtcds() {
        put("a", "1");
        put("a", "2");
        put("b", "1");
        delete("a");
        assertThat(hashed(0)).isEqualTo(new HashAnswer.Hashed((int) 475587494L, 5, 5, -1));
        compact(3);
        assertThat(hash()).isEqualTo(1010904130L);
        compact(5);
        assertThat(hash()).isEqualTo(3584256279L);
        put("c", "1");
        assertThat(hash()).isEqualTo(2470506820L);
        removeHistory();
        assertThat(hash()).as("after removal").isEqualTo(2470506820L);
    }

    @Test
    @DisplayName("MT-4 the hash through an older revision does not change with what comes later")
    void laterChangesDoNotCount() {
        put("a", "1");
        delete("a");
        put("b", "1");
        long then = hash();
        put("a", "2");
        delete("b");
        assertThat(Integer.toUnsignedLong(hashed(4).crc32c())).isEqualTo(then);
        assertThat(hashed(4)).isEqualTo(new HashAnswer.Hashed((int) then, 6, 4, -1));
    }

    @Test
    @DisplayName("MT-4 below the floor is compacted, the floor itself can be hashed (3.6), above is the future")
    void revisionsOutOfReachAreRefused() {
        put("a", "1");
        put("a", "2");
        put("a", "3");
        compact(3);
        assertThat(store.hash(2)).isEqualTo(new HashAnswer.Refused(Refusal.COMPACTED));
        assertThat(hashed(3)).extracting(HashAnswer.Hashed::hashRevision).isEqualTo(3L);
        assertThat(store.hash(5)).isEqualTo(new HashAnswer.Refused(Refusal.FUTURE_REVISION));
    }

    @Test
    @DisplayName("MT-4 an empty store has a hash")
    void anEmptyStoreHasAHash() {
        assertThat(hashed(0)).isEqualTo(new HashAnswer.Hashed(hashed(0).crc32c(), 1, 1, -1));
    }

    @Test
    @DisplayName("MT-4 a value, a key and a lease that differ make another hash")
    void differencesShow() {
        Set<Integer> seen = new TreeSet<>();
        for (Command.Put put : List.of(Log.put("a", "1"), Log.put("a", "2"), Log.put("b", "1"), Log.put("a", ""))) {
            KvStateMachine other = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
            new Log().apply(other, put);
            seen.add(((HashAnswer.Hashed) other.hash(0)).crc32c());
        }
        assertThat(seen).hasSize(4);
    }

    @Provide
    Arbitrary<List<Command>> histories() {
        return CommandArbitraries.commands().list().ofMaxSize(60);
    }

    @Property(tries = 150)
    @Label("MT-4, TX-12 members hash alike, however far each has come with removal, and whatever revision is asked")
    void membersHashAlike(@ForAll("histories") List<Command> history) {
        KvStateMachine eager = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        KvStateMachine lazy = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        Log entries = new Log();
        history.forEach(entries::append);
        entries.after(0).forEach(entry -> {
            eager.apply(List.of(entry));
            boolean isMoreLeft = true;
            while (isMoreLeft) {
                isMoreLeft = eager.compactStep(7);
            }
        });
        lazy.apply(entries.after(0));
        for (long revision = 0; revision <= lazy.revision(); revision++) {
            assertThat(eager.hash(revision)).isEqualTo(lazy.hash(revision));
        }
        eager.close();
        lazy.close();
    }
}
