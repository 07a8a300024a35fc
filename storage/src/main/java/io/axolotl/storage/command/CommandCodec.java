package io.axolotl.storage.command;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.HistoryHash;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.RangeQuery.SortOrder;
import io.axolotl.storage.mvcc.RangeQuery.SortTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of a {@link Command}: the payload of a log entry of kind COMMAND. Drawn in docs/formats/command.md.
 *
 * <pre>
 *   0        1      2           10          18
 *   version  type   origin      number      flags    body
 *   u8 = 1   u8     8 B, BE     8 B, BE     varint   by type
 * </pre>
 *
 * <p>{@code flags} announces optional fields between itself and the body, in the order of their bits: bit 0 which call of a
 * session it is (i64 session, varint slot, varint sequence), only for what changes keys; bit 1 that a user called, by name
 * (bytes) and auth revision (varint); bit 3, without a field, that it is a member's own will. Without the last two nobody has
 * said a name. A place is kept for the leader's time. A version, type or flag that is not known here is
 * an {@link UnknownCommandException}; bytes that break the rules of a known one are a {@link MalformedCommandException}.
 * Decoding raises nothing else, whatever the bytes.
 *
 * <p>Safe for all threads.
 */
public final class CommandCodec {
    static final int VERSION = 1;

    /** Codes of commands, and of operations inside a transaction. Never renumber. */
    static final int PUT = 1;

    static final int DELETE_RANGE = 2;
    static final int TXN = 3;
    static final int COMPACT = 4;
    static final int PUBLISH_MEMBER = 5;
    /** Only as an operation. */
    static final int RANGE = 6;

    static final int CHECK_DIGEST = 7;
    static final int ADD_MEMBER = 8;
    static final int REMOVE_MEMBER = 9;
    static final int PROMOTE_MEMBER = 10;
    static final int UPDATE_MEMBER = 11;
    static final int GRANT_LEASE = 20;
    static final int REVOKE_LEASE = 21;
    static final int EXPIRE_LEASE = 22;
    static final int CHECKPOINT_LEASES = 23;
    static final int RAISE_ALARM = 30;
    static final int DISARM_ALARM = 31;
    static final int ENABLE_AUTH = 40;
    static final int DISABLE_AUTH = 41;
    static final int ADD_USER = 42;
    static final int DELETE_USER = 43;
    static final int CHANGE_PASSWORD = 44;
    static final int GRANT_ROLE = 45;
    static final int REVOKE_ROLE = 46;
    static final int ADD_ROLE = 47;
    static final int DELETE_ROLE = 48;
    static final int GRANT_PERMISSION = 49;
    static final int REVOKE_PERMISSION = 50;
    static final int ASSIGN_TOKEN = 51;
    static final int OPEN_SESSION = 60;
    static final int PASS_TIME = 61;

    private static final int ORIGIN_AT = 2;
    private static final int NUMBER_AT = 10;
    private static final int FLAGS_AT = 18;

    /** One call of a session, which follows. */
    private static final int FLAG_CALL = 1;

    /** The will of a user, whose name and auth revision follow. */
    private static final int FLAG_USER = 1 << 1;

    /** A member's own will. */
    private static final int FLAG_MEMBER = 1 << 3;

    /** Transactions may lie this deep inside each other, the outermost counted; what recurses on them recurses no further. */
    public static final int MAX_DEPTH = 128;

    private static final int PUT_PREV_KV = 1;
    private static final int PUT_IGNORE_VALUE = 1 << 1;
    private static final int PUT_IGNORE_LEASE = 1 << 2;
    private static final int PUT_LEASE = 1 << 3;

    private static final int DELETE_PREV_KV = 1;
    private static final int DELETE_END = 1 << 1;

    private static final int COMPACT_PHYSICAL = 1;

    private static final int PUBLISH_STORE = 1;

    private static final int ADD_LEARNER = 1;
    private static final int ADD_STANDBY = 1 << 1;

    private static final int RANGE_END = 1;
    private static final int RANGE_LIMIT = 1 << 1;
    private static final int RANGE_REVISION = 1 << 2;
    private static final int RANGE_SORT = 1 << 3;
    private static final int RANGE_KEYS_ONLY = 1 << 4;
    private static final int RANGE_COUNT_ONLY = 1 << 5;
    private static final int RANGE_FILTERS = 1 << 6;

    private static final int COMPARE_OPERATOR_MASK = 3;
    private static final int COMPARE_TARGET_SHIFT = 2;
    private static final int COMPARE_TARGET_MASK = 7;
    private static final int COMPARE_END = 1 << 5;

    private static final byte[] EMPTY = {};

    private static final List<Command.Operator> OPERATORS = List.of(Command.Operator.values());
    private static final List<Command.Target> TARGETS = List.of(Command.Target.values());
    private static final List<SortOrder> SORT_ORDERS = List.of(SortOrder.values());
    private static final List<SortTarget> SORT_TARGETS = List.of(SortTarget.values());

    private CommandCodec() {}

    /**
     * The bytes of one command. The same walk runs twice, counting and then writing, so that one array is allocated.
     *
     * @throws IllegalArgumentException if transactions lie more than {@value #MAX_DEPTH} deep, or if it is a call of a session
     *     and changes no keys
     */
    public static byte[] encode(RequestId requestId, Caller caller, Command command) {
        boolean isOfKeys = command instanceof Command.Op;
        if (caller.call() != null && !isOfKeys) {
            throw new IllegalArgumentException("this cannot be a call of a session: " + command);
        }
        ByteSink counting = ByteSink.counting();
        write(counting, requestId, caller, command);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, requestId, caller, command);
        return out.toArray();
    }

    /** As {@link #encode(RequestId, Caller, Command)}, of a client that has not said who it is. */
    public static byte[] encode(RequestId requestId, Command command) {
        return encode(requestId, Caller.NOBODY, command);
    }

    /**
     * @throws UnknownCommandException if the command, or a part of it, is of a version or kind not known here
     * @throws MalformedCommandException if the bytes break the rules of their version
     */
    public static DecodedCommand decode(byte[] payload) {
        checkVersion(payload);
        try {
            ByteSource in = new ByteSource(payload, 1);
            int type = in.u8();
            RequestId requestId = new RequestId(in.i64(), in.i64());
            long flags = in.varint();
            Caller caller = readCaller(in, flags, type);
            long fingerprint = caller.call() == null ? 0 : fingerprint(type, payload, payload.length - in.remaining());
            Command command = readCommand(in, type);
            in.end();
            return new DecodedCommand(requestId, caller, command, fingerprint);
        } catch (MalformedBytesException e) {
            throw new MalformedCommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static long fingerprint(int type, byte[] payload, int bodyAt) {
        return HistoryHash.fold(HistoryHash.fold(0, type), Arrays.copyOfRange(payload, bodyAt, payload.length));
    }

    /**
     * Whose call a command is, without decoding the rest.
     *
     * @throws UnknownCommandException if the command is of a version not known here
     * @throws MalformedCommandException if the bytes are too few
     */
    public static RequestId requestId(byte[] payload) {
        checkVersion(payload);
        if (payload.length < FLAGS_AT) {
            throw new MalformedCommandException("cut short after " + payload.length + " bytes");
        }
        return new RequestId(ByteSource.getLong(payload, ORIGIN_AT), ByteSource.getLong(payload, NUMBER_AT));
    }

    /**
     * The command, if it adds a member. Of any other nothing but its kind is looked at, so it may be one that is unknown here.
     *
     * @throws MalformedCommandException if it adds a member, and its bytes break the rules
     */
    public static Optional<Command.AddMember> asAddMember(byte[] payload) {
        return payload.length > 1 && payload[0] == VERSION && payload[1] == ADD_MEMBER
                ? Optional.of((Command.AddMember) decode(payload).command())
                : Optional.empty();
    }

    private static void checkVersion(byte[] payload) {
        if (payload.length == 0) {
            throw new MalformedCommandException("it is empty");
        }
        if (payload[0] != VERSION) {
            throw new UnknownCommandException("a command of format version " + (payload[0] & 0xff) + " is in the log");
        }
    }

    private static Caller readCaller(ByteSource in, long flags, int type) {
        if ((flags & ~(FLAG_CALL | FLAG_MEMBER | FLAG_USER)) != 0) {
            throw new UnknownCommandException("a command carries the unknown flags 0x" + Long.toHexString(flags));
        }
        if ((flags & FLAG_MEMBER) != 0 && flags != FLAG_MEMBER) {
            throw new MalformedCommandException("it is a client's will and a member's own");
        }
        if (flags == FLAG_MEMBER) {
            return Caller.MEMBER;
        }
        CallId call = (flags & FLAG_CALL) == 0 ? null : readCall(in, type);
        return (flags & FLAG_USER) == 0
                ? Caller.NOBODY.making(call)
                : Caller.user(new String(in.bytes(), StandardCharsets.UTF_8), in.varint())
                        .making(call);
    }

    private static CallId readCall(ByteSource in, int type) {
        if (type != PUT && type != DELETE_RANGE && type != TXN) {
            throw new MalformedCommandException("it is a call of a session, and of type " + type);
        }
        try {
            return new CallId(in.i64(), in.varint32(), in.varint());
        } catch (IllegalArgumentException e) {
            throw new MalformedCommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void writeCaller(ByteSink out, Caller caller) {
        CallId call = caller.call();
        int flags = call == null ? 0 : FLAG_CALL;
        switch (caller.kind()) {
            case NOBODY -> {}
            case MEMBER -> flags |= FLAG_MEMBER;
            case USER -> flags |= FLAG_USER;
        }
        out.varint(flags);
        if (call != null) {
            out.i64(call.session());
            out.varint(call.slot());
            out.varint(call.sequence());
        }
        if (caller.kind() == Caller.Kind.USER) {
            out.bytes(caller.user().getBytes(StandardCharsets.UTF_8));
            out.varint(caller.authRevision());
        }
    }

    private static void write(ByteSink out, RequestId requestId, Caller caller, Command command) {
        out.u8(VERSION);
        out.u8(typeOf(command));
        out.i64(requestId.origin());
        out.i64(requestId.number());
        writeCaller(out, caller);
        if (command instanceof Command.Put put) {
            writePut(out, put);
        } else if (command instanceof Command.DeleteRange delete) {
            writeDeleteRange(out, delete);
        } else if (command instanceof Command.Txn txn) {
            writeTxn(out, txn, 1);
        } else if (command instanceof Command.Compact compact) {
            out.u8(compact.physical() ? COMPACT_PHYSICAL : 0);
            out.zigzag(compact.revision());
        } else if (command instanceof Command.PublishMember publish) {
            writePublishMember(out, publish);
        } else if (command instanceof Command.OfMembers change) {
            writeMemberChange(out, change);
        } else if (command instanceof Command.CheckDigest check) {
            out.u8(0);
            out.i64(check.index());
            out.i64(check.digest());
        } else if (command instanceof Command.OfLeases ofLeases) {
            LeaseCommandCodec.write(out, ofLeases);
        } else if (command instanceof Command.OfAlarms change) {
            out.u8(0);
            out.u8(change.alarm().kind().code());
            out.i64(change.alarm().memberId());
        } else if (command instanceof Command.OfAuth ofAuth) {
            AuthCommandCodec.write(out, ofAuth);
        } else if (command instanceof Command.OpenSession open) {
            out.u8(0);
            out.i64(open.id());
            out.varint(open.maxSessions());
        } else if (command instanceof Command.PassTime time) {
            out.u8(0);
            out.varint(time.term());
            out.varint(time.seconds());
            out.varint(time.idleSeconds());
        } else {
            throw new AssertionError("a command without a format: " + command);
        }
    }

    private static int typeOf(Command command) {
        if (command instanceof Command.Put) {
            return PUT;
        } else if (command instanceof Command.DeleteRange) {
            return DELETE_RANGE;
        } else if (command instanceof Command.Txn) {
            return TXN;
        } else if (command instanceof Command.Compact) {
            return COMPACT;
        } else if (command instanceof Command.PublishMember) {
            return PUBLISH_MEMBER;
        } else if (command instanceof Command.AddMember) {
            return ADD_MEMBER;
        } else if (command instanceof Command.RemoveMember) {
            return REMOVE_MEMBER;
        } else if (command instanceof Command.PromoteMember) {
            return PROMOTE_MEMBER;
        } else if (command instanceof Command.UpdateMember) {
            return UPDATE_MEMBER;
        } else if (command instanceof Command.CheckDigest) {
            return CHECK_DIGEST;
        } else if (command instanceof Command.OfLeases ofLeases) {
            return LeaseCommandCodec.typeOf(ofLeases);
        } else if (command instanceof Command.RaiseAlarm) {
            return RAISE_ALARM;
        } else if (command instanceof Command.DisarmAlarm) {
            return DISARM_ALARM;
        } else if (command instanceof Command.OfAuth ofAuth) {
            return AuthCommandCodec.typeOf(ofAuth);
        } else if (command instanceof Command.OpenSession) {
            return OPEN_SESSION;
        } else if (command instanceof Command.PassTime) {
            return PASS_TIME;
        }
        throw new AssertionError("a command without a type code: " + command);
    }

    private static Command readCommand(ByteSource in, int type) {
        return switch (type) {
            case PUT -> readPut(in);
            case DELETE_RANGE -> readDeleteRange(in);
            case TXN -> readTxn(in, 1);
            case COMPACT -> readCompact(in);
            case PUBLISH_MEMBER -> readPublishMember(in);
            case ADD_MEMBER -> readAddMember(in);
            case REMOVE_MEMBER -> {
                knownFlags(in, 0, "remove-member");
                yield new Command.RemoveMember(in.i64());
            }
            case PROMOTE_MEMBER -> {
                knownFlags(in, 0, "promote-member");
                yield new Command.PromoteMember(in.i64());
            }
            case UPDATE_MEMBER -> {
                knownFlags(in, 0, "update-member");
                yield new Command.UpdateMember(in.i64(), readStrings(in));
            }
            case CHECK_DIGEST -> readCheckDigest(in);
            case GRANT_LEASE, REVOKE_LEASE, EXPIRE_LEASE, CHECKPOINT_LEASES -> LeaseCommandCodec.read(in, type);
            case RAISE_ALARM -> new Command.RaiseAlarm(readAlarm(in));
            case DISARM_ALARM -> new Command.DisarmAlarm(readAlarm(in));
            case ENABLE_AUTH,
                    DISABLE_AUTH,
                    ADD_USER,
                    DELETE_USER,
                    CHANGE_PASSWORD,
                    GRANT_ROLE,
                    REVOKE_ROLE,
                    ADD_ROLE,
                    DELETE_ROLE,
                    GRANT_PERMISSION,
                    REVOKE_PERMISSION,
                    ASSIGN_TOKEN -> AuthCommandCodec.read(in, type);
            case OPEN_SESSION -> {
                knownFlags(in, 0, "open-session");
                yield new Command.OpenSession(in.i64(), in.varint32());
            }
            case PASS_TIME -> {
                knownFlags(in, 0, "pass-time");
                yield new Command.PassTime(in.varint(), in.varint32(), in.varint32());
            }
            default -> throw new UnknownCommandException("a command of the unknown type " + type + " is in the log");
        };
    }

    private static void writePut(ByteSink out, Command.Put put) {
        out.u8((put.prevKv() ? PUT_PREV_KV : 0)
                | (put.ignoreValue() ? PUT_IGNORE_VALUE : 0)
                | (put.ignoreLease() ? PUT_IGNORE_LEASE : 0)
                | (put.lease() != 0 ? PUT_LEASE : 0));
        out.bytes(put.key());
        out.bytes(put.value());
        if (put.lease() != 0) {
            out.i64(put.lease());
        }
    }

    private static Command.Put readPut(ByteSource in) {
        int flags = knownFlags(in, PUT_PREV_KV | PUT_IGNORE_VALUE | PUT_IGNORE_LEASE | PUT_LEASE, "put");
        byte[] key = in.bytes();
        byte[] value = in.bytes();
        long lease = has(flags, PUT_LEASE) ? in.i64() : 0;
        return new Command.Put(
                key, value, lease, has(flags, PUT_PREV_KV), has(flags, PUT_IGNORE_VALUE), has(flags, PUT_IGNORE_LEASE));
    }

    private static void writeDeleteRange(ByteSink out, Command.DeleteRange delete) {
        boolean hasEnd = delete.rangeEnd().length > 0;
        out.u8((delete.prevKv() ? DELETE_PREV_KV : 0) | (hasEnd ? DELETE_END : 0));
        out.bytes(delete.key());
        if (hasEnd) {
            out.bytes(delete.rangeEnd());
        }
    }

    private static Command.DeleteRange readDeleteRange(ByteSource in) {
        int flags = knownFlags(in, DELETE_PREV_KV | DELETE_END, "delete");
        byte[] key = in.bytes();
        byte[] end = has(flags, DELETE_END) ? in.bytes() : EMPTY;
        return new Command.DeleteRange(key, end, has(flags, DELETE_PREV_KV));
    }

    private static void writeTxn(ByteSink out, Command.Txn txn, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("transactions lie more than " + MAX_DEPTH + " deep inside each other");
        }
        out.varint(txn.compares().size());
        for (Command.Compare compare : txn.compares()) {
            writeCompare(out, compare);
        }
        writeOps(out, txn.success(), depth);
        writeOps(out, txn.failure(), depth);
    }

    private static Command.Txn readTxn(ByteSource in, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MalformedCommandException("transactions lie more than " + MAX_DEPTH + " deep inside each other");
        }
        int count = in.count();
        List<Command.Compare> compares = new ArrayList<>(Math.min(count, 128));
        for (int i = 0; i < count; i++) {
            compares.add(readCompare(in));
        }
        return new Command.Txn(compares, readOps(in, depth), readOps(in, depth));
    }

    private static void writeOps(ByteSink out, List<Command.Op> ops, int depth) {
        out.varint(ops.size());
        for (Command.Op op : ops) {
            if (op instanceof Command.Put put) {
                out.u8(PUT);
                writePut(out, put);
            } else if (op instanceof Command.DeleteRange delete) {
                out.u8(DELETE_RANGE);
                writeDeleteRange(out, delete);
            } else if (op instanceof Command.Txn txn) {
                out.u8(TXN);
                writeTxn(out, txn, depth + 1);
            } else if (op instanceof Command.Range range) {
                out.u8(RANGE);
                writeRange(out, range.query());
            } else {
                throw new AssertionError("an operation without a format: " + op);
            }
        }
    }

    private static List<Command.Op> readOps(ByteSource in, int depth) {
        int count = in.count();
        List<Command.Op> ops = new ArrayList<>(Math.min(count, 128));
        for (int i = 0; i < count; i++) {
            int type = in.u8();
            ops.add(
                    switch (type) {
                        case PUT -> readPut(in);
                        case DELETE_RANGE -> readDeleteRange(in);
                        case TXN -> readTxn(in, depth + 1);
                        case RANGE -> new Command.Range(readRange(in));
                        default ->
                            throw new UnknownCommandException(
                                    "a transaction holds an operation of the unknown type " + type);
                    });
        }
        return ops;
    }

    private static void writeCompare(ByteSink out, Command.Compare compare) {
        boolean hasEnd = compare.rangeEnd().length > 0;
        out.u8(OPERATORS.indexOf(compare.operator())
                | (TARGETS.indexOf(compare.target()) << COMPARE_TARGET_SHIFT)
                | (hasEnd ? COMPARE_END : 0));
        out.bytes(compare.key());
        if (hasEnd) {
            out.bytes(compare.rangeEnd());
        }
        if (compare.target() == Command.Target.VALUE) {
            out.bytes(compare.value());
        } else {
            out.zigzag(compare.number());
        }
    }

    private static Command.Compare readCompare(ByteSource in) {
        int shape = in.u8();
        int target = (shape >>> COMPARE_TARGET_SHIFT) & COMPARE_TARGET_MASK;
        if (target >= TARGETS.size() || shape >= COMPARE_END << 1) {
            throw new UnknownCommandException(
                    "a transaction compares in the unknown way 0x" + Integer.toHexString(shape));
        }
        byte[] key = in.bytes();
        byte[] end = has(shape, COMPARE_END) ? in.bytes() : EMPTY;
        boolean isValue = TARGETS.get(target) == Command.Target.VALUE;
        byte[] value = isValue ? in.bytes() : EMPTY;
        long number = isValue ? 0 : in.zigzag();
        return new Command.Compare(
                key, end, OPERATORS.get(shape & COMPARE_OPERATOR_MASK), TARGETS.get(target), number, value);
    }

    private static void writeRange(ByteSink out, RangeQuery query) {
        boolean hasEnd = query.rangeEnd().length > 0;
        boolean isSorted = query.sortOrder() != SortOrder.NONE || query.sortTarget() != SortTarget.KEY;
        boolean isFiltered = query.minModRevision() != 0
                || query.maxModRevision() != 0
                || query.minCreateRevision() != 0
                || query.maxCreateRevision() != 0;
        out.u8((hasEnd ? RANGE_END : 0)
                | (query.limit() != 0 ? RANGE_LIMIT : 0)
                | (query.revision() != 0 ? RANGE_REVISION : 0)
                | (isSorted ? RANGE_SORT : 0)
                | (query.isKeysOnly() ? RANGE_KEYS_ONLY : 0)
                | (query.isCountOnly() ? RANGE_COUNT_ONLY : 0)
                | (isFiltered ? RANGE_FILTERS : 0));
        out.bytes(query.key());
        if (hasEnd) {
            out.bytes(query.rangeEnd());
        }
        if (query.limit() != 0) {
            out.zigzag(query.limit());
        }
        if (query.revision() != 0) {
            out.zigzag(query.revision());
        }
        if (isSorted) {
            out.u8(SORT_ORDERS.indexOf(query.sortOrder()));
            out.u8(SORT_TARGETS.indexOf(query.sortTarget()));
        }
        if (isFiltered) {
            out.zigzag(query.minModRevision());
            out.zigzag(query.maxModRevision());
            out.zigzag(query.minCreateRevision());
            out.zigzag(query.maxCreateRevision());
        }
    }

    private static RangeQuery readRange(ByteSource in) {
        int flags = knownFlags(in, (RANGE_FILTERS << 1) - 1, "range");
        byte[] key = in.bytes();
        byte[] end = has(flags, RANGE_END) ? in.bytes() : EMPTY;
        long limit = has(flags, RANGE_LIMIT) ? in.zigzag() : 0;
        long revision = has(flags, RANGE_REVISION) ? in.zigzag() : 0;
        SortOrder order = SortOrder.NONE;
        SortTarget target = SortTarget.KEY;
        if (has(flags, RANGE_SORT)) {
            order = known(SORT_ORDERS, in.u8(), "sort order");
            target = known(SORT_TARGETS, in.u8(), "sort target");
        }
        boolean isFiltered = has(flags, RANGE_FILTERS);
        return new RangeQuery(
                key,
                end,
                limit,
                revision,
                order,
                target,
                has(flags, RANGE_KEYS_ONLY),
                has(flags, RANGE_COUNT_ONLY),
                isFiltered ? in.zigzag() : 0,
                isFiltered ? in.zigzag() : 0,
                isFiltered ? in.zigzag() : 0,
                isFiltered ? in.zigzag() : 0);
    }

    private static Command.Compact readCompact(ByteSource in) {
        int flags = knownFlags(in, COMPACT_PHYSICAL, "compact");
        return new Command.Compact(in.zigzag(), has(flags, COMPACT_PHYSICAL));
    }

    private static void writePublishMember(ByteSink out, Command.PublishMember publish) {
        StoreId store = publish.storeId();
        out.u8(store != null ? PUBLISH_STORE : 0);
        out.i64(publish.memberId());
        out.bytes(publish.name().getBytes(StandardCharsets.UTF_8));
        writeStrings(out, publish.peerUrls());
        writeStrings(out, publish.clientUrls());
        if (store != null) {
            out.i64(store.high());
            out.i64(store.low());
        }
    }

    private static Command.PublishMember readPublishMember(ByteSource in) {
        int flags = knownFlags(in, PUBLISH_STORE, "publish-member");
        return new Command.PublishMember(
                in.i64(),
                new String(in.bytes(), StandardCharsets.UTF_8),
                readStrings(in),
                readStrings(in),
                has(flags, PUBLISH_STORE) ? new StoreId(in.i64(), in.i64()) : null);
    }

    private static void writeMemberChange(ByteSink out, Command.OfMembers change) {
        if (change instanceof Command.AddMember add) {
            out.u8((add.isLearner() ? ADD_LEARNER : 0) | (add.isStandby() ? ADD_STANDBY : 0));
            out.i64(add.memberId());
            out.varint(add.maxLearners());
            writeStrings(out, add.peerUrls());
        } else if (change instanceof Command.UpdateMember update) {
            out.u8(0);
            out.i64(update.memberId());
            writeStrings(out, update.peerUrls());
        } else {
            out.u8(0);
            out.i64(change.memberId());
        }
    }

    private static Command.AddMember readAddMember(ByteSource in) {
        int flags = knownFlags(in, ADD_LEARNER | ADD_STANDBY, "add-member");
        long memberId = in.i64();
        int maxLearners = in.varint32();
        return new Command.AddMember(
                memberId, readStrings(in), has(flags, ADD_LEARNER), has(flags, ADD_STANDBY), maxLearners);
    }

    private static Command.CheckDigest readCheckDigest(ByteSource in) {
        knownFlags(in, 0, "check-digest");
        return new Command.CheckDigest(in.i64(), in.i64());
    }

    private static Alarm readAlarm(ByteSource in) {
        knownFlags(in, 0, "change of alarms");
        int code = in.u8();
        AlarmKind kind = AlarmKind.ofCode(code);
        if (kind == null) {
            throw new UnknownCommandException("a change of alarms carries the unknown kind " + code);
        }
        return new Alarm(in.i64(), kind);
    }

    private static void writeStrings(ByteSink out, List<String> strings) {
        out.varint(strings.size());
        for (String string : strings) {
            out.bytes(string.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<String> readStrings(ByteSource in) {
        int count = in.count();
        List<String> strings = new ArrayList<>(Math.min(count, 128));
        for (int i = 0; i < count; i++) {
            strings.add(new String(in.bytes(), StandardCharsets.UTF_8));
        }
        return strings;
    }

    static int knownFlags(ByteSource in, int known, String what) {
        int flags = in.u8();
        if ((flags & ~known) != 0) {
            throw new UnknownCommandException(
                    "a " + what + " carries the unknown flags 0x" + Integer.toHexString(flags & ~known));
        }
        return flags;
    }

    private static <E> E known(List<E> values, int code, String what) {
        if (code >= values.size()) {
            throw new UnknownCommandException("a range carries the unknown " + what + " " + code);
        }
        return values.get(code);
    }

    private static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }
}
