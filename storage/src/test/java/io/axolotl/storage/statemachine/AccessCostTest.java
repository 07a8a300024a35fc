package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.auth.Access;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.Permission;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What it costs to find out what somebody may do (AU-10, A16): it is found out where everything is applied, on every member and
 * again at every restart, so no command may make it long.
 */
class AccessCostTest extends StoreFixture {
    private static final int RANGES = 10;
    private static final int PUTS = 10_000;

    /** The leases that the store was asked about, as often as it was. */
    private final List<Long> asked = new ArrayList<>();

    private Access user = Access.of(store.auth(), Caller.NOBODY);

    @BeforeEach
    void aUserOfManyRanges() {
        change(new Command.AddUser("root", bytes("hash")));
        change(new Command.GrantRole("root", "root"));
        change(new Command.AddRole("many"));
        for (int i = 0; i < RANGES; i++) {
            change(new Command.GrantPermission(
                    "many", new Permission(Permission.Type.WRITE, bytes("k" + i), bytes("k" + i + "0"))));
        }
        change(new Command.AddUser("u", bytes("hash")));
        change(new Command.GrantRole("u", "many"));
        change(new Command.EnableAuth());
        user = Access.of(store.auth(), Caller.user("u", store.auth().revision()));
    }

    private void change(Command.OfAuth command) {
        assertThat(apply(command)).isInstanceOf(CommandResult.AuthChanged.class);
    }

    /** Ten thousand puts, in both branches and one below the other. */
    private static Command.Txn tree(LongUnaryOperator leaseOf) {
        List<Command.Op> below = new ArrayList<>();
        List<Command.Op> above = new ArrayList<>();
        for (int i = 0; i < PUTS; i++) {
            (i % 2 == 0 ? below : above)
                    .add(new Command.Put(
                            bytes("k" + i % RANGES), bytes(""), leaseOf.applyAsLong(i), false, false, false));
        }
        above.add(new Command.Txn(List.of(), List.of(), below));
        return new Command.Txn(List.of(), above, List.of());
    }

    @Test
    @DisplayName("AU-10 a lease is looked at once for a command, however many of its puts name it")
    void aLeaseIsLookedAtOnce() {
        assertThat(user.txn(tree(i -> 7), (lease, from, to) -> asked.add(lease) && to == null && from.length == 0))
                .isNull();
        assertThat(asked).hasSizeLessThanOrEqualTo(RANGES + 2).containsOnly(7L);
    }

    @Test
    @DisplayName("AU-10 of leases without keys each takes one look, however many ranges their user has")
    void aLeaseWithoutKeysTakesOneLook() {
        assertThat(user.txn(tree(i -> i + 1), (lease, from, to) -> !asked.add(lease)))
                .isNull();
        assertThat(asked).hasSize(PUTS).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("AU-10 a key outside is found wherever it lies, by the lease of the last put too")
    void aKeyOutsideIsFound() {
        Command.Txn last = tree(i -> i == PUTS - 2 ? 9 : 7);
        assertThat(user.txn(last, (lease, from, to) -> lease == 9)).isEqualTo(Refusal.PERMISSION_DENIED);
        assertThat(user.txn(last, (lease, from, to) -> lease == 8)).isNull();
    }
}
