package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.RangeQuery.SortOrder;
import io.axolotl.storage.mvcc.RangeQuery.SortTarget;
import io.axolotl.storage.mvcc.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A store in memory, with the words that contract tests are told in. */
abstract class StoreFixture {
    static final byte[] NOTHING = {};
    static final byte[] OPEN = {0};

    final Log log = new Log();
    MemoryEngine engine = MemoryEngine.inMemory();
    KvStateMachine store = KvStateMachine.open(engine, Log.THREE);

    CommandResult apply(Command command) {
        return log.apply(store, command);
    }

    /** Returns the revision of the put. */
    long put(String key, String value) {
        return ((CommandResult.Put) apply(Log.put(key, value))).revision();
    }

    CommandResult.DeleteRange delete(String key) {
        return (CommandResult.DeleteRange) apply(Log.delete(key));
    }

    CommandResult.DeleteRange delete(String key, String end) {
        return (CommandResult.DeleteRange) apply(Log.delete(key, end));
    }

    void compact(long revision) {
        assertThat(apply(new Command.Compact(revision, false))).isInstanceOf(CommandResult.Compacted.class);
    }

    void removeHistory() {
        while (store.compactStep(3)) {
            assertThat(store.revision()).isPositive();
        }
    }

    /** Crashes, and comes back with what was flushed. */
    void crash() {
        engine = engine.crash();
        store = KvStateMachine.open(engine, Log.THREE);
    }

    void replay() {
        store.apply(log.after(store.applied().index()));
    }

    RangeAnswer.Found found(RangeQuery query) {
        return (RangeAnswer.Found) store.range(query);
    }

    RangeAnswer.Found all() {
        return found(RangeQuery.ofRange(OPEN, OPEN));
    }

    KeyValue get(String key) {
        RangeAnswer.Found found = found(RangeQuery.ofKey(bytes(key)));
        assertThat(found.kvs()).as(key).hasSize(1);
        return found.kvs().get(0);
    }

    RangeAnswer at(String key, long revision) {
        return store.range(query(bytes(key), NOTHING, 0, revision, SortOrder.NONE, SortTarget.KEY));
    }

    static RangeQuery query(byte[] key, byte[] end, long limit, long revision, SortOrder order, SortTarget target) {
        return new RangeQuery(key, end, limit, revision, order, target, false, false, 0, 0, 0, 0);
    }

    static RangeQuery everything(long limit, SortOrder order, SortTarget target) {
        return query(OPEN, OPEN, limit, 0, order, target);
    }

    static List<String> keys(RangeAnswer.Found found) {
        return found.kvs().stream().map(kv -> text(kv.key())).toList();
    }

    static List<String> keys(List<KeyValue> kvs) {
        return kvs.stream().map(kv -> text(kv.key())).toList();
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static CommandResult refused(Refusal why) {
        return new CommandResult.Refused(why);
    }

    static RangeAnswer notRead(Refusal why) {
        return new RangeAnswer.Refused(why);
    }

    static Command.Txn txn(List<Command.Compare> compares, List<Command.Op> success, List<Command.Op> failure) {
        return new Command.Txn(compares, success, failure);
    }

    static Command.Txn always(Command.Op... ops) {
        return txn(List.of(), List.of(ops), List.of());
    }

    static Command.Compare compare(String key, Command.Operator operator, Command.Target target, long number) {
        return new Command.Compare(bytes(key), NOTHING, operator, target, number, NOTHING);
    }

    static Command.Compare compareValue(String key, Command.Operator operator, String value) {
        return new Command.Compare(bytes(key), NOTHING, operator, Command.Target.VALUE, 0, bytes(value));
    }

    static Command.Range read(String key) {
        return new Command.Range(RangeQuery.ofKey(bytes(key)));
    }

    static Command.Range readAt(String key, long revision) {
        return new Command.Range(query(bytes(key), NOTHING, 0, revision, SortOrder.NONE, SortTarget.KEY));
    }
}
