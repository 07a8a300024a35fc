package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.CommandResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which tokens (AU-3) a member hears of. */
class TokenRelayTest {
    private final List<Long> heard = new ArrayList<>();
    private long toldThrough;

    private final NodeService.TokenListener listener = new NodeService.TokenListener() {
        @Override
        public void assigned(CommandResult.TokenAssigned token) {
            heard.add(token.index());
        }

        @Override
        public void toldThrough(long index) {
            toldThrough = index;
        }
    };

    private static CommandResult.TokenAssigned token(long index) {
        return new CommandResult.TokenAssigned(1, index, "u", new byte[32]);
    }

    @Test
    @DisplayName("AU-3 what was in the log before this start is replayed, and its tokens do not begin to live anew")
    void whatIsReplayedGivesNoTokens() {
        TokenRelay relay = new TokenRelay(7);
        relay.appliedThrough(5);
        relay.hear(listener);
        assertThat(toldThrough).isEqualTo(5);
        for (long index = 6; index <= 9; index++) {
            relay.assigned(token(index));
            relay.appliedThrough(index);
        }
        assertThat(heard).containsExactly(8L, 9L);
        assertThat(toldThrough).isEqualTo(9);
    }

    @Test
    @DisplayName(
            "AU-3 what is applied before anybody listens is told when somebody does, the newest if it is very much")
    void whatCameEarlyIsKept() {
        TokenRelay relay = new TokenRelay(0);
        for (long index = 1; index <= TokenRelay.MAX_KEPT + 2; index++) {
            relay.assigned(token(index));
        }
        relay.appliedThrough(TokenRelay.MAX_KEPT + 2);
        relay.hear(listener);
        assertThat(heard)
                .containsExactlyElementsOf(LongStream.rangeClosed(3, TokenRelay.MAX_KEPT + 2)
                        .boxed()
                        .toList());
        assertThat(toldThrough).isEqualTo(TokenRelay.MAX_KEPT + 2);
    }
}
