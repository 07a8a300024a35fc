package io.axolotl.jepsen.fuzz;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.DecodedCommand;
import io.axolotl.storage.command.MalformedCommandException;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.command.UnknownCommandException;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.RangeQuery;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** What lies in entries of the log: commands and memberships. */
final class CommandTargets {
    private static final int MAX_DEPTH = 4;

    private CommandTargets() {}

    static List<FuzzTarget> all() {
        return List.of(
                Parser.of(
                        "command",
                        random -> CommandCodec.encode(
                                new RequestId(random.nextLong(), random.nextLong()), command(random)),
                        CommandTargets::decodeTwice,
                        Set.of(MalformedCommandException.class, UnknownCommandException.class)),
                Parser.of(
                        "membership",
                        random -> membership(random).encode(),
                        Membership::decode,
                        Set.of(IllegalArgumentException.class)));
    }

    /** What was accepted can be written again, and is then accepted again. */
    private static void decodeTwice(byte[] input) {
        DecodedCommand decoded = CommandCodec.decode(input);
        RequestId id = CommandCodec.requestId(input);
        if (!id.equals(decoded.requestId())) {
            throw new AssertionError("the same bytes are of request " + id + " and of " + decoded.requestId());
        }
        CommandCodec.decode(CommandCodec.encode(id, decoded.command()));
    }

    static Membership membership(SplittableRandom random) {
        TreeSet<NodeId> voters = new TreeSet<>();
        int count = 1 + random.nextInt(7);
        for (int i = 0; i < count; i++) {
            voters.add(new NodeId(1 + random.nextLong(Long.MAX_VALUE)));
        }
        return Membership.ofVoters(voters);
    }

    static Command command(SplittableRandom random) {
        return switch (random.nextInt(15)) {
            case 0, 1 -> put(random);
            case 2 -> delete(random);
            case 3, 4 -> txn(random, 1);
            case 5 -> new Command.Compact(random.nextLong(), random.nextBoolean());
            case 6 ->
                new Command.PublishMember(
                        random.nextLong(),
                        "n" + random.nextInt(9),
                        Chance.list(random, 3, () -> Chance.url(random)),
                        Chance.list(random, 3, () -> Chance.url(random)),
                        random.nextBoolean() ? null : new StoreId(random.nextLong(), random.nextLong()));
            case 7 ->
                new Command.AddMember(
                        random.nextLong(),
                        Chance.list(random, 3, () -> Chance.url(random)),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextInt(5));
            case 8 -> new Command.RemoveMember(random.nextLong());
            case 9 -> new Command.UpdateMember(random.nextLong(), Chance.list(random, 3, () -> Chance.url(random)));
            case 10 -> new Command.CheckDigest(Chance.number(random), random.nextLong());
            case 11 -> new Command.GrantLease(random.nextLong(), Chance.number(random));
            case 12 -> new Command.ExpireLease(random.nextLong(), Chance.number(random), Chance.number(random));
            case 13 ->
                new Command.CheckpointLeases(
                        Chance.number(random),
                        Chance.list(
                                random,
                                5,
                                () -> new Command.LeaseCheckpoint(
                                        random.nextLong(), Chance.number(random), Chance.number(random))));
            default ->
                new Command.RaiseAlarm(new Alarm(random.nextLong(), Chance.one(random, List.of(AlarmKind.values()))));
        };
    }

    private static Command.Put put(SplittableRandom random) {
        return new Command.Put(
                Chance.bytes(random, 1, 20),
                Chance.bytes(random, 0, 100),
                random.nextBoolean() ? 0 : random.nextLong(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean());
    }

    private static Command.DeleteRange delete(SplittableRandom random) {
        return new Command.DeleteRange(Chance.bytes(random, 1, 20), Chance.bytes(random, 0, 5), random.nextBoolean());
    }

    private static Command.Txn txn(SplittableRandom random, int depth) {
        return new Command.Txn(
                Chance.list(random, 4, () -> compare(random)),
                Chance.list(random, 4, () -> op(random, depth)),
                Chance.list(random, 2, () -> op(random, depth)));
    }

    private static Command.Op op(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth < MAX_DEPTH ? 5 : 4)) {
            case 0, 1 -> put(random);
            case 2 -> delete(random);
            case 3 -> new Command.Range(query(random));
            default -> txn(random, depth + 1);
        };
    }

    private static Command.Compare compare(SplittableRandom random) {
        Command.Target target = Chance.one(random, List.of(Command.Target.values()));
        boolean isValue = target == Command.Target.VALUE;
        return new Command.Compare(
                Chance.bytes(random, 1, 20),
                Chance.bytes(random, 0, 5),
                Chance.one(random, List.of(Command.Operator.values())),
                target,
                isValue ? 0 : random.nextLong(),
                isValue ? Chance.bytes(random, 0, 50) : new byte[0]);
    }

    private static RangeQuery query(SplittableRandom random) {
        return new RangeQuery(
                Chance.bytes(random, 1, 20),
                Chance.bytes(random, 0, 5),
                Chance.number(random),
                random.nextLong(),
                Chance.one(random, List.of(RangeQuery.SortOrder.values())),
                Chance.one(random, List.of(RangeQuery.SortTarget.values())),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(3),
                random.nextInt(3),
                random.nextInt(3),
                random.nextInt(3));
    }
}
