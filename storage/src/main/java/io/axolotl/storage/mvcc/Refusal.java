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
    /** The quota is used up (QU-1); raised at apply while the NOSPACE alarm is on. */
    NO_SPACE,
    /** The member is not known (CL-3). */
    MEMBER_NOT_FOUND
}
