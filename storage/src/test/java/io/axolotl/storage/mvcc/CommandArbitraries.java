package io.axolotl.storage.mvcc;

import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.identity.StoreId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random commands over few keys and revisions, so that they meet. */
public final class CommandArbitraries {
    private static final byte[] OPEN = {0};
    private static final byte[] NONE = {};

    private CommandArbitraries() {}

    /** Keys of one to two letters, one byte of them negative as a Java byte. */
    public static Arbitrary<byte[]> keys() {
        return Arbitraries.of("a", "aa", "ab", "b", "ba", "c", "\u00ff", "d")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Arbitrary<byte[]> rangeEnds() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(NONE)), Tuple.of(1, Arbitraries.just(OPEN)), Tuple.of(3, keys()));
    }

    /** Small values, and some around and beyond what is kept inline. */
    public static Arbitrary<byte[]> values() {
        return Arbitraries.frequencyOf(
                Tuple.of(
                        6,
                        Arbitraries.strings()
                                .alpha()
                                .ofMaxLength(3)
                                .map(text -> text.getBytes(StandardCharsets.UTF_8))),
                Tuple.of(
                        1,
                        Combinators.combine(Arbitraries.of(511, 512, 513, 2000), Arbitraries.bytes())
                                .as((size, fill) -> {
                                    byte[] value = new byte[size];
                                    Arrays.fill(value, fill);
                                    return value;
                                })));
    }

    public static Arbitrary<Command.Put> puts() {
        Arbitrary<Boolean> rarely = Arbitraries.of(false, false, false, true);
        return Combinators.combine(keys(), values(), Arbitraries.of(0L, 0L, 0L, 0L, 0L, 0L, 9L), rarely, rarely, rarely)
                .as((key, value, lease, prevKv, ignoreValue, ignoreLease) -> new Command.Put(
                        key, ignoreValue ? NONE : value, ignoreLease ? 0 : lease, prevKv, ignoreValue, ignoreLease));
    }

    public static Arbitrary<Command.DeleteRange> deletes() {
        return Combinators.combine(keys(), rangeEnds(), Arbitraries.of(true, false))
                .as(Command.DeleteRange::new);
    }

    public static Arbitrary<RangeQuery> queries() {
        Arbitrary<Long> limits = Arbitraries.longs().between(0, 4);
        Arbitrary<Long> revisions = Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(0L)),
                Tuple.of(3, Arbitraries.longs().between(1, 60)));
        Arbitrary<Long> filters = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.just(0L)),
                Tuple.of(1, Arbitraries.longs().between(1, 40)));
        Arbitrary<RangeQuery> plain = Combinators.combine(
                        keys(),
                        rangeEnds(),
                        limits,
                        revisions,
                        Arbitraries.of(RangeQuery.SortOrder.values()),
                        Arbitraries.of(RangeQuery.SortTarget.values()),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false, false, false))
                .as((key, end, limit, revision, order, target, keysOnly, countOnly) ->
                        new RangeQuery(key, end, limit, revision, order, target, keysOnly, countOnly, 0, 0, 0, 0));
        return Combinators.combine(plain, filters, filters, filters, filters)
                .as((q, minMod, maxMod, minCreate, maxCreate) -> new RangeQuery(
                        q.key(),
                        q.rangeEnd(),
                        q.limit(),
                        q.revision(),
                        q.sortOrder(),
                        q.sortTarget(),
                        q.isKeysOnly(),
                        q.isCountOnly(),
                        minMod,
                        maxMod,
                        minCreate,
                        maxCreate));
    }

    public static Arbitrary<Command.Compare> compares() {
        return Combinators.combine(
                        keys(),
                        rangeEnds(),
                        Arbitraries.of(Command.Operator.values()),
                        Arbitraries.of(Command.Target.values()),
                        Arbitraries.longs().between(0, 20),
                        values())
                .as((key, end, operator, target, number, value) -> {
                    boolean isValue = target == Command.Target.VALUE;
                    return new Command.Compare(
                            key, end, operator, target, isValue ? 0 : number, isValue ? value : NONE);
                });
    }

    /** Transactions up to this many levels deep. */
    public static Arbitrary<Command.Txn> txns(int depth) {
        Arbitrary<Command.Op> simple = Arbitraries.frequencyOf(
                Tuple.of(3, puts().map(op -> (Command.Op) op)),
                Tuple.of(2, deletes().map(op -> (Command.Op) op)),
                Tuple.of(2, queries().map(query -> (Command.Op) new Command.Range(query))));
        Arbitrary<Command.Op> ops = depth <= 1
                ? simple
                : Arbitraries.frequencyOf(
                        Tuple.of(4, simple), Tuple.of(1, txns(depth - 1).map(op -> (Command.Op) op)));
        Arbitrary<List<Command.Op>> lists = ops.list().ofMaxSize(4);
        return Combinators.combine(compares().list().ofMaxSize(2), lists, lists).as(Command.Txn::new);
    }

    /** Everything that changes keys or history. */
    public static Arbitrary<Command> commands() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, puts().map(command -> (Command) command)),
                Tuple.of(4, deletes().map(command -> (Command) command)),
                Tuple.of(4, txns(3).map(command -> (Command) command)),
                Tuple.of(1, Arbitraries.longs().between(0, 40).map(revision ->
                        (Command) new Command.Compact(revision, false))));
    }

    /** Everything that raises or disarms an alarm. */
    public static Arbitrary<Command> ofAlarms() {
        return Combinators.combine(Arbitraries.longs(), Arbitraries.of(AlarmKind.values()), Arbitraries.of(true, false))
                .as((id, kind, isRaise) -> isRaise
                        ? new Command.RaiseAlarm(new Alarm(id, kind))
                        : new Command.DisarmAlarm(new Alarm(id, kind)));
    }

    /** Everything that changes or tells who is a member, with few ids and URLs, so that they meet. */
    public static Arbitrary<Command> ofMembers() {
        Arbitrary<Long> ids = Arbitraries.longs().between(1, 6);
        Arbitrary<List<String>> urls = Arbitraries.of("http://a:1", "http://b:1", "http://c:1", "http://d:1")
                .list()
                .ofMaxSize(2);
        return Arbitraries.oneOf(
                Combinators.combine(ids, urls, Arbitraries.of(true, false), Arbitraries.of(true, false))
                        .as((id, peers, isLearner, isStandby) ->
                                (Command) new Command.AddMember(id, peers, isLearner, isStandby, 2)),
                ids.map(Command.RemoveMember::new),
                ids.map(Command.PromoteMember::new),
                Combinators.combine(ids, urls).as(Command.UpdateMember::new),
                Combinators.combine(ids, urls, Arbitraries.of(true, false))
                        .as((id, clients, tells) -> new Command.PublishMember(
                                id, "n" + id, List.of(), clients, tells ? new StoreId(id, 1) : null)));
    }
}
