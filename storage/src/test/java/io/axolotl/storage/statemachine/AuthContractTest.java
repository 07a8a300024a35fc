package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.auth.Role;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.Permission;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.11, as of the state. */
class AuthContractTest extends StoreFixture {
    private static final byte[] HASH = bytes("$2a$04$hash");

    private CommandResult as(String user, Command command) {
        return log.apply(store, Caller.user(user, store.auth().revision()), command);
    }

    private CommandResult asRoot(Command command) {
        return as("root", command);
    }

    private User knownUser(String name) {
        return Objects.requireNonNull(store.auth().user(name));
    }

    private Role knownRole(String name) {
        return Objects.requireNonNull(store.auth().role(name));
    }

    private static CommandResult denied() {
        return refused(Refusal.PERMISSION_DENIED);
    }

    private void change(Command.OfAuth command) {
        CommandResult result = store.auth().isEnabled() ? asRoot(command) : apply(command);
        assertThat(result).isInstanceOf(CommandResult.AuthChanged.class);
    }

    private void user(String name, String... roles) {
        change(new Command.AddUser(name, HASH));
        for (String role : roles) {
            change(new Command.GrantRole(name, role));
        }
    }

    private void role(String name, Permission... permissions) {
        change(new Command.AddRole(name));
        for (Permission permission : permissions) {
            change(new Command.GrantPermission(name, permission));
        }
    }

    private static Permission may(Permission.Type type, String key, String end) {
        return new Permission(type, bytes(key), bytes(end));
    }

    private static Permission may(Permission.Type type, String key) {
        return new Permission(type, bytes(key), NOTHING);
    }

    /** Root, and alice who may read a to c and write b to d. */
    private void enable() {
        user("root", "root");
        role("ab", may(Permission.Type.READ, "a", "c"), may(Permission.Type.WRITE, "b", "d"));
        user("alice", "ab");
        change(new Command.EnableAuth());
    }

    @Test
    @DisplayName("AU-5 enabling takes a user root who holds the role root; twice is fine, and so is disabling twice")
    void enablingTakesRoot() {
        assertThat(apply(new Command.EnableAuth())).isEqualTo(refused(Refusal.ROOT_USER_MISSING));
        user("root");
        assertThat(apply(new Command.EnableAuth())).isEqualTo(refused(Refusal.ROOT_ROLE_MISSING));
        change(new Command.GrantRole("root", "root"));
        change(new Command.EnableAuth());
        change(new Command.EnableAuth());
        assertThat(store.auth().isEnabled()).isTrue();
        change(new Command.DisableAuth());
        change(new Command.DisableAuth());
        assertThat(store.auth().isEnabled()).isFalse();
    }

    @Test
    @DisplayName("AU-13 each change of users, roles and off counts; what changes nothing and on do not")
    void changesAreCounted() {
        assertThat(store.auth().revision()).isEqualTo(1);
        user("root", "root");
        assertThat(store.auth().revision()).isEqualTo(3);
        change(new Command.GrantRole("root", "root"));
        change(new Command.EnableAuth());
        assertThat(store.auth().revision()).isEqualTo(3);
        change(new Command.DisableAuth());
        assertThat(store.auth().revision()).isEqualTo(4);
    }

    @Test
    @DisplayName("AU-6 while it is on, the user root and its role cannot be deleted or revoked")
    void rootStaysWhileItIsOn() {
        enable();
        role("root");
        assertThat(asRoot(new Command.DeleteUser("root"))).isEqualTo(refused(Refusal.INVALID_AUTH_MANAGEMENT));
        assertThat(asRoot(new Command.DeleteRole("root"))).isEqualTo(refused(Refusal.INVALID_AUTH_MANAGEMENT));
        assertThat(asRoot(new Command.RevokeRole("root", "root"))).isEqualTo(refused(Refusal.INVALID_AUTH_MANAGEMENT));
        change(new Command.DisableAuth());
        change(new Command.DeleteUser("root"));
    }

    @Test
    @DisplayName(
            "AU-7 users: empty, twice, unknown, roles that are not there or not held; a deleted role leaves its holders")
    void usersHaveTheirRules() {
        assertThat(apply(new Command.AddUser("", HASH))).isEqualTo(refused(Refusal.USER_EMPTY));
        user("bob");
        assertThat(apply(new Command.AddUser("bob", HASH))).isEqualTo(refused(Refusal.USER_EXISTS));
        assertThat(apply(new Command.DeleteUser("eve"))).isEqualTo(refused(Refusal.USER_NOT_FOUND));
        assertThat(apply(new Command.ChangePassword("eve", HASH))).isEqualTo(refused(Refusal.USER_NOT_FOUND));
        assertThat(apply(new Command.GrantRole("eve", "r"))).isEqualTo(refused(Refusal.USER_NOT_FOUND));
        assertThat(apply(new Command.GrantRole("bob", "r"))).isEqualTo(refused(Refusal.ROLE_NOT_FOUND));
        assertThat(apply(new Command.RevokeRole("bob", "r"))).isEqualTo(refused(Refusal.ROLE_NOT_GRANTED));
        role("r");
        role("q");
        change(new Command.GrantRole("bob", "r"));
        change(new Command.GrantRole("bob", "q"));
        change(new Command.GrantRole("bob", "r"));
        assertThat(knownUser("bob").roles()).containsExactly("q", "r");
        change(new Command.DeleteRole("q"));
        assertThat(knownUser("bob").roles()).containsExactly("r");
        assertThat(apply(new Command.AddRole(""))).isEqualTo(refused(Refusal.ROLE_EMPTY));
        assertThat(apply(new Command.AddRole("r"))).isEqualTo(refused(Refusal.ROLE_EXISTS));
        assertThat(apply(new Command.DeleteRole("q"))).isEqualTo(refused(Refusal.ROLE_NOT_FOUND));
    }

    @Test
    @DisplayName("AU-8 permissions: the same range has its type replaced, and only exactly it can be revoked")
    void permissionsHaveTheirRules() {
        assertThat(apply(new Command.GrantPermission("r", may(Permission.Type.READ, "a"))))
                .isEqualTo(refused(Refusal.ROLE_NOT_FOUND));
        role("r", may(Permission.Type.READ, "b", "c"), may(Permission.Type.READ, "b"), may(Permission.Type.READ, "a"));
        change(new Command.GrantPermission("r", may(Permission.Type.READWRITE, "b", "c")));
        assertThat(knownRole("r").permissions())
                .containsExactly(
                        may(Permission.Type.READ, "a"),
                        may(Permission.Type.READ, "b"),
                        may(Permission.Type.READWRITE, "b", "c"));
        assertThat(apply(new Command.RevokePermission("r", bytes("b"), bytes("d"))))
                .isEqualTo(refused(Refusal.PERMISSION_NOT_GRANTED));
        change(new Command.RevokePermission("r", bytes("b"), NOTHING));
        for (Permission none : List.of(
                may(Permission.Type.READ, ""),
                may(Permission.Type.READ, "b", "a"),
                may(Permission.Type.READ, "b", "b"))) {
            assertThat(apply(new Command.GrantPermission("r", none)))
                    .isEqualTo(refused(Refusal.INVALID_AUTH_MANAGEMENT));
        }
        change(new Command.GrantPermission("r", new Permission(Permission.Type.WRITE, bytes("z"), OPEN)));
    }

    @Test
    @DisplayName("AU-10 put takes WRITE, and READ for what was there; delete likewise, on the whole range")
    void keysAreGuarded() {
        enable();
        assertThat(as("alice", Log.put("b", "1"))).isInstanceOf(CommandResult.Put.class);
        assertThat(as("alice", Log.put("a", "1"))).isEqualTo(denied());
        assertThat(as("alice", new Command.Put(bytes("b"), NOTHING, 0, true, false, false)))
                .isInstanceOf(CommandResult.Put.class);
        assertThat(as("alice", new Command.Put(bytes("c"), NOTHING, 0, true, false, false)))
                .isEqualTo(denied());
        assertThat(as("alice", Log.delete("b", "d"))).isInstanceOf(CommandResult.DeleteRange.class);
        assertThat(as("alice", Log.delete("b", "e"))).isEqualTo(denied());
        assertThat(as("alice", new Command.DeleteRange(bytes("b"), bytes("d"), true)))
                .isEqualTo(denied());
        assertThat(apply(Log.put("b", "1"))).isEqualTo(refused(Refusal.USER_EMPTY));
        assertThat(as("eve", Log.put("b", "1"))).isEqualTo(denied());
        assertThat(asRoot(Log.put("zzz", "1"))).isInstanceOf(CommandResult.Put.class);
    }

    @Test
    @DisplayName(
            "CVE-2026-33343 every operation of a nested transaction is guarded, on the branch that is not taken too")
    void nestedTransactionsAreGuarded() {
        enable();
        Command.Op forbiddenRead = read("x");
        Command.Op forbiddenPut = Log.put("x", "1");
        Command.Op forbiddenDelete = Log.delete("x");
        for (Command.Op forbidden : List.of(forbiddenRead, forbiddenPut, forbiddenDelete)) {
            assertThat(as("alice", always(forbidden))).isEqualTo(denied());
            assertThat(as("alice", always(always(always(forbidden))))).isEqualTo(denied());
            assertThat(as("alice", txn(List.of(), List.of(), List.of(always(forbidden)))))
                    .isEqualTo(denied());
            assertThat(as("alice", always(txn(List.of(), List.of(), List.of(forbidden)))))
                    .isEqualTo(denied());
        }
        Command.Compare ofOthers = compare("x", Command.Operator.EQUAL, Command.Target.VERSION, 0);
        assertThat(as("alice", txn(List.of(ofOthers), List.of(), List.of()))).isEqualTo(denied());
        assertThat(as("alice", always(txn(List.of(ofOthers), List.of(), List.of()))))
                .isEqualTo(denied());
        assertThat(as("alice", always(read("a"), always(Log.put("b", "1"))))).isInstanceOf(CommandResult.Txn.class);
    }

    @Test
    @DisplayName(
            "CVE-2026-44283 a put inside a transaction needs READ for prev_kv, and WRITE on the other keys of its lease")
    void putsInTransactionsAreGuardedLikeOthers() {
        enable();
        asRoot(new Command.GrantLease(7, 60));
        asRoot(new Command.Put(bytes("x"), NOTHING, 7, false, false, false));
        Command.Put tells = new Command.Put(bytes("c"), NOTHING, 0, true, false, false);
        Command.Put attaches = new Command.Put(bytes("b"), NOTHING, 7, false, false, false);
        for (Command.Put put : List.of(tells, attaches)) {
            assertThat(as("alice", put)).isEqualTo(denied());
            assertThat(as("alice", always(put))).isEqualTo(denied());
            assertThat(as("alice", always(always(put)))).isEqualTo(denied());
        }
    }

    @Test
    @DisplayName("AU-10 a lease is ended by whoever may write all its keys, those of the same run included")
    void leasesAreGuardedByTheirKeys() {
        enable();
        assertThat(as("alice", new Command.GrantLease(7, 60))).isInstanceOf(CommandResult.LeaseGranted.class);
        assertThat(as("alice", new Command.Put(bytes("b"), NOTHING, 7, false, false, false)))
                .isInstanceOf(CommandResult.Put.class);
        Caller root = Caller.user("root", store.auth().revision());
        Caller alice = Caller.user("alice", store.auth().revision());
        List<Applied> run = store.apply(List.of(
                log.append(root, new Command.Put(bytes("x"), NOTHING, 7, false, false, false)),
                log.append(alice, new Command.RevokeLease(7)),
                log.append(root, Log.delete("x")),
                log.append(alice, new Command.RevokeLease(7))));
        assertThat(run.get(1).result()).isEqualTo(denied());
        assertThat(run.get(3).result()).isInstanceOf(CommandResult.LeaseRevoked.class);
        assertThat(apply(new Command.RevokeLease(7))).isEqualTo(refused(Refusal.USER_EMPTY));
        assertThat(apply(new Command.GrantLease(8, 60))).isEqualTo(refused(Refusal.USER_EMPTY));
    }

    @Test
    @DisplayName(
            "AU-9, CVE-2026-33413 compaction, alarms, members and users are for the role root; nobody gets through")
    void administrationIsForRoot() {
        enable();
        Alarm alarm = new Alarm(1, AlarmKind.NOSPACE);
        List<Command> commands = new ArrayList<>(List.of(
                new Command.Compact(1, false),
                new Command.RaiseAlarm(alarm),
                new Command.DisarmAlarm(alarm),
                new Command.AddMember(9, List.of("http://h:1"), true, false, 1),
                new Command.RemoveMember(3),
                new Command.PromoteMember(3),
                new Command.UpdateMember(3, List.of("http://h:2")),
                new Command.EnableAuth(),
                new Command.DisableAuth(),
                new Command.AddUser("eve", HASH),
                new Command.DeleteUser("alice"),
                new Command.ChangePassword("alice", HASH),
                new Command.GrantRole("alice", "root"),
                new Command.RevokeRole("alice", "ab"),
                new Command.AddRole("z"),
                new Command.DeleteRole("ab"),
                new Command.GrantPermission("ab", may(Permission.Type.READ, "z")),
                new Command.RevokePermission("ab", bytes("a"), bytes("c"))));
        long before = store.auth().revision();
        for (Command command : commands) {
            assertThat(apply(command)).as("%s", command).isEqualTo(refused(Refusal.USER_EMPTY));
            assertThat(as("alice", command)).as("%s", command).isEqualTo(denied());
        }
        assertThat(store.auth().revision()).isEqualTo(before);
        assertThat(log.apply(store, Caller.MEMBER, new Command.RaiseAlarm(alarm)))
                .isInstanceOf(CommandResult.AlarmsChanged.class);
    }

    @Test
    @DisplayName("AU-11, etcd 14571 what is held against a caller is the state that its own entry finds")
    void permissionsAreThoseOfTheEntry() {
        enable();
        long seen = store.auth().revision();
        Caller alice = Caller.user("alice", seen);
        Caller root = Caller.user("root", seen);
        List<Applied> run = store.apply(List.of(
                log.append(alice, Log.put("b", "1")),
                log.append(root, new Command.RevokePermission("ab", bytes("b"), bytes("d"))),
                log.append(alice, Log.put("b", "2")),
                log.append(Caller.user("alice", seen + 1), Log.put("b", "3"))));
        assertThat(run.get(0).result()).isInstanceOf(CommandResult.Put.class);
        assertThat(run.get(2).result()).isEqualTo(refused(Refusal.AUTH_OLD_REVISION));
        assertThat(run.get(3).result()).isEqualTo(denied());
        assertThat(get("b").value()).isEqualTo(bytes("1"));
    }

    @Test
    @DisplayName("etcd 14571 members that come by replay, by a crash or by another cut of runs agree on everything")
    void membersCannotPartOverPermissions() {
        enable();
        as("alice", Log.put("b", "1"));
        store.flush();
        change(new Command.RevokePermission("ab", bytes("b"), bytes("d")));
        as("alice", Log.put("b", "2"));
        as("alice", new Command.GrantLease(7, 60));
        change(new Command.AddUser("late", HASH));
        long history = store.historyDigest();
        int crc = store.digest().crc32c();

        KvStateMachine other = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        other.apply(log.after(0));
        assertThat(other.historyDigest()).isEqualTo(history);
        assertThat(other.digest().crc32c()).isEqualTo(crc);
        assertThat(other.auth().revision()).isEqualTo(store.auth().revision());

        crash();
        assertThat(store.auth().isEnabled()).isTrue();
        replay();
        assertThat(store.historyDigest()).isEqualTo(history);
        assertThat(store.digest().crc32c()).isEqualTo(crc);
        assertThat(store.auth().user("late")).isNotNull();
        assertThat(knownUser("alice").roles()).containsExactly("ab");
        assertThat(knownRole("ab").permissions()).containsExactly(may(Permission.Type.READ, "a", "c"));
        assertThat(as("alice", Log.put("b", "3"))).isEqualTo(denied());
    }

    @Test
    @DisplayName(
            "A20 a run ends with a change of who may do what, so that nobody sees what comes after it by the rights of before")
    void aRunEndsWithAChangeOfRights() {
        enable();
        Caller root = Caller.user("root", store.auth().revision());
        List<Entry> entries = List.of(
                log.append(root, Log.put("b", "1")),
                log.append(root, new Command.RevokePermission("ab", bytes("a"), bytes("c"))),
                log.append(root.asOf(root.authRevision() + 1), Log.put("b", "secret")));
        assertThat(store.apply(entries, id -> true)).hasSize(2);
        assertThat(store.apply(entries.subList(2, 3), id -> true)).hasSize(1);
    }

    @Test
    @DisplayName("AU-3 a token is given for the password that was checked, and means nothing once that has changed")
    void tokensHangOnThePassword() {
        enable();
        long credential = knownUser("alice").credentialIndex();
        CommandResult given = apply(new Command.AssignToken("alice", credential, bytes("hash")));
        assertThat(given).isInstanceOf(CommandResult.TokenAssigned.class);
        long index = ((CommandResult.TokenAssigned) given).index();
        assertThat(store.auth().honours("alice", index)).isTrue();
        assertThat(store.auth().honours("eve", index)).isFalse();

        change(new Command.ChangePassword("alice", HASH));
        assertThat(store.auth().honours("alice", index)).isFalse();
        assertThat(apply(new Command.AssignToken("alice", credential, bytes("hash"))))
                .isEqualTo(refused(Refusal.AUTH_OLD_REVISION));
        long renewed = knownUser("alice").credentialIndex();
        long second =
                ((CommandResult.TokenAssigned) apply(new Command.AssignToken("alice", renewed, bytes("h")))).index();
        change(new Command.DisableAuth());
        assertThat(apply(new Command.AssignToken("alice", renewed, bytes("h"))))
                .isEqualTo(refused(Refusal.AUTH_NOT_ENABLED));
        change(new Command.EnableAuth());
        assertThat(store.auth().honours("alice", second)).isFalse();
    }

    @Test
    @DisplayName("AU-7 a user without a password stays without one")
    void whoHasNoPasswordGetsNone() {
        change(new Command.AddUser("cert", NOTHING));
        change(new Command.ChangePassword("cert", HASH));
        assertThat(knownUser("cert").hasPassword()).isFalse();
    }

    @Test
    @DisplayName("secrets show in no text form")
    void secretsHaveNoText() {
        enable();
        assertThat(List.of(
                        new Command.AddUser("u", HASH).toString(),
                        new Command.ChangePassword("u", HASH).toString(),
                        new Command.AssignToken("u", 1, bytes("hash")).toString(),
                        new CommandResult.TokenAssigned(1, 1, "u", bytes("hash")).toString(),
                        knownUser("alice").toString()))
                .allSatisfy(text -> assertThat(text).doesNotContain("[B@", "hash", "$2a"));
    }
}
