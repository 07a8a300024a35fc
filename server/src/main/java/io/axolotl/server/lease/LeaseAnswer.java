package io.axolotl.server.lease;

/** What a member says to a {@link LeaseQuestion}. Immutable. */
public sealed interface LeaseAnswer {
    /** It does not lead, or not for certain; nothing was done. */
    record NotLeader() implements LeaseAnswer {}

    /** There is no such lease, or it has run out. */
    record Gone() implements LeaseAnswer {}

    /**
     * @param remainingSeconds whole seconds that are left, rounded down; after a renewal the whole TTL
     * @param ttlSeconds granted
     */
    record Alive(long remainingSeconds, long ttlSeconds) implements LeaseAnswer {}
}
