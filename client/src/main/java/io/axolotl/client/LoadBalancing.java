package io.axolotl.client;

/**
 * How reads are spread over the members that serve. Writes go to the leader as long as it is known. A member that does not
 * answer gets nothing in either case, until it answers again.
 */
public enum LoadBalancing {
    /** In proportion to how well each is: a member that is slow, or behind, gets fewer, and as many as the others when it is well again. */
    WEIGHTED,
    /** The same to each. */
    ROUND_ROBIN
}
