package io.axolotl.raft.replication;

/**
 * What the leader believes of one follower. {@code matchIndex < nextIndex} always; {@code matchIndex} is proven and never
 * falls while the leader leads, {@code nextIndex} is a guess (Raft Figure 2, thesis §10.2.1).
 *
 * <p>Confined to the driver thread.
 */
public final class Progress {
    private final InflightWindow inflight;
    private ProgressState state = ProgressState.PROBE;
    private long matchIndex;
    private long nextIndex;
    private long epoch;

    /** In probe: the question has been asked, wait for an answer or for the next heartbeat interval. */
    private boolean isProbeWaiting;

    /** In probe: the guess is good enough to let entries ride along with the question. */
    private boolean isProbeLoaded = true;

    /** In snapshot: when it was offered last. */
    private long offeredAtNanos;

    private boolean isRecentlyActive;
    private boolean hasBeenHeard;
    private long heardAtNanos;
    private long acknowledgedRound;
    private int reluctance;
    private long toldCommitIndex;
    private long movedAtNanos;

    /** A follower of whom nothing is known but the guess that its log ends just before {@code nextIndex}. */
    public Progress(long nextIndex, InflightWindow inflight) {
        this.nextIndex = nextIndex;
        this.inflight = inflight;
    }

    public ProgressState state() {
        return state;
    }

    /** Highest index known to be durable at the follower and equal to the leader's. */
    public long matchIndex() {
        return matchIndex;
    }

    /** Index of the next entry to send. */
    public long nextIndex() {
        return nextIndex;
    }

    /** Counts the resets of the pipeline. */
    public long epoch() {
        return epoch;
    }

    public InflightWindow inflight() {
        return inflight;
    }

    /** The follower has spoken in this term. */
    public void heard(long nowNanos) {
        isRecentlyActive = true;
        hasBeenHeard = true;
        heardAtNanos = nowNanos;
    }

    /** Whether the follower has spoken in this term at {@code sinceNanos} or later. */
    public boolean isHeardSince(long sinceNanos) {
        return hasBeenHeard && heardAtNanos - sinceNanos >= 0;
    }

    /** Whether the follower has spoken since {@link #forgetActivity()}. */
    public boolean isRecentlyActive() {
        return isRecentlyActive;
    }

    public void forgetActivity() {
        isRecentlyActive = false;
    }

    /** The follower has answered a message that carried {@code round}, so it followed this leader after that was sent. */
    public void acknowledge(long round) {
        acknowledgedRound = Math.max(acknowledgedRound, round);
    }

    public long acknowledgedRound() {
        return acknowledgedRound;
    }

    /** The follower has told how much it would rather not lead. */
    public void toldReluctance(int told) {
        reluctance = told;
    }

    /** As the follower has told last; 0 until it has. */
    public int reluctance() {
        return reluctance;
    }

    /** The last commit index that was sent to the follower and that it could take. */
    public long toldCommitIndex() {
        return toldCommitIndex;
    }

    public void toldCommit(long index) {
        toldCommitIndex = Math.max(toldCommitIndex, index);
    }

    /** Whether a request may be sent now, however small. */
    public boolean maySend() {
        return switch (state) {
            case PROBE -> !isProbeWaiting;
            case REPLICATE -> !inflight.isFull();
            case SNAPSHOT -> false;
        };
    }

    /** Whether the next probe may carry entries: true until one was refused or lost. */
    public boolean isProbeLoaded() {
        return isProbeLoaded;
    }

    /** A request that ends in {@code lastIndex} was sent; entries weigh {@code sizeBytes}, 0 if there were none. */
    public void sent(long lastIndex, long sizeBytes, long nowNanos) {
        if (state == ProgressState.PROBE) {
            isProbeWaiting = true;
        } else if (lastIndex >= nextIndex) {
            inflight.add(lastIndex, sizeBytes, nowNanos);
            nextIndex = lastIndex + 1;
        }
    }

    /**
     * The follower has proven to hold all through {@code index}, durably. True for any epoch; but only an answer of this
     * epoch ends probing.
     */
    public void accepted(long index, long answeredEpoch, long nowNanos) {
        matched(index, nowNanos);
        if (state == ProgressState.PROBE && answeredEpoch == epoch) {
            state = ProgressState.REPLICATE;
            nextIndex = matchIndex + 1;
        }
    }

    /** The follower is known to hold all through {@code index}, from whatever source. */
    public void matched(long index, long nowNanos) {
        if (index > matchIndex) {
            matchIndex = index;
            movedAtNanos = nowNanos;
        }
        nextIndex = Math.max(nextIndex, matchIndex + 1);
        inflight.freeTo(matchIndex);
    }

    /**
     * The follower does not hold the entry at {@code previousIndex}.
     *
     * @param guess where to look next, taken from the follower's hint; never followed to or below the match index, and
     *     never upwards (pitfall 13)
     * @return whether the refusal was news; one of an older epoch is not
     */
    public boolean refused(long previousIndex, long guess, long answeredEpoch) {
        if (answeredEpoch != epoch || state == ProgressState.SNAPSHOT || previousIndex <= matchIndex) {
            return false;
        }
        probeFrom(Math.max(matchIndex + 1, Math.min(guess, previousIndex)));
        isProbeWaiting = false;
        return true;
    }

    /**
     * Something is lost or in doubt: looks for the follower's end anew, not before the next heartbeat interval. Where it is being
     * looked for already, a loss says nothing against the place: a follower that is hard to reach after an election would
     * otherwise be sent the whole log.
     */
    public void doubt() {
        probeFrom(state == ProgressState.PROBE ? nextIndex : matchIndex + 1);
    }

    private void probeFrom(long index) {
        state = ProgressState.PROBE;
        nextIndex = index;
        epoch++;
        inflight.clear();
        isProbeWaiting = true;
        isProbeLoaded = false;
    }

    /** A snapshot is on its way, or about to be. */
    public void offeredSnapshot(long nowNanos) {
        state = ProgressState.SNAPSHOT;
        offeredAtNanos = nowNanos;
        inflight.clear();
    }

    /** In snapshot: when it was offered last. */
    public long offeredAtNanos() {
        return offeredAtNanos;
    }

    /** The snapshot is in place, or entries will do after all: goes on at once behind what the follower holds. */
    public void leaveSnapshot() {
        probeFrom(matchIndex + 1);
        isProbeWaiting = false;
        isProbeLoaded = true;
    }

    /** A heartbeat interval has passed: a probe that was not answered may be repeated, without entries. */
    public void retryProbe() {
        if (state == ProgressState.PROBE && isProbeWaiting) {
            isProbeWaiting = false;
            isProbeLoaded = false;
        }
    }

    /** For how long the oldest request has been unanswered while nothing else moved; 0 if nothing is in flight. */
    public long overdueNanos(long nowNanos) {
        if (inflight.isEmpty()) {
            return 0;
        }
        long sinceSent = nowNanos - inflight.oldestSentNanos();
        long sinceMoved = matchIndex == 0 ? sinceSent : nowNanos - movedAtNanos;
        return Math.min(sinceSent, sinceMoved);
    }
}
