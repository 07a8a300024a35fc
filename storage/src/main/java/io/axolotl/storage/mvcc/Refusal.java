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
    LEADER_REPLACED,
    /** Nobody has said a name where one is needed: of a user to be, or of who calls (AU-4). */
    USER_EMPTY,
    /** A user of this name is there already (AU-7). */
    USER_EXISTS,
    /** There is no user of this name (AU-7). */
    USER_NOT_FOUND,
    /** A role needs a name. */
    ROLE_EMPTY,
    /** A role of this name is there already. */
    ROLE_EXISTS,
    /** There is no role of this name. */
    ROLE_NOT_FOUND,
    /** The user does not hold the role (AU-7). */
    ROLE_NOT_GRANTED,
    /** The role has no permission for exactly this range (AU-8). */
    PERMISSION_NOT_GRANTED,
    /** The range of a permission is none (AU-8), or nobody would be left who may change anything (AU-6). */
    INVALID_AUTH_MANAGEMENT,
    /** Access control cannot be switched on without a user root (AU-5). */
    ROOT_USER_MISSING,
    /** Access control cannot be switched on while the user root does not hold the role root (AU-5). */
    ROOT_ROLE_MISSING,
    /** Who calls may not (AU-9, AU-10). */
    PERMISSION_DENIED,
    /** Users or roles have changed since who calls was found to be who it is (AU-11). */
    AUTH_OLD_REVISION,
    /** There is nothing to log in to (AU-2). */
    AUTH_NOT_ENABLED,
    /** What a caller shows is no token, or has run out (AU-4). Found at the edge alone. */
    INVALID_AUTH_TOKEN,
    /** There is no such session, or not any more, or it is somebody else's. */
    SESSION_UNKNOWN,
    /** A session with this id is there already. */
    SESSION_EXISTS,
    /** A later call has used the slot: what came of this one is forgotten (pitfall 51). */
    CALL_PASSED,
    /** The number was used for a call that wanted something else. */
    CALL_DIFFERS,
    /** There are as many sessions, or slots, as there may be, and all have been used lately. */
    TOO_MANY_SESSIONS
}
