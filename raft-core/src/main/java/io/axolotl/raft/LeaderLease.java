package io.axolotl.raft;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long a leader may answer reads without asking (thesis §6.4.1). Every voter that answers a round of read confirmation
 * has followed this leader after the round was sent, and withholds its vote for an election timeout from then on. So from
 * the moment at which a round was sent that a quorum has answered, nobody else can lead for an election timeout, on the
 * voters' clocks; on ours it is taken to be shorter by the drift. Measured from when the round was sent, not from when the
 * answers came (pitfall 31).
 *
 * <p>Ends for good when another node is told to campaign: that one's election asks nobody's promise, and may come however
 * late (pitfall 33). For the rest of the term reads ask a quorum.
 *
 * <p>Confined to the driver thread.
 */
final class LeaderLease {
    private record Sent(long round, long atNanos) {}

    private final boolean isOn;
    private final long lengthNanos;
    private final Deque<Sent> unanswered = new ArrayDeque<>();

    /** Never recorded again, or answers to what left long ago would count from now. Round 0 is no round: nobody is asked. */
    private long newestSentRound;

    private boolean isHeld;
    private long untilNanos;
    private boolean isDropped;

    LeaderLease(RaftConfig config) {
        isOn = config.availability().isLeaseReads();
        lengthNanos = config.electionTimeoutNanos() - config.availability().leaseDriftNanos();
    }

    /** Whether rounds have to be sent for its sake. */
    boolean isWanted() {
        return isOn && !isDropped;
    }

    /** What leaves now, not before {@code nowNanos}, carries {@code round}, like much of what left before perhaps. */
    void sent(long round, long nowNanos) {
        if (isWanted() && round > newestSentRound) {
            newestSentRound = round;
            unanswered.addLast(new Sent(round, nowNanos));
        }
    }

    /** A quorum, this node included, has answered {@code round}. */
    void agreed(long round) {
        while (!unanswered.isEmpty() && unanswered.getFirst().round() <= round) {
            untilNanos = unanswered.removeFirst().atNanos() + lengthNanos;
            isHeld = true;
        }
    }

    /** Whether nobody else can lead at {@code nowNanos}. */
    boolean isHeld(long nowNanos) {
        return isHeld && !isDropped && nowNanos - untilNanos < 0;
    }

    /** When it ends, unless it is renewed; means something only while it {@link #isHeld}. */
    long untilNanos() {
        return untilNanos;
    }

    /** Somebody is told to take over. */
    void drop() {
        isDropped = true;
        unanswered.clear();
    }
}
