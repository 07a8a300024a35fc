package io.axolotl.jepsen.conformance;

import java.util.EnumSet;
import java.util.Set;

/** Parts of the protocol that are served, or not yet. */
enum Service {
    WATCH,
    LEASE,
    LOCK,
    ELECTION,
    ALARM,
    HASH,
    SNAPSHOT,
    DEFRAGMENT;

    /** What Axolotl does not serve yet: its rules are asked of etcd alone. */
    static final Set<Service> NOT_YET_SERVED = EnumSet.noneOf(Service.class);
}
