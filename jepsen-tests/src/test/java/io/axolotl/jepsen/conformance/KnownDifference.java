package io.axolotl.jepsen.conformance;

/**
 * Where Axolotl is right to differ from the oracle, Debian's etcd 3.4.23: the contract is that of 3.6. The tests expect of each
 * server what is its own, so that a difference that is none any more fails too.
 */
enum KnownDifference {
    UNKNOWN_SORT_OPTION(
            "RG-7",
            "3.4 ignores an order that it does not know, and dies of a target that it does not know; 3.6 refuses both"),
    UNKNOWN_COMPARISON(
            "TX-2", "etcd takes an unknown comparison for true; we refuse a request that we do not understand"),
    OPEN_ENDED_DELETE(
            "TX-9", "etcd's search for duplicates does not see the keys of a delete without an end; ours does"),
    DELETE_AFTER_NESTED_PUT(
            "TX-9",
            "etcd does not hold the deletes of a nested transaction against the puts of one before it; ours does"),
    DEPTH(
            "TX-7",
            "etcd bounds how deep transactions lie by the number of operations alone; ours has a bound of its own"),
    NEGATIVE_REVISION_IN_TXN(
            "TX-8",
            "etcd takes a negative revision for the latest in a range alone, and for a compacted one in a transaction"),
    FIRST_REFUSAL_IN_TXN(
            "TX-10", "up to 3.5 all puts of a transaction are checked before its ranges; since 3.6 in their order"),
    WAITER_WITHOUT_KEY("LK-3", "3.4.23 gives the lock to a waiter whose key is gone; since 3.5 it is refused"),
    NEGATIVE_WATCH_START(
            "WA-3",
            "3.4.23 creates a watch from a negative revision, then cancels it; since 3.6.6 it is refused at once"),
    ALARM_HEADER("HD-3", "3.4.23 answers Alarm without a header; 3.6 has one"),
    HASH_REVISION("MT-4", "hash_revision came with 3.6"),
    SNAPSHOT_VERSION("MT-5", "the version in the chunks of a snapshot came with 3.6"),
    DOWNGRADE("MT-7", "Downgrade came with 3.5"),
    NEWER_STATUS("MT-2", "storageVersion, dbSizeQuota and downgradeInfo came with 3.6"),
    UPDATED_LEARNER("CL-3", "3.4.23 lists a learner as a voter once its URLs are updated"),
    BAD_URL_IN_UPDATE("CL-3", "the process of 3.4.23 dies of an update to what is no URL, so it is not asked"),
    NOT_ENOUGH_STARTED_MEMBERS(
            "CL-2", "etcd sends Unknown by accident; we send the code that its library means (C.1, note 1)"),
    ROLE_ROOT_IS_TOLD("AU-6", "3.4.23 tells no permission of the role root; 3.6 tells that it may do everything"),
    BAD_PERMISSION("AU-8", "3.4.23 takes a range that ends before it begins, and dies of a grant of nothing"),
    OPEN_TO_ALL(
            "AU-9",
            "3.4.23 has compaction, alarms, the list of members and leases open to all (CVE-2026-33413), and refuses"
                    + " maintenance with a text of its own, \"auth: permission denied\""),
    NESTED_UNGUARDED(
            "AU-10", "3.4.23 guards neither nested transactions (CVE-2026-33343) nor the keys that a lease tells of");

    private final String rule;
    private final String reason;

    KnownDifference(String rule, String reason) {
        this.rule = rule;
        this.reason = reason;
    }

    /** Id of the rule that it is about. */
    String rule() {
        return rule;
    }

    String reason() {
        return reason;
    }
}
