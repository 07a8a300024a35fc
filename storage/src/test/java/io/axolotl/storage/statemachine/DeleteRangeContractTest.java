package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.4. */
class DeleteRangeContractTest extends StoreFixture {
    @Test
    @DisplayName("DL-1 counts the live keys it removed; none is a success at the current revision")
    void countsWhatItRemoved() {
        put("a", "1");
        put("b", "1");
        put("c", "1");
        assertThat(delete("a", "c").deleted()).isEqualTo(2);
        assertThat(keys(all())).containsExactly("c");
        CommandResult.DeleteRange none = delete("a", "c");
        assertThat(none.deleted()).isZero();
        assertThat(none.revision()).isEqualTo(5);
        assertThat(((CommandResult.DeleteRange) apply(new Command.DeleteRange(bytes("b"), OPEN, false))).deleted())
                .isEqualTo(1);
        assertThat(delete("c", "a").deleted()).isZero();
    }

    @Test
    @DisplayName("DL-2 the removed versions come in key order if asked for")
    void returnsWhatItRemoved() {
        put("b", "2");
        put("a", "1");
        CommandResult.DeleteRange gone = (CommandResult.DeleteRange) apply(new Command.DeleteRange(OPEN, OPEN, true));
        assertThat(keys(gone.previous())).containsExactly("a", "b");
        assertThat(text(gone.previous().get(1).value())).isEqualTo("2");
        assertThat(gone.revision()).isEqualTo(4);
        put("a", "1");
        assertThat(delete("a").previous()).isEmpty();
    }
}
