package io.axolotl.raft.model;

/**
 * Bugs that the checker can put into every node, to prove that its judge sees them. Each bends what goes in or out at the
 * node's edge; the core has no switch.
 */
enum ModelBug {
    NONE("nothing is planted"),
    VOTE_FORGOTTEN("the vote is lost over a restart (pitfall 1, B2)"),
    SYNC_LIES("a sync returns and does nothing (D5)"),
    SEND_BEFORE_SYNC("promises leave before the sync they rest on (pitfall 1)"),
    STALE_VOTE_COUNTED("a vote of an earlier term counts for this one (pitfall 3)"),
    PREVIOUS_NOT_CHECKED("entries are taken whatever stands before them (B4)"),
    MORE_THAN_PROVEN("a follower answers for its whole log, not for what the request proved (pitfall 10)"),
    COMMIT_PAST_PROVEN("heartbeats tell a commit index that the follower has not matched (pitfall 14)"),
    COMMIT_OLD_TERM("what a majority holds is committed, whatever its term (pitfall 7, Figure 8, B1)"),
    NEWEST_TOKEN("a completed write vouches for all that was given out since (pitfall 15)"),
    TOKEN_BY_INDEX("a completed write vouches for whatever stands at its index now (pitfall 15)"),
    READ_WITHOUT_QUORUM("a leader answers reads without asking anybody (B5)"),
    OLD_READ_ROUND("any answer confirms any read (pitfall 28)"),
    ROUND_OF_ANOTHER_TERM("what is late is answered with the read round that it carries (pitfall 28, B5)"),
    NEW_VOTER_FOR_OLD("in a joint membership an answer of a new voter counts for the old ones too (pitfall 29, M5)"),
    CHANGE_BEFORE_OWN_COMMIT("a leader changes members before it has committed in its own term (pitfall 35, M2)"),
    MEMBERSHIP_ON_COMMIT("after a restart a membership is in force only if it was committed (pitfall 34, M4)");

    private final String description;

    ModelBug(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }
}
