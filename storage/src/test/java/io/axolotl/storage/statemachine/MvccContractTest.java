package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.1. */
class MvccContractTest extends StoreFixture {
    @Test
    @DisplayName("MV-1 a fresh store is at revision 1, the first change gives 2")
    void freshStoreIsAtRevisionOne() {
        assertThat(store.revision()).isEqualTo(1);
        assertThat(put("a", "1")).isEqualTo(2);
        assertThat(store.revision()).isEqualTo(2);
    }

    @Test
    @DisplayName("MV-2 each changing command takes exactly one revision, however many keys it changes")
    void changingCommandTakesOneRevision() {
        put("a", "1");
        apply(always(Log.put("b", "1"), Log.put("c", "1"), Log.delete("a")));
        assertThat(store.revision()).isEqualTo(3);
        assertThat(delete("a", "z").revision()).isEqualTo(4);
        assertThat(store.revision()).isEqualTo(4);
    }

    @Test
    @DisplayName("MV-3 what changes nothing takes no revision")
    void commandWithoutEffectTakesNoRevision() {
        put("a", "1");
        delete("x");
        delete("x", "y");
        apply(always(read("a"), Log.delete("x")));
        apply(new Command.Compact(2, false));
        apply(new Command.PublishMember(1, "one", List.of(), List.of(), null));
        assertThat(store.revision()).isEqualTo(2);
        assertThat(put("a", "2")).isEqualTo(3);
    }

    @Test
    @DisplayName("MV-4 create revision and version begin anew after a delete")
    void generationEndsWithDelete() {
        put("a", "1");
        put("b", "1");
        put("a", "2");
        KeyValue second = get("a");
        assertThat(second.createRevision()).isEqualTo(2);
        assertThat(second.modRevision()).isEqualTo(4);
        assertThat(second.version()).isEqualTo(2);
        delete("a");
        put("a", "3");
        KeyValue reborn = get("a");
        assertThat(reborn.createRevision()).isEqualTo(6);
        assertThat(reborn.modRevision()).isEqualTo(6);
        assertThat(reborn.version()).isEqualTo(1);
    }

    @Test
    @DisplayName("MV-6, A12 the revision never goes back over a restart, also right after a compaction")
    void revisionSurvivesRestart() {
        put("a", "1");
        put("a", "2");
        delete("a");
        compact(4);
        store.flush();
        crash();
        assertThat(store.revision()).isEqualTo(4);
        assertThat(store.compactRevision()).isEqualTo(4);
        removeHistory();
        store.flush();
        crash();
        assertThat(store.revision()).isEqualTo(4);
        assertThat(put("a", "3")).isEqualTo(5);
    }

    @Test
    @DisplayName("MV-7 order is that of unsigned bytes, and empty values are legal")
    void orderIsUnsigned() {
        for (int b : new int[] {0xff, 0x00, 0x7f, 0x80}) {
            apply(new Command.Put(new byte[] {(byte) b}, NOTHING, 0, false, false, false));
        }
        assertThat(all().kvs().stream().map(kv -> kv.key()[0] & 0xff)).containsExactly(0x00, 0x7f, 0x80, 0xff);
        assertThat(all().kvs()).allMatch(kv -> kv.value().length == 0);
    }

    @Test
    @DisplayName("MV-7 values of every size around the inline limit come back whole, now and later")
    void valuesOfEverySizeComeBack() {
        for (int size : new int[] {0, 1, 511, 512, 513, 100_000}) {
            byte[] value = new byte[size];
            Arrays.fill(value, (byte) 7);
            apply(new Command.Put(bytes("k"), value, 0, false, false, false));
            assertThat(get("k").value()).isEqualTo(value);
            assertThat(found(RangeQuery.ofRange(OPEN, OPEN)).kvs().get(0).value())
                    .isEqualTo(value);
            long revision = store.revision();
            put("k", "other");
            assertThat(((RangeAnswer.Found) at("k", revision)).kvs().get(0).value())
                    .isEqualTo(value);
        }
    }
}
