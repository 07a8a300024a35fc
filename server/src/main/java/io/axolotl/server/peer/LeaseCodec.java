package io.axolotl.server.peer;

import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.peer.proto.LeaseReply;
import org.jspecify.annotations.Nullable;

/** {@link LeaseAnswer}s as they travel. Stateless. */
final class LeaseCodec {
    private LeaseCodec() {}

    static LeaseReply encode(LeaseAnswer answer) {
        if (answer instanceof LeaseAnswer.Alive alive) {
            return LeaseReply.newBuilder()
                    .setOutcome(LeaseReply.Outcome.ALIVE)
                    .setRemainingSeconds(alive.remainingSeconds())
                    .setTtlSeconds(alive.ttlSeconds())
                    .build();
        }
        return LeaseReply.newBuilder()
                .setOutcome(
                        answer instanceof LeaseAnswer.Gone ? LeaseReply.Outcome.GONE : LeaseReply.Outcome.NOT_LEADER)
                .build();
    }

    /** @return null for an answer that is not known here */
    static @Nullable LeaseAnswer decode(LeaseReply reply) {
        return switch (reply.getOutcome()) {
            case NOT_LEADER -> new LeaseAnswer.NotLeader();
            case GONE -> new LeaseAnswer.Gone();
            case ALIVE -> new LeaseAnswer.Alive(reply.getRemainingSeconds(), reply.getTtlSeconds());
            case UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }
}
