package io.axolotl.server.api.watch;

import java.time.Duration;

/**
 * Bounds of the watches of one member. Immutable.
 *
 * @param sweepEvents a reading ends with the revision in which it has seen this many events
 * @param sweepBytes or this many bytes of them
 * @param sweepDeliveries or has found them to concern watchers this many times
 * @param messageBytes a message ends with the revision in which it has reached this size; smaller when there are many streams
 * @param fragmentBytes messages from this size on are split for those who asked for it (WA-10)
 * @param maxRevisionBytes a watcher for which one revision holds more is cancelled: it has to go out in one piece. A reading holds
 *     twice as much for all watchers together at most
 * @param maxUnsentBytes of messages that gRPC holds, for all streams together
 * @param progressInterval how often a watcher that wants it is told how far it is when it hears nothing else (WA-9)
 * @param leaderPatience streams that ask for a leader end when none has been known for so long (WA-13)
 * @param doubtPatience all streams end when it has been in doubt for so long what this member holds
 */
public record WatchLimits(
        int sweepEvents,
        long sweepBytes,
        int sweepDeliveries,
        int messageBytes,
        int fragmentBytes,
        long maxRevisionBytes,
        long maxUnsentBytes,
        Duration progressInterval,
        Duration leaderPatience,
        Duration doubtPatience) {
    private static final int FRAGMENT_SLACK_BYTES = 512 * 1024;

    /**
     * Bounds that suit the heap of this process.
     *
     * @param electionTimeout three of them without a leader end a stream that asked for one
     */
    public static WatchLimits of(int maxRequestBytes, Duration progressInterval, Duration electionTimeout) {
        long heapBytes = Runtime.getRuntime().maxMemory();
        return new WatchLimits(
                1_000,
                1 << 20,
                50_000,
                64 << 10,
                maxRequestBytes + FRAGMENT_SLACK_BYTES,
                Math.min(heapBytes / 8, 1L << 30),
                heapBytes / 4,
                progressInterval,
                electionTimeout.multipliedBy(3),
                Duration.ofSeconds(1));
    }
}
