package io.axolotl.jepsen.simulation;

/** What the nemesis may do. Each seed enables some of these (a swarm), so that rare pairs also meet without the rest. */
enum Fault {
    /** The process dies; what it had handed to the operating system stays. */
    KILL,
    /** The machine loses power; of what was not synced any part survives, torn and in any order. */
    POWER_CUT,
    /** Power is lost just before the k-th next disk operation, wherever that is. */
    CRASH_AT_DISK_OPERATION,
    /** Power is lost on all nodes at once. */
    POWER_CUT_ALL,
    /** One node hears and is heard by nobody (N1, N2). */
    ISOLATE,
    /** Two groups that do not hear each other (N3). */
    SPLIT,
    /** Two groups and one node that reaches both (N6). */
    BRIDGE,
    /** One direction of one link is cut. */
    ONE_WAY,
    /** One node can send but not hear, or hear but not send (N7, N8). */
    DEAF_OR_MUTE,
    /** A node stops for a while and then goes on as if nothing had happened (P6). */
    PAUSE,
    /** Syncs of one node take much longer (D23, D24). */
    SLOW_DISK,
    /** Applying takes much longer on one node. */
    SLOW_APPLY,
    /** Messages of the whole network are late (N12). */
    SLOW_NETWORK,
    /** Messages of the whole network are lost more often (N11). */
    LOSSY_NETWORK,
    /** Leadership is handed to a node drawn at random. */
    TRANSFER,
    /** The operator adds, promotes, removes or replaces members, several at once (M1). */
    CHANGE_MEMBERS,
    /** Some nodes believe that another has ended, which is well. */
    WRONG_HINT,
    /** One pair of nodes does not hear each other, everybody else does (N5). */
    PARTIAL,
    /** One node's links come and go many times a second (N10). */
    FLAPPING,
    /** All nodes are cut off one after the other and come back in another order (N10). */
    SWIZZLE,
    /** A node is killed again and again while it starts (P4). */
    CRASH_LOOP,
    /** The monotonic clock of one node jumps ahead, as after the machine slept; never where reads rest on leases. */
    CLOCK_JUMP,
    /** Syncs of one node fail for a while: what they were to make durable is lost, whatever a later one says (D5, D25). */
    FAILED_SYNC,
    /** The disk of one node is full for a while (D1). */
    FULL_DISK,
    /** Bytes at rest change on one node: a flipped bit, a sector of zeroes, an old sector, one of another place (D10 to D18). */
    ROT,
    /** A node loses its whole disk, and comes back with an empty one (D19). */
    WIPED_DISK,
    /** A node comes back with an old copy of its disk (D20). */
    OLD_DISK;

    /** Whether what one node had promised to keep may be gone: never on more nodes at once than the rest can make up for. */
    boolean destroys() {
        return this == ROT || this == WIPED_DISK || this == OLD_DISK;
    }
}
