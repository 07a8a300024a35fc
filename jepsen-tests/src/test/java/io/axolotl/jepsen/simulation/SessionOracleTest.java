package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("pitfall 51: what the judge of sessions takes for a repeat")
class SessionOracleTest {
    private final SessionOracle oracle = new SessionOracle(new Marks());
    private long index;

    private boolean isExecuted(@Nullable CallId call, Command command) {
        byte[] payload = CommandCodec.encode(new RequestId(1, index), Caller.NOBODY.making(call), command);
        return oracle.isExecuted(new Entry(new EntryId(1, ++index), Entry.Kind.COMMAND, payload));
    }

    private boolean isExecuted(long session, int slot, long sequence) {
        return isExecuted(
                new CallId(session, slot, sequence),
                new Command.Put(new byte[] {1}, new byte[] {2}, 0, false, false, false));
    }

    @Test
    void theHighestNumberOfASlotIsExecutedOnce() {
        assertThat(isExecuted(7, 0, 1)).as("of a session that was not opened").isFalse();
        assertThat(isExecuted(null, new Command.OpenSession(7, 10))).isTrue();
        assertThat(isExecuted(7, 0, 1)).isTrue();
        assertThat(isExecuted(7, 0, 1)).isFalse();
        assertThat(isExecuted(7, 1, 1)).as("of another slot").isTrue();
        assertThat(isExecuted(7, 0, 3)).isTrue();
        assertThat(isExecuted(7, 0, 2)).as("late").isFalse();
        assertThat(isExecuted(null, new Command.Compact(1, false))).isTrue();
    }
}
