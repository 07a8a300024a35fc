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
    /** One node hears and is heard by nobody. */
    ISOLATE,
    /** Two groups that do not hear each other. */
    SPLIT,
    /** Two groups and one node that reaches both. */
    BRIDGE,
    /** One direction of one link is cut. */
    ONE_WAY,
    /** One node can send but not hear, or hear but not send. */
    DEAF_OR_MUTE,
    /** A node stops for a while and then goes on as if nothing had happened. */
    PAUSE,
    /** Syncs of one node take much longer. */
    SLOW_DISK,
    /** Applying takes much longer on one node. */
    SLOW_APPLY,
    /** Messages of the whole network are late. */
    SLOW_NETWORK,
    /** Messages of the whole network are lost more often. */
    LOSSY_NETWORK,
    /** Leadership is handed to a node drawn at random. */
    TRANSFER,
    /** Whoever leads is asked to add, promote, demote, remove or replace members, several at once. */
    CHANGE_MEMBERS,
    /** Some nodes believe that another has ended, which is well. */
    WRONG_HINT
}
