package io.axolotl.storage.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.RangeQuery.SortOrder;
import io.axolotl.storage.mvcc.RangeQuery.SortTarget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The bytes of commands: pinned, reversible, and refused by name when they are anything else. A test here that fails
 * means that old logs can no longer be read: add a version instead of changing the expectation.
 */
class CommandCodecTest {
    private static final byte[] NONE = {};
    private static final RequestId REQUEST = new RequestId(0x0102030405060708L, 0x1112131415161718L);
    private static final String REQUEST_HEX = "01020304050607081112131415161718";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void hasBytes(Command command, String type, String body) {
        String expected = "01" + type + REQUEST_HEX + "00" + body.replace(" ", "");
        byte[] encoded = CommandCodec.encode(REQUEST, command);
        assertThat(HexFormat.of().formatHex(encoded)).isEqualTo(expected);
        DecodedCommand decoded = CommandCodec.decode(encoded);
        assertThat(decoded.requestId()).isEqualTo(REQUEST);
        assertThat(decoded.command()).usingRecursiveComparison().isEqualTo(command);
    }

    @Test
    @DisplayName("put: flags, key, value")
    void putHasTheseBytes() {
        hasBytes(new Command.Put(bytes("k"), bytes("val"), 0, false, false, false), "01", "00 01 6b 03 76616c");
        hasBytes(new Command.Put(bytes("k"), NONE, 0, true, true, false), "01", "03 01 6b 00");
        hasBytes(
                new Command.Put(bytes("k"), bytes("v"), 258, false, false, true),
                "01",
                "0c 01 6b 01 76 0000000000000102");
    }

    @Test
    @DisplayName("delete range: flags, key, end if there is one")
    void deleteRangeHasTheseBytes() {
        hasBytes(new Command.DeleteRange(bytes("a"), NONE, false), "02", "00 01 61");
        hasBytes(new Command.DeleteRange(bytes("a"), bytes("b"), true), "02", "03 01 61 01 62");
    }

    @Test
    @DisplayName("txn: compares, then the two lists of operations")
    void txnHasTheseBytes() {
        Command.Compare version =
                new Command.Compare(bytes("a"), NONE, Command.Operator.NOT_EQUAL, Command.Target.VERSION, -1, NONE);
        Command.Compare value = new Command.Compare(
                bytes("a"), bytes("b"), Command.Operator.GREATER, Command.Target.VALUE, 0, bytes("v"));
        RangeQuery full = new RangeQuery(
                bytes("a"), bytes("b"), 3, 64, SortOrder.DESCEND, SortTarget.MOD, true, true, 1, 2, 3, 4);
        hasBytes(
                new Command.Txn(
                        List.of(version, value),
                        List.of(
                                new Command.Put(bytes("k"), bytes("v"), 0, false, false, false),
                                new Command.Range(full),
                                new Command.Range(RangeQuery.ofKey(bytes("a")))),
                        List.of(
                                new Command.DeleteRange(bytes("k"), NONE, false),
                                new Command.Txn(List.of(), List.of(), List.of()))),
                "03",
                "02 03 01 61 01  2d 01 61 01 62 01 76"
                        + "03  01 00 01 6b 01 76  06 7f 01 61 01 62 06 8001 02 03 02 04 06 08  06 00 01 61"
                        + "02  02 00 01 6b  03 00 00 00");
    }

    @Test
    @DisplayName("compact: flags, revision")
    void compactHasTheseBytes() {
        hasBytes(new Command.Compact(100, false), "04", "00 c801");
        hasBytes(new Command.Compact(1, true), "04", "01 02");
    }

    @Test
    @DisplayName("publish member: flags, id, name, peer URLs, client URLs, store id")
    void publishMemberHasTheseBytes() {
        hasBytes(
                new Command.PublishMember(7, "n1", List.of("p"), List.of("c", "dd"), null),
                "05",
                "00 0000000000000007 02 6e31 01 01 70 02 01 63 02 6464");
        hasBytes(
                new Command.PublishMember(7, "", List.of(), List.of(), new StoreId(1, 2)),
                "05",
                "01 0000000000000007 00 00 00 0000000000000001 0000000000000002");
    }

    @Test
    @DisplayName("changes of members: flags, id, and what each needs")
    void memberChangesHaveTheseBytes() {
        hasBytes(new Command.AddMember(7, List.of("p"), false, false, 1), "08", "00 0000000000000007 01 01 01 70");
        hasBytes(new Command.AddMember(7, List.of("p"), true, true, 200), "08", "03 0000000000000007 c801 01 01 70");
        hasBytes(new Command.RemoveMember(7), "09", "00 0000000000000007");
        hasBytes(new Command.PromoteMember(7), "0a", "00 0000000000000007");
        hasBytes(new Command.UpdateMember(7, List.of("p", "q")), "0b", "00 0000000000000007 02 01 70 01 71");
    }

    @Test
    @DisplayName("leases: flags, id, and what each needs; expiry and checkpoints with their guards")
    void leaseCommandsHaveTheseBytes() {
        hasBytes(new Command.GrantLease(7, 300), "14", "00 0000000000000007 ac02");
        hasBytes(new Command.RevokeLease(-2), "15", "00 fffffffffffffffe");
        hasBytes(new Command.ExpireLease(7, 200, 3), "16", "00 0000000000000007 c801 03");
        hasBytes(
                new Command.CheckpointLeases(
                        3, List.of(new Command.LeaseCheckpoint(7, 1, 0), new Command.LeaseCheckpoint(8, 2, 60))),
                "17",
                "00 03 02 0000000000000007 01 00 0000000000000008 02 3c");
    }

    @Test
    @DisplayName("check digest: flags, index, digest")
    void checkDigestHasTheseBytes() {
        hasBytes(new Command.CheckDigest(1024, -2), "07", "00 0000000000000400 fffffffffffffffe");
    }

    @Test
    @DisplayName("changes of alarms: flags, kind, member")
    void changesOfAlarmsHaveTheseBytes() {
        hasBytes(new Command.RaiseAlarm(new Alarm(7, AlarmKind.NOSPACE)), "1e", "00 01 0000000000000007");
        hasBytes(new Command.DisarmAlarm(new Alarm(-1, AlarmKind.CORRUPT)), "1f", "00 02 ffffffffffffffff");
    }

    @Test
    @DisplayName("changes of users and roles: flags, names, hashes, ranges")
    void changesOfUsersAndRolesHaveTheseBytes() {
        hasBytes(new Command.EnableAuth(), "28", "00");
        hasBytes(new Command.DisableAuth(), "29", "00");
        hasBytes(new Command.AddUser("u", bytes("h")), "2a", "00 01 75 01 68");
        hasBytes(new Command.DeleteUser("u"), "2b", "00 01 75");
        hasBytes(new Command.ChangePassword("u", bytes("h")), "2c", "00 01 75 01 68");
        hasBytes(new Command.GrantRole("u", "r"), "2d", "00 01 75 01 72");
        hasBytes(new Command.RevokeRole("u", "r"), "2e", "00 01 75 01 72");
        hasBytes(new Command.AddRole("r"), "2f", "00 01 72");
        hasBytes(new Command.DeleteRole("r"), "30", "00 01 72");
        hasBytes(
                new Command.GrantPermission("r", new Permission(Permission.Type.READWRITE, bytes("k"), bytes("z"))),
                "31",
                "00 01 72 02 01 6b 01 7a");
        hasBytes(new Command.RevokePermission("r", bytes("k"), NONE), "32", "00 01 72 01 6b 00");
        hasBytes(new Command.AssignToken("u", 300, bytes("h")), "33", "00 01 75 ac02 01 68");
        assertThatThrownBy(() -> CommandCodec.decode(
                        HexFormat.of().parseHex("0131" + REQUEST_HEX + "00" + "00" + "0172" + "03" + "016b" + "00")))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("permission type 3");
    }

    @Test
    @DisplayName("whose will a command is stands between its flags and its body")
    void callersHaveTheseBytes() {
        Command command = new Command.AddRole("r");
        String body = "00" + "0172";
        assertThat(HexFormat.of().formatHex(CommandCodec.encode(REQUEST, Caller.MEMBER, command)))
                .isEqualTo("012f" + REQUEST_HEX + "08" + body);
        assertThat(HexFormat.of().formatHex(CommandCodec.encode(REQUEST, Caller.user("eve", 300), command)))
                .isEqualTo("012f" + REQUEST_HEX + "02" + "03657665" + "ac02" + body);
        for (Caller caller : List.of(Caller.NOBODY, Caller.MEMBER, Caller.user("", 0), Caller.user("é", 7))) {
            DecodedCommand decoded = CommandCodec.decode(CommandCodec.encode(REQUEST, caller, command));
            assertThat(decoded.caller()).isEqualTo(caller);
            assertThat(decoded.command()).isEqualTo(command);
        }
        assertThatThrownBy(() -> CommandCodec.decode(HexFormat.of().parseHex("012f" + REQUEST_HEX + "0a" + body)))
                .isInstanceOf(MalformedCommandException.class);
    }

    @Test
    @DisplayName("pitfall 51: which call of a session a command is stands before whose will it is")
    void callsOfSessionsHaveTheseBytes() {
        Command command = new Command.DeleteRange(bytes("k"), NONE, false);
        CallId call = new CallId(0x2122232425262728L, 300, 5);
        String body = "00" + "016b";
        String mark = "2122232425262728" + "ac02" + "05";
        assertThat(HexFormat.of().formatHex(CommandCodec.encode(REQUEST, Caller.NOBODY.making(call), command)))
                .isEqualTo("0102" + REQUEST_HEX + "01" + mark + body);
        assertThat(HexFormat.of()
                        .formatHex(CommandCodec.encode(
                                REQUEST, Caller.user("eve", 7).making(call), command)))
                .isEqualTo("0102" + REQUEST_HEX + "03" + mark + "03657665" + "07" + body);
        for (Caller caller :
                List.of(Caller.NOBODY.making(call), Caller.user("é", 7).making(call))) {
            DecodedCommand decoded = CommandCodec.decode(CommandCodec.encode(REQUEST, caller, command));
            assertThat(decoded.caller()).isEqualTo(caller);
            assertThat(decoded.command()).usingRecursiveComparison().isEqualTo(command);
        }
    }

    @Test
    @DisplayName("pitfall 51: a call that there cannot be is malformed")
    void impossibleCallsAreMalformed() {
        String mark = "2122232425262728" + "ac02" + "05";
        List<String> bad = List.of(
                "0102" + REQUEST_HEX + "01" + "0000000000000000" + "ac02" + "05" + "00" + "016b",
                "0102" + REQUEST_HEX + "01" + "2122232425262728" + "8008" + "05" + "00" + "016b",
                "0102" + REQUEST_HEX + "01" + "2122232425262728" + "ac02" + "00" + "00" + "016b",
                "0104" + REQUEST_HEX + "01" + mark + "00" + "02",
                "0102" + REQUEST_HEX + "09" + mark + "00" + "016b");
        for (String hex : bad) {
            assertThatThrownBy(() -> CommandCodec.decode(HexFormat.of().parseHex(hex)))
                    .as(hex)
                    .isInstanceOf(MalformedCommandException.class);
        }
    }

    @Test
    @DisplayName(
            "pitfall 51: attempts of one call have one fingerprint, whoever proposes them; other commands have others")
    void aFingerprintIsOfWhatIsCalled() {
        CallId call = new CallId(7, 0, 1);
        Command put = new Command.Put(bytes("k"), bytes("v"), 0, false, false, false);
        long fingerprint = fingerprint(REQUEST, Caller.NOBODY.making(call), put);
        assertThat(fingerprint(new RequestId(9, 9), Caller.user("eve", 300).making(call), put))
                .isEqualTo(fingerprint);
        for (Command other : List.of(
                new Command.Put(bytes("k"), bytes("w"), 0, false, false, false),
                new Command.Put(bytes("kv"), NONE, 0, false, false, false),
                new Command.DeleteRange(bytes("k"), bytes("v"), false))) {
            assertThat(fingerprint(REQUEST, Caller.NOBODY.making(call), other)).isNotEqualTo(fingerprint);
        }
        assertThat(fingerprint(REQUEST, Caller.NOBODY, put)).isZero();
    }

    private static long fingerprint(RequestId request, Caller caller, Command command) {
        return CommandCodec.decode(CommandCodec.encode(request, caller, command))
                .fingerprint();
    }

    @Test
    @DisplayName("I17: what no member could read is not written")
    void aCallOfASessionChangesKeys() {
        assertThatThrownBy(() -> CommandCodec.encode(
                        REQUEST, Caller.NOBODY.making(new CallId(7, 0, 1)), new Command.Compact(1, false)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("sessions: id and bound; the time that has passed")
    void commandsOnSessionsHaveTheseBytes() {
        hasBytes(new Command.OpenSession(258, 300), "3c", "00 0000000000000102 ac02");
        hasBytes(new Command.PassTime(7, 30, 600), "3d", "00 07 1e d804");
    }

    @Test
    @DisplayName("I17, O4 a kind of alarm of a newer program stops the node by name")
    void aNewerAlarmIsNeverSkipped() {
        byte[] encoded = CommandCodec.encode(REQUEST, new Command.RaiseAlarm(new Alarm(7, AlarmKind.NOSPACE)));
        encoded[20] = 9;
        assertThatThrownBy(() -> CommandCodec.decode(encoded))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("kind 9");
    }

    @Test
    void everyCommandAndOperationHasAPinnedTest() {
        Set<String> known = Arrays.stream(Command.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(known)
                .containsExactly(
                        "CheckDigest",
                        "Compact",
                        "DeleteRange",
                        "OfAlarms",
                        "OfAuth",
                        "OfLeases",
                        "OfMembers",
                        "OfSessions",
                        "PublishMember",
                        "Put",
                        "Txn");
        Set<String> ofLeases = Arrays.stream(Command.OfLeases.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ofLeases).containsExactly("CheckpointLeases", "ExpireLease", "GrantLease", "RevokeLease");
        Set<String> ofSessions = Arrays.stream(Command.OfSessions.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ofSessions).containsExactly("OpenSession", "PassTime");
        Set<String> ofAlarms = Arrays.stream(Command.OfAlarms.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ofAlarms).containsExactly("DisarmAlarm", "RaiseAlarm");
        Set<String> ofAuth = Arrays.stream(Command.OfAuth.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ofAuth)
                .containsExactly(
                        "AddRole",
                        "AddUser",
                        "AssignToken",
                        "ChangePassword",
                        "DeleteRole",
                        "DeleteUser",
                        "DisableAuth",
                        "EnableAuth",
                        "GrantPermission",
                        "GrantRole",
                        "RevokePermission",
                        "RevokeRole");
        Set<String> ofMembers = Arrays.stream(Command.OfMembers.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ofMembers).containsExactly("AddMember", "PromoteMember", "RemoveMember", "UpdateMember");
        Set<String> ops = Arrays.stream(Command.Op.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ops).containsExactly("DeleteRange", "Put", "Range", "Txn");
    }

    @Test
    void requestIdIsReadWithoutTheRest() {
        byte[] encoded = CommandCodec.encode(REQUEST, new Command.Compact(1, false));
        assertThat(CommandCodec.requestId(encoded)).isEqualTo(REQUEST);
        assertThat(CommandCodec.requestId(Arrays.copyOf(encoded, 18))).isEqualTo(REQUEST);
        assertThatThrownBy(() -> CommandCodec.requestId(Arrays.copyOf(encoded, 17)))
                .isInstanceOf(MalformedCommandException.class);
    }

    private static byte[] changed(int at, int to) {
        byte[] encoded = CommandCodec.encode(REQUEST, new Command.Put(bytes("k"), bytes("v"), 0, false, false, false));
        encoded[at] = (byte) to;
        return encoded;
    }

    @Test
    @DisplayName("I17, O4 a version, type or flag of a newer program stops the node by name")
    void newerCommandIsNeverSkipped() {
        assertThatThrownBy(() -> CommandCodec.decode(changed(0, 2)))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("format version 2");
        assertThatThrownBy(() -> CommandCodec.decode(changed(1, 99)))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("type 99");
        assertThatThrownBy(() -> CommandCodec.decode(changed(18, 4)))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("flags 0x4");
        assertThatThrownBy(() -> CommandCodec.decode(changed(19, 0x10)))
                .isInstanceOf(UnknownCommandException.class)
                .hasMessageContaining("flags 0x10");
    }

    @Test
    void deepNestingIsRefusedOnBothSides() {
        Command.Txn txn = new Command.Txn(List.of(), List.of(), List.of());
        for (int depth = 1; depth < CommandCodec.MAX_DEPTH; depth++) {
            txn = new Command.Txn(List.of(), List.of(txn), List.of());
        }
        Command.Txn deepest = txn;
        assertThat(CommandCodec.decode(CommandCodec.encode(REQUEST, deepest)).command())
                .usingRecursiveComparison()
                .isEqualTo(deepest);
        Command.Txn tooDeep = new Command.Txn(List.of(), List.of(deepest), List.of());
        assertThatThrownBy(() -> CommandCodec.encode(REQUEST, tooDeep)).isInstanceOf(IllegalArgumentException.class);
    }

    @Provide
    Arbitrary<Command> commands() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, CommandArbitraries.commands()),
                Tuple.of(1, CommandArbitraries.ofMembers()),
                Tuple.of(1, CommandArbitraries.ofAlarms()));
    }

    @Property(tries = 500)
    void decodingGivesBackWhatWasEncoded(@ForAll("commands") Command command) {
        assertThat(CommandCodec.decode(CommandCodec.encode(REQUEST, command)).command())
                .usingRecursiveComparison()
                .isEqualTo(command);
    }

    @Property(tries = 3000)
    void randomBytesRaiseNothingButTheNamedExceptions(@ForAll byte[] bytes) {
        assertNamed(bytes);
    }

    /** Damage that is nearly right gets further into the decoder than noise does. */
    @Property(tries = 3000)
    void damagedCommandsRaiseNothingButTheNamedExceptions(
            @ForAll("commands") Command command, @ForAll int where, @ForAll byte what, @ForAll boolean isCut) {
        byte[] encoded = CommandCodec.encode(REQUEST, command);
        int at = Math.floorMod(where, encoded.length);
        if (isCut) {
            assertNamed(Arrays.copyOf(encoded, at));
        } else {
            encoded[at] = what;
            assertNamed(encoded);
        }
    }

    private static void assertNamed(byte[] bytes) {
        try {
            CommandCodec.decode(bytes);
        } catch (UnknownCommandException | MalformedCommandException expected) {
            assertThat(expected).isInstanceOf(RuntimeException.class);
        }
    }
}
