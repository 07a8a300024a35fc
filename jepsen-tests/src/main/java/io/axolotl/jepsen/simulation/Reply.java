package io.axolotl.jepsen.simulation;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import org.jspecify.annotations.Nullable;

/** What a node answers to one attempt of a client. No answer at all is also possible. Immutable. */
sealed interface Reply {
    record Written(CommandResult result) implements Reply {}

    record Read(RangeAnswer.Found found) implements Reply {}

    /**
     * This attempt has had no effect and never will.
     *
     * @param leader whom to ask instead, if known
     */
    record NotTaken(@Nullable NodeId leader) implements Reply {}

    /** Nobody knows whether it happened, and nobody will. */
    record Unknown() implements Reply {}

    /** Takes a reply; called at most once. */
    interface Sink {
        void reply(Reply reply);
    }
}
