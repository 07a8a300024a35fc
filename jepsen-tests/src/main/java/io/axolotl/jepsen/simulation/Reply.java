package io.axolotl.jepsen.simulation;

import io.axolotl.server.api.EtcdError;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.grpc.Status;

/** What a node answers to one attempt of a client. No answer at all is also possible. Immutable. */
sealed interface Reply {
    record Written(CommandResult result) implements Reply {}

    record Read(RangeAnswer.Found found) implements Reply {}

    /**
     * The attempt came to nothing that could be called an answer.
     *
     * @param status as the server's face or gRPC itself would put it
     * @param isSent whether anything of it may have left the client
     */
    record Failed(Status status, boolean isSent) implements Reply {
        static Failed of(EtcdError error) {
            return new Failed(error.status(), true);
        }

        /** Nobody was there to connect to. */
        static Failed unsent() {
            return new Failed(Status.UNAVAILABLE.withDescription("connection refused"), false);
        }

        /** The connection broke while the call was under way. */
        static Failed cutOff() {
            return new Failed(Status.UNAVAILABLE.withDescription("connection reset"), true);
        }
    }

    /** Takes a reply; called at most once. */
    interface Sink {
        void reply(Reply reply);
    }
}
