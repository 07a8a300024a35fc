package io.axolotl.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.FakeNode;
import io.axolotl.server.driver.NodeService.TokenListener;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Simple tokens (AU-3) over a state machine. */
class SimpleTokensTest {
    private static final long TTL_NANOS = TimeUnit.SECONDS.toNanos(300);

    private final AtomicLong clock = new AtomicLong(-5);
    private final SimpleTokens tokens = new SimpleTokens(TTL_NANOS, clock::get);
    private final FakeNode node = new FakeNode(1 << 20);

    @BeforeEach
    void enable() {
        node.hearTokens(tokens);
        byte[] hash = "hash".getBytes(StandardCharsets.UTF_8);
        for (Command command : List.of(
                new Command.AddUser("root", hash), new Command.GrantRole("root", "root"), new Command.EnableAuth())) {
            node.propose(command, result -> {});
        }
    }

    @AfterEach
    void close() {
        node.close();
    }

    private AuthState auth() {
        return node.store().auth();
    }

    private String give() {
        List<Tokens.Issued> told = new ArrayList<>();
        User user = Objects.requireNonNull(auth().user("root"));
        tokens.issue(user, auth(), node::propose, told::add);
        return ((Tokens.Issued.Token) told.get(0)).text();
    }

    @Test
    @DisplayName("AU-3 every member that applies the entry knows the token; no two are alike")
    void otherMembersKnowIt() {
        SimpleTokens other = new SimpleTokens(TTL_NANOS, clock::get);
        node.hearTokens(new TokenListener() {
            @Override
            public void assigned(CommandResult.TokenAssigned token) {
                tokens.assigned(token);
                other.assigned(token);
            }

            @Override
            public void toldThrough(long index) {
                tokens.toldThrough(index);
            }
        });
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            String token = give();
            assertThat(all.add(token.substring(0, token.indexOf('.')))).isTrue();
            assertThat(other.bearer(token, auth())).isEqualTo(Caller.user("root", auth().revision()));
        }
    }

    @Test
    @DisplayName("AU-3 who comes with a token of a later entry has to wait; with anything else it has not")
    void aTokenOfLaterSaysSo() {
        String token = give();
        assertThat(tokens.isAhead(token, node.store())).isFalse();
        String later = token.substring(0, token.indexOf('.') + 1) + 1_000;
        assertThat(tokens.isAhead(later, node.store())).isTrue();
        for (String none : List.of(
                "", "x.9", "x".repeat(24) + ".", "x".repeat(24) + ".9x", "x".repeat(24) + "." + "9".repeat(40))) {
            assertThat(tokens.isAhead(none, node.store())).as(none).isFalse();
            assertThat(tokens.bearer(none, auth())).as(none).isNull();
        }
    }

    @Test
    @DisplayName("AU-3 a token whose entry the store shows already, but of which nobody was told yet, is waited for")
    void aTokenThatIsOnItsWayIsWaitedFor() {
        node.hearTokens(null);
        String token = give();
        assertThat(tokens.bearer(token, auth())).isNull();
        assertThat(tokens.isAhead(token, node.store())).isTrue();
    }

    @Test
    @DisplayName("AU-3 what nobody shows is forgotten, and takes no memory any more; what is shown lives on")
    void whatNobodyShowsIsForgotten() {
        String used = give();
        for (int i = 0; i < 20; i++) {
            give();
        }
        for (int i = 0; i < 5; i++) {
            clock.addAndGet(TTL_NANOS / 2);
            assertThat(tokens.bearer(used, auth())).isNotNull();
        }
        String late = give();
        assertThat(tokens.size()).isEqualTo(2);
        clock.addAndGet(TTL_NANOS + 1);
        assertThat(tokens.bearer(used, auth())).isNull();
        assertThat(tokens.bearer(late, auth())).isNull();
    }
}
