package io.axolotl.server.auth;

import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is given to who has shown the right password, and shows who calls from then on (AU-3). Safe for all threads. */
public sealed interface Tokens permits SimpleTokens, JwtTokens {
    /**
     * Who bears a token, or null if it is none, has run out, or means nothing any more.
     *
     * @param auth as of now
     */
    @Nullable Caller bearer(String token, AuthState auth);

    /** Whether this member has to hear of more before it can tell what a token means: it was given by a member that is ahead. */
    boolean isAhead(String token, KvStateMachine state);

    /**
     * Whether a bearer whose auth revision is found to be old is found anew by asking again: the token does not say the
     * revision itself.
     */
    boolean isRenewing();

    /**
     * Gives a token.
     *
     * @param user whose password was right under {@code auth}
     * @param proposer takes a command to the log, if one is needed
     * @param then one call, on any thread; must neither block nor throw
     */
    void issue(User user, AuthState auth, Proposer proposer, Consumer<Issued> then);

    /** Takes a command of this member to the log. */
    @FunctionalInterface
    interface Proposer {
        void propose(io.axolotl.storage.command.Command command, ProposalCallback callback);
    }

    /** What came of it. */
    sealed interface Issued {
        /** @param revision for the header of the answer; 0 if no entry was made */
        record Token(String text, long revision) implements Issued {
            /** Without the token. */
            @Override
            public String toString() {
                return "Token[revision=" + revision + "]";
            }
        }

        /** By the state machine; with AUTH_OLD_REVISION the password is to be checked again. */
        record Refused(Refusal why) implements Issued {}

        /** The command did not come to its end. */
        record Failed(io.axolotl.server.driver.NodeService.Failure why) implements Issued {}
    }
}
