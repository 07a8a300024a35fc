package io.axolotl.storage.mvcc;

/** Why the store refused a request; each has its etcd code and text at the edge (contract C.1). */
public enum Refusal {
    /** The asked revision is below the compaction floor. */
    COMPACTED,
    /** The asked revision has not happened yet. */
    FUTURE_REVISION,
    /** ignore_value or ignore_lease on a key that does not exist (PU-3). */
    KEY_NOT_FOUND,
    /** The lease of a put does not exist (PU-2). */
    LEASE_NOT_FOUND,
    /** A member's quota is used up (QU-1), or was, and the alarm that says so is not disarmed yet (QU-2). */
    NO_SPACE,
    /** What some member holds is in doubt, and the alarm that says so is not disarmed yet (QU-2). */
    CORRUPT,
    /** The member is not known, or was removed (CL-3). */
    MEMBER_NOT_FOUND,
    /** A member with this id is there already (CL-1). */
    MEMBER_ID_EXISTS,
    /** Another member has this peer URL (CL-1). */
    PEER_URL_EXISTS,
    /** The cluster has as many learners as it may have (CL-1). */
    TOO_MANY_LEARNERS,
    /** Only a learner can be promoted (CL-3). */
    MEMBER_NOT_LEARNER,
    /** Nobody would be left to vote (CL-2); the edge refuses more under this name. */
    NOT_ENOUGH_STARTED_MEMBERS,
    /** The member was known with another data folder (pitfall 4). */
    STORE_REPLACED,
    /** A lease with this id is there already (LE-1). */
    LEASE_EXISTS,
    /** What a leader had proposed for its own term came into the log of another; never told to a client. */
    LEADER_REPLACED
}
