package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.Command.Operator;
import io.axolotl.storage.command.Command.Target;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.Refusal;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.5. TX-7 to TX-9 are checked before a command is proposed. */
class TxnContractTest extends StoreFixture {
    private boolean holds(Command.Compare... compares) {
        CommandResult.Txn result = (CommandResult.Txn) apply(txn(List.of(compares), List.of(), List.of()));
        return result.succeeded();
    }

    @Test
    @DisplayName("TX-1 compares are ANDed, none is true, and the chosen list runs")
    void comparesChooseTheList() {
        put("a", "1");
        assertThat(holds()).isTrue();
        Command.Compare yes = compare("a", Operator.EQUAL, Target.VERSION, 1);
        Command.Compare no = compare("a", Operator.EQUAL, Target.VERSION, 2);
        assertThat(holds(yes)).isTrue();
        assertThat(holds(yes, no)).isFalse();
        apply(txn(List.of(no), List.of(Log.put("x", "then")), List.of(Log.put("x", "else"))));
        assertThat(text(get("x").value())).isEqualTo("else");
    }

    @Test
    @DisplayName("TX-2 stored operator given, for each target")
    void comparesStoredWithGiven() {
        put("a", "5");
        put("a", "5");
        assertThat(holds(compare("a", Operator.GREATER, Target.VERSION, 1))).isTrue();
        assertThat(holds(compare("a", Operator.GREATER, Target.VERSION, 2))).isFalse();
        assertThat(holds(compare("a", Operator.EQUAL, Target.CREATE, 2))).isTrue();
        assertThat(holds(compare("a", Operator.LESS, Target.MOD, 4))).isTrue();
        assertThat(holds(compare("a", Operator.LESS, Target.MOD, 3))).isFalse();
        assertThat(holds(compare("a", Operator.NOT_EQUAL, Target.LEASE, 0))).isFalse();
        assertThat(holds(compareValue("a", Operator.EQUAL, "5"))).isTrue();
        assertThat(holds(compareValue("a", Operator.GREATER, "4"))).isTrue();
        assertThat(holds(compareValue("a", Operator.LESS, "4"))).isFalse();
    }

    @Test
    @DisplayName("TX-2 an absent key is all zeros, but a compare of its value is always false")
    void absentKeyIsZeros() {
        assertThat(holds(compare("x", Operator.EQUAL, Target.CREATE, 0))).isTrue();
        assertThat(holds(compare("x", Operator.LESS, Target.VERSION, 1))).isTrue();
        for (Operator operator : Operator.values()) {
            assertThat(holds(compareValue("x", operator, "1")))
                    .as("%s", operator)
                    .isFalse();
            assertThat(holds(compareValue("x", operator, "")))
                    .as("%s", operator)
                    .isFalse();
        }
        put("x", "1");
        delete("x");
        assertThat(holds(compare("x", Operator.EQUAL, Target.MOD, 0))).isTrue();
        assertThat(holds(compareValue("x", Operator.NOT_EQUAL, "2"))).isFalse();
    }

    @Test
    @DisplayName("TX-3 with a range the compare must hold for every key, and on no key as TX-2 says")
    void rangeCompareHoldsForAll() {
        put("a", "1");
        put("b", "2");
        put("c", "1");
        delete("c");
        assertThat(holds(rangeCompare("a", "z", Operator.EQUAL, Target.VERSION, 1)))
                .isTrue();
        assertThat(holds(rangeCompare("a", "z", Operator.LESS, Target.CREATE, 3)))
                .isFalse();
        assertThat(holds(rangeCompare("x", "z", Operator.EQUAL, Target.CREATE, 0)))
                .isTrue();
        assertThat(holds(rangeCompare("z", "a", Operator.EQUAL, Target.CREATE, 0)))
                .isTrue();
        assertThat(holds(new Command.Compare(bytes("x"), bytes("z"), Operator.NOT_EQUAL, Target.VALUE, 0, bytes("1"))))
                .isFalse();
    }

    private static Command.Compare rangeCompare(String key, String end, Operator operator, Target target, long number) {
        return new Command.Compare(bytes(key), bytes(end), operator, target, number, NOTHING);
    }

    @Test
    @DisplayName("TX-5 compares of nested transactions see the state before the outermost one")
    void nestedComparesSeeThePreState() {
        Command.Txn nested = txn(
                List.of(compare("a", Operator.EQUAL, Target.VERSION, 0)),
                List.of(Log.put("seen", "absent")),
                List.of(Log.put("seen", "present")));
        apply(always(Log.put("a", "1"), nested));
        assertThat(text(get("seen").value())).isEqualTo("absent");
        assertThat(store.revision()).isEqualTo(2);
    }

    @Test
    @DisplayName("TX-5 later reads see earlier writes; inner headers carry the revision in progress")
    void laterReadsSeeEarlierWrites() {
        put("a", "1");
        CommandResult.Txn result = (CommandResult.Txn) apply(always(
                read("a"),
                Log.put("a", "2"),
                read("a"),
                new Command.DeleteRange(OPEN, OPEN, true),
                new Command.Range(RangeQuery.ofRange(OPEN, OPEN)),
                readAt("a", 2)));
        CommandResult.Range before = (CommandResult.Range) result.responses().get(0);
        assertThat(before.answer().revision()).isEqualTo(2);
        CommandResult.Put put = (CommandResult.Put) result.responses().get(1);
        assertThat(put.revision()).isEqualTo(3);
        CommandResult.Range after = (CommandResult.Range) result.responses().get(2);
        assertThat(after.answer().revision()).isEqualTo(3);
        assertThat(text(after.answer().kvs().get(0).value())).isEqualTo("2");
        CommandResult.DeleteRange gone =
                (CommandResult.DeleteRange) result.responses().get(3);
        assertThat(text(gone.previous().get(0).value())).isEqualTo("2");
        assertThat(((CommandResult.Range) result.responses().get(4)).answer().count())
                .isZero();
        CommandResult.Range old = (CommandResult.Range) result.responses().get(5);
        assertThat(text(old.answer().kvs().get(0).value())).isEqualTo("1");
    }

    @Test
    @DisplayName("TX-6 the header is the begin revision, one more if anything changed")
    void headerRevisionMovesByOneAtMost() {
        assertThat(((CommandResult.Txn) apply(always(read("a")))).revision()).isEqualTo(1);
        assertThat(((CommandResult.Txn) apply(always(Log.delete("a")))).revision())
                .isEqualTo(1);
        assertThat(((CommandResult.Txn) apply(always(Log.put("a", "1"), Log.put("b", "1")))).revision())
                .isEqualTo(2);
        assertThat(get("a").modRevision()).isEqualTo(get("b").modRevision());
    }

    @Test
    @DisplayName("TX-10 a failing check refuses the whole transaction, and nothing of it is applied")
    void failingCheckAppliesNothing() {
        put("a", "1");
        put("a", "2");
        compact(3);
        Command.Put keep = new Command.Put(bytes("none"), NOTHING, 0, false, true, false);
        Command.Put leased = new Command.Put(bytes("b"), bytes("1"), 5, false, false, false);
        assertThat(apply(always(Log.put("x", "1"), readAt("a", 2)))).isEqualTo(refused(Refusal.COMPACTED));
        assertThat(apply(always(Log.put("x", "1"), readAt("a", 4)))).isEqualTo(refused(Refusal.FUTURE_REVISION));
        assertThat(apply(always(Log.put("x", "1"), keep))).isEqualTo(refused(Refusal.KEY_NOT_FOUND));
        assertThat(apply(always(Log.put("x", "1"), leased))).isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
        assertThat(apply(always(Log.put("x", "1"), always(readAt("a", 4)))))
                .as("nested")
                .isEqualTo(refused(Refusal.FUTURE_REVISION));
        assertThat(store.revision()).isEqualTo(3);
        assertThat(keys(all())).containsExactly("a");
    }

    @Test
    @DisplayName("TX-10 what is not on the chosen path is not checked")
    void otherPathIsNotChecked() {
        apply(txn(List.of(), List.of(Log.put("a", "1")), List.of(readAt("a", 99))));
        assertThat(text(get("a").value())).isEqualTo("1");
    }

    @Test
    @DisplayName("TX-11 a transaction of ranges is served from a view, also of an older revision")
    void readOnlyTransactionIsServedFromAView() {
        put("a", "1");
        put("a", "2");
        CommandResult.Txn result = (CommandResult.Txn) store.readOnlyTxn(
                txn(List.of(compareValue("a", Operator.EQUAL, "2")), List.of(readAt("a", 2), read("a")), List.of()));
        assertThat(result.succeeded()).isTrue();
        assertThat(text(((CommandResult.Range) result.responses().get(0))
                        .answer()
                        .kvs()
                        .get(0)
                        .value()))
                .isEqualTo("1");
        assertThat(store.readOnlyTxn(always(readAt("a", 9)))).isEqualTo(refused(Refusal.FUTURE_REVISION));
        assertThatThrownBy(() -> store.readOnlyTxn(always(Log.put("a", "3"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read-only");
    }

    @Test
    @DisplayName("TX-12 a range in a write transaction answers by the logical floor, however far removal has come")
    void rangeInWriteTransactionIgnoresPhysicalProgress() {
        put("a", "1");
        put("a", "2");
        put("a", "3");
        compact(3);
        CommandResult before = apply(always(Log.put("x", "1"), readAt("a", 3)));
        removeHistory();
        CommandResult after = apply(always(Log.put("x", "1"), readAt("a", 3)));
        assertThat(((CommandResult.Range)
                                ((CommandResult.Txn) before).responses().get(1))
                        .answer()
                        .kvs())
                .hasSize(1);
        assertThat(((CommandResult.Range)
                                ((CommandResult.Txn) after).responses().get(1))
                        .answer()
                        .kvs())
                .hasSize(1);
        assertThat(apply(always(Log.put("x", "1"), readAt("a", 2)))).isEqualTo(refused(Refusal.COMPACTED));
    }
}
