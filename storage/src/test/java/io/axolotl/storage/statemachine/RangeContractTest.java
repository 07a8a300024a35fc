package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.RangeQuery.SortOrder;
import io.axolotl.storage.mvcc.RangeQuery.SortTarget;
import io.axolotl.storage.mvcc.Refusal;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.2. Revisions: a at 2 and 5, b at 3, c at 4 and 6. */
class RangeContractTest extends StoreFixture {
    @BeforeEach
    void putSome() {
        put("a", "9");
        put("b", "5");
        put("c", "7");
        put("a", "1");
        put("c", "3");
    }

    private RangeAnswer.Found range(String key, byte[] end) {
        return found(RangeQuery.ofRange(bytes(key), end));
    }

    @Test
    @DisplayName("RG-2 no end is one key, a zero byte is no limit, else the end is exclusive")
    void rangeEndHasThreeForms() {
        assertThat(keys(range("b", NOTHING))).containsExactly("b");
        assertThat(keys(range("x", NOTHING))).isEmpty();
        assertThat(keys(range("b", OPEN))).containsExactly("b", "c");
        assertThat(keys(range("a", bytes("c")))).containsExactly("a", "b");
        assertThat(keys(all())).containsExactly("a", "b", "c");
    }

    @Test
    @DisplayName("RG-2 an end at or before the key is empty, not an error")
    void rangeBackwardsIsEmpty() {
        assertThat(range("b", bytes("b")).count()).isZero();
        assertThat(range("b", bytes("a")).kvs()).isEmpty();
    }

    @Test
    @DisplayName("RG-3 more is true exactly if the limit cut something")
    void limitTellsMore() {
        RangeAnswer.Found two = found(everything(2, SortOrder.NONE, SortTarget.KEY));
        assertThat(keys(two)).containsExactly("a", "b");
        assertThat(two.more()).isTrue();
        RangeAnswer.Found three = found(everything(3, SortOrder.NONE, SortTarget.KEY));
        assertThat(three.kvs()).hasSize(3);
        assertThat(three.more()).isFalse();
    }

    @Test
    @DisplayName("RG-4 with an order the limit comes after sorting: limit 1 descending by MOD is the newest key")
    void limitComesAfterSorting() {
        RangeAnswer.Found newest = found(everything(1, SortOrder.DESCEND, SortTarget.MOD));
        assertThat(keys(newest)).containsExactly("c");
        assertThat(newest.more()).isTrue();
        assertThat(keys(found(everything(0, SortOrder.ASCEND, SortTarget.MOD)))).containsExactly("b", "a", "c");
        assertThat(keys(found(everything(0, SortOrder.ASCEND, SortTarget.CREATE))))
                .containsExactly("a", "b", "c");
        assertThat(keys(found(everything(2, SortOrder.DESCEND, SortTarget.KEY))))
                .containsExactly("c", "b");
        assertThat(keys(found(everything(0, SortOrder.ASCEND, SortTarget.VALUE))))
                .containsExactly("a", "c", "b");
        assertThat(keys(found(everything(1, SortOrder.ASCEND, SortTarget.VERSION))))
                .containsExactly("b");
    }

    @Test
    @DisplayName("RG-4 with a filter the limit comes after filtering")
    void limitComesAfterFiltering() {
        RangeQuery query = new RangeQuery(OPEN, OPEN, 1, 0, SortOrder.NONE, SortTarget.KEY, false, false, 6, 0, 0, 0);
        assertThat(keys(found(query))).containsExactly("c");
        assertThat(found(query).more()).isFalse();
    }

    @Test
    @DisplayName("RG-5 count knows no limit and no filter")
    void countIsOfTheWholeRange() {
        assertThat(found(everything(1, SortOrder.NONE, SortTarget.KEY)).count()).isEqualTo(3);
        RangeQuery filtered =
                new RangeQuery(OPEN, OPEN, 0, 0, SortOrder.NONE, SortTarget.KEY, false, false, 0, 3, 0, 0);
        assertThat(found(filtered).kvs()).hasSize(1);
        assertThat(found(filtered).count()).isEqualTo(3);
        delete("b");
        assertThat(all().count()).isEqualTo(2);
        assertThat(((RangeAnswer.Found) store.range(query(OPEN, OPEN, 1, 4, SortOrder.NONE, SortTarget.KEY))).count())
                .isEqualTo(3);
    }

    @Test
    @DisplayName("RG-6 count_only has no keys and no more; keys_only empties values and keeps the rest")
    void countOnlyAndKeysOnly() {
        RangeAnswer.Found counted =
                found(new RangeQuery(OPEN, OPEN, 1, 0, SortOrder.NONE, SortTarget.KEY, false, true, 0, 0, 0, 0));
        assertThat(counted).isEqualTo(new RangeAnswer.Found(6, List.of(), false, 3));
        RangeAnswer.Found bare =
                found(new RangeQuery(OPEN, OPEN, 0, 0, SortOrder.NONE, SortTarget.VALUE, true, false, 0, 0, 0, 0));
        assertThat(keys(bare)).containsExactly("a", "c", "b");
        assertThat(bare.kvs()).allMatch(kv -> kv.value().length == 0 && kv.modRevision() > 1);
    }

    @Test
    @DisplayName("RG-7 a target without an order sorts ascending, but only what the limit let through in key order")
    void targetWithoutOrderLimitsFirst() {
        // By MOD the keys are b 3, a 5, c 6. Limit 1 fetches a and b in key order, and then sorts: b.
        assertThat(keys(found(everything(1, SortOrder.NONE, SortTarget.MOD)))).containsExactly("b");
        put("b", "6");
        // Now a 5, c 6, b 7: among a and b the first is a; with ASCEND it would be a of all three.
        assertThat(keys(found(everything(1, SortOrder.NONE, SortTarget.MOD)))).containsExactly("a");
        assertThat(keys(found(everything(2, SortOrder.NONE, SortTarget.MOD)))).containsExactly("a", "c");
        put("a", "2");
        // c 6, b 7, a 8: the limit lets a and b through, and c, the oldest, is not among them.
        RangeAnswer.Found cut = found(everything(1, SortOrder.NONE, SortTarget.MOD));
        assertThat(keys(cut)).containsExactly("b");
        assertThat(cut.more()).isTrue();
        assertThat(keys(found(everything(1, SortOrder.ASCEND, SortTarget.MOD)))).containsExactly("c");
    }

    @Test
    @DisplayName("RG-8 each filter drops what is outside it, 0 is off")
    void filtersDropKeys() {
        assertThat(keys(filtered(5, 0, 0, 0))).containsExactly("a", "c");
        assertThat(keys(filtered(0, 5, 0, 0))).containsExactly("a", "b");
        assertThat(keys(filtered(0, 0, 3, 0))).containsExactly("b", "c");
        assertThat(keys(filtered(0, 0, 0, 3))).containsExactly("a", "b");
        assertThat(keys(filtered(4, 5, 2, 2))).containsExactly("a");
    }

    private RangeAnswer.Found filtered(long minMod, long maxMod, long minCreate, long maxCreate) {
        return found(new RangeQuery(
                OPEN, OPEN, 0, 0, SortOrder.NONE, SortTarget.KEY, false, false, minMod, maxMod, minCreate, maxCreate));
    }

    @Test
    @DisplayName("RG-9 old revisions are read as they were; the future and the compacted are refused")
    void oldRevisionsAreReadable() {
        RangeAnswer.Found then = (RangeAnswer.Found) at("a", 4);
        assertThat(text(then.kvs().get(0).value())).isEqualTo("9");
        assertThat(then.revision())
                .as("HD-2: the header carries the current revision")
                .isEqualTo(6);
        assertThat(((RangeAnswer.Found) at("c", 3)).count()).isZero();
        assertThat(((RangeAnswer.Found) at("a", -3)).kvs().get(0).modRevision()).isEqualTo(5);
        assertThat(at("a", 7)).isEqualTo(notRead(Refusal.FUTURE_REVISION));
        compact(4);
        assertThat(at("a", 3)).isEqualTo(notRead(Refusal.COMPACTED));
        assertThat(text(((RangeAnswer.Found) at("a", 4)).kvs().get(0).value())).isEqualTo("9");
    }

    @Test
    @DisplayName("RG-9 a key deleted at exactly the compacted revision reads as absent there")
    void tombstoneAtTheFloorReadsAsAbsent() {
        delete("b");
        compact(7);
        assertThat(((RangeAnswer.Found) at("b", 7)).count()).isZero();
        removeHistory();
        assertThat(((RangeAnswer.Found) at("b", 7)).count()).isZero();
        assertThat(all().count()).isEqualTo(2);
    }

    @Test
    @DisplayName("RG-11 the future is refused before the compacted")
    void futureIsCheckedFirst() {
        compact(6);
        assertThat(at("a", 99)).isEqualTo(notRead(Refusal.FUTURE_REVISION));
    }
}
