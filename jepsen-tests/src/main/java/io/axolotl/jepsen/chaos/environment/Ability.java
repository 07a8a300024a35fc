package io.axolotl.jepsen.chaos.environment;

import java.util.Locale;

/** What faults may need of the machine. Constants; safe for all threads. */
public enum Ability {
    /** What one node sends to another can be made to vanish, each direction for itself. */
    LINKS,
    /** Links can be made slow and narrow. */
    SLOW_LINKS,
    /** Links can be made to lose, reorder, double and bend packets. */
    LOSSY_LINKS,
    /** Clients can be cut off from a node that its peers still reach. */
    CLIENT_LINKS,
    /** Every node has a small file system of its own, that can be full. */
    SMALL_DISKS,
    /** Such a file system can lose everything that was not synced. */
    POWER_CUTS,
    /** System calls of a living process can be delayed and made to fail. */
    SYSTEM_CALLS,
    /** Every node has a wall clock of its own. */
    CLOCKS,
    /** A node can be held to a share of the processor. */
    PROCESSOR_SHARES,
    /** A node can be left next to no memory. */
    MEMORY_ROOMS,
    /** A node can be held to so many requests and bytes a second on its disk. */
    DISK_SHARES;

    /** As in reports: {@code small-disks}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
