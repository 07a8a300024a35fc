package io.axolotl.jepsen.simulation;

/**
 * Bugs that the simulator can put into a node, to prove that its judges see them: a judge that never saw a bug proves
 * nothing. Each is a change of the world around the real classes (of the disk, of the runner, of what comes back), never
 * a switch inside them.
 */
public enum PlantedBug {
    NONE("nothing is planted", 0),
    SKIP_WAL_SYNC("syncs of log files return at once and do nothing (faults D5, D6)", 20),
    SKIP_HARD_STATE_SYNC("syncs of the hard state return at once and do nothing (pitfall 1, B2)", 20),
    SKIP_STATE_SYNC("syncs of the state machine and of snapshots do nothing (pitfalls 43, 46, D27)", 50),
    SKIP_DIRECTORY_SYNC("syncs of directories return at once and do nothing (pitfall 6, D8)", 200),
    SEND_BEFORE_SYNC("votes and acknowledgements leave before the sync they rest on (pitfall 1)", 20),
    PERSISTED_BEFORE_SYNC("the core is told of a sync that has only begun (pitfall 9, B8, D29)", 50),
    NEWEST_TOKEN("a completed write vouches for all that has been given out since (pitfall 15)", 50),
    TOKEN_BY_INDEX("a completed write vouches for whatever stands at its index now (pitfall 15)", 2_000),
    VOTE_FORGOTTEN("the vote is lost over a restart (D15, B2)", 50),
    HARD_STATE_FORGOTTEN("the whole hard state is lost over a restart (pitfall 5)", 50),
    LOST_TRUNCATION("a conflicting suffix is not cut before new entries are written (B4)", 500),
    READ_WITHOUT_QUORUM("a leader answers reads without asking anybody (B5)", 200),
    READ_BEFORE_APPLY("a confirmed read does not wait until its index is applied (pitfall 30)", 50),
    ACKNOWLEDGED_ON_APPEND("a write is acknowledged once it stands in the leader's log", 20),
    UNKNOWN_AS_REFUSED("a proposal whose leader lost its office is reported as refused (I15)", 200),
    MATCH_BY_INDEX_ONLY("the runner answers for its index without looking at the term", 500),
    COMMIT_OLD_TERM("followers are told to commit what a majority holds, whatever its term (pitfall 7, B1)", 100),
    APPLIED_INDEX_LAGS("a flush takes the data but not the applied index with it (pitfall 48, D28)", 50),
    LOG_CUT_BEFORE_FLUSH("the log is cut up to the applied index before the state is durable (pitfall 46)", 200),
    NON_DETERMINISTIC_APPLY("one node sometimes applies a put differently (B9, C7)", 50),
    INSTALL_WITHOUT_STATE("a snapshot resets the log but not the state machine (pitfall 42)", 100),
    MEMBERSHIP_ON_APPLY("after a restart a membership is in force only if it was applied before (pitfall 34, M4)", 500),
    JOINT_LEFT_EARLY("a joint membership is left without asking the old majority (pitfall 36, M5)", 500),
    LEARNER_COUNTED("what a learner acknowledges is counted for a voter (pitfall 29, M10)", 200),
    LEASE_OF_ONE_ANSWER("a leader's lease is renewed by whatever anybody answers (pitfall 31, P6)", 1_000),
    LEASE_NOT_LOOKED_AT_AGAIN("a read by lease is served though the lease ended in a pause (pitfall 32, P6)", 1_000),
    LONGEST_LOG_WINS("a candidate's log counts as good as ours if it is as long (B3)", 1_000),
    ANY_LOG_WINS("whoever asks is taken to hold everything (B3)", 20),
    VOTES_TWICE("a vote is granted though another one was, in the same term (B2)", 20),
    PREVIOUS_UNCHECKED("entries are taken whatever stands before them (B4)", 1_000),
    ACKNOWLEDGES_TOO_MUCH("one entry more is acknowledged than was written (pitfall 10)", 20),
    REJECTION_LOST("a leader never hears that a follower lacks what comes before (B6)", 20),
    NOBODY_PRE_VOTES("pre-votes are never granted once there was a leader (B7)", 20),
    COMMIT_BEYOND_MATCH("followers are told of commits that they may not hold (B11)", 500),
    READ_OF_EARLIER_ROUND("a confirmed read is answered as of the round before (B5)", 50),
    REFUSED_READ_SERVED("a read that could not be confirmed is served all the same (B5)", 50),
    FORWARD_REPEATED("a forward that may have arrived is sent again (A1)", 50),
    FORWARD_OF_ANY_TERM("a leader appends what was forwarded to an earlier one (A1)", 500),
    CLIENT_REPEATS_UNKNOWN("a client repeats a write that it knows nothing about (A1)", 50),
    SYNC_FAILURE_SWALLOWED("a sync that failed is taken for done (D5)", 20),
    LOG_LOST_QUIETLY("a start without its log begins another one (D17)", 50),
    EMBARGO_FORGOTTEN("what damage took from the log is taken for never written (D11, D12)", 1_000),
    EMBARGO_TOO_SHORT("who has lost entries to damage stands back a term too little (D11, D12)", 1_000),
    HARD_STATE_MADE_ANEW("a damaged hard state is replaced by an empty one (D15)", 5_000),
    HANDSHAKE_SKIPPED("one that comes back with another disk is let in (D19, D20)", 50),
    LOG_RESET_FIRST("an installed snapshot empties the log before it is the state (D27)", 2_000),
    MEMBERSHIP_OF_BEFORE_SNAPSHOT("a snapshot's membership does not replace the one in force (M3)", 50),
    LOCAL_CLOCK_IN_APPLY("what a put does depends on the clock of the member (C7)", 20),
    SESSION_FORGOTTEN("no member knows the calls of a session: a repeat is executed again (pitfall 51, A1)", 20),
    SNAPSHOT_WITHOUT_END("a leader never notices that a follower has the snapshot that it was sent (B12)", 200),
    LOST_AT_STEP_DOWN("what a leader learns to be committed as it loses its office is not applied (B13)", 500),
    ROUND_OF_ANOTHER_TERM("a read round of one leadership counts in the next of the same node (pitfall 28, B5)", 5_000),
    SYNCED_TAKEN_FOR_TORN("a start cuts the last entry of the log, though it had been synced (D9)", 20),
    SESSIONS_NOT_IN_SNAPSHOT("an installed snapshot brings keys and no sessions (B10)", 500);

    private final String description;
    private final int maxSeeds;

    PlantedBug(String description, int maxSeeds) {
        this.description = description;
        this.maxSeeds = maxSeeds;
    }

    public String description() {
        return description;
    }

    /** Within so many seeds it must be caught. */
    public int maxSeeds() {
        return maxSeeds;
    }
}
