package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.3. PU-1 is checked before a command is proposed. */
class PutContractTest extends StoreFixture {
    private static Command.Put keeping(String key, String value, boolean ignoreValue, boolean ignoreLease) {
        return new Command.Put(bytes(key), bytes(value), 0, true, ignoreValue, ignoreLease);
    }

    @Test
    @DisplayName("PU-2 a lease that does not exist refuses the put, and nothing is written")
    void unknownLeaseIsRefused() {
        assertThat(apply(new Command.Put(bytes("a"), bytes("1"), 77, false, false, false)))
                .isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
        assertThat(store.revision()).isEqualTo(1);
        assertThat(all().count()).isZero();
    }

    @Test
    @DisplayName("PU-3 ignore_value keeps the value, ignore_lease takes the new one")
    void ignoreValueKeepsIt() {
        put("a", "1");
        apply(keeping("a", "", true, false));
        assertThat(text(get("a").value())).isEqualTo("1");
        assertThat(get("a").version()).isEqualTo(2);
        apply(keeping("a", "2", false, true));
        assertThat(text(get("a").value())).isEqualTo("2");
        apply(keeping("a", "", true, true));
        assertThat(text(get("a").value())).isEqualTo("2");
        assertThat(get("a").version()).isEqualTo(4);
    }

    @Test
    @DisplayName("PU-3 either flag on an absent key is refused")
    void keepingOfNothingIsRefused() {
        assertThat(apply(keeping("a", "", true, false))).isEqualTo(refused(Refusal.KEY_NOT_FOUND));
        assertThat(apply(keeping("a", "1", false, true))).isEqualTo(refused(Refusal.KEY_NOT_FOUND));
        put("a", "1");
        delete("a");
        assertThat(apply(keeping("a", "", true, false))).isEqualTo(refused(Refusal.KEY_NOT_FOUND));
        assertThat(store.revision()).isEqualTo(3);
    }

    @Test
    @DisplayName("PU-5 the previous version comes with all its fields, or not at all")
    void previousVersionIsReturned() {
        assertThat(((CommandResult.Put) apply(keeping("a", "1", false, false))).previous())
                .isNull();
        put("a", "2");
        CommandResult.Put third = (CommandResult.Put) apply(keeping("a", "3", false, false));
        assertThat(third.revision()).isEqualTo(4);
        assertThat(third.previous()).isNotNull().satisfies(previous -> {
            assertThat(text(previous.value())).isEqualTo("2");
            assertThat(previous.createRevision()).isEqualTo(2);
            assertThat(previous.modRevision()).isEqualTo(3);
            assertThat(previous.version()).isEqualTo(2);
        });
    }

    @Test
    @DisplayName("PU-6 a put of the same value is a change too")
    void equalValueMakesARevision() {
        put("a", "1");
        assertThat(put("a", "1")).isEqualTo(3);
        assertThat(get("a").version()).isEqualTo(2);
    }
}
