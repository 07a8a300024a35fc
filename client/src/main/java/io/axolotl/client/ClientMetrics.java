package io.axolotl.client;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;

/**
 * What the client counts, and under which names. Safe for all threads.
 *
 * <ul>
 *   <li>{@code axolotl.client.calls.<call>}: timer from call to outcome, repetitions and pauses included
 *   <li>{@code axolotl.client.retries}: attempts beyond the first of their call
 *   <li>{@code axolotl.client.outcomes.done}, {@code .refused}, {@code .unknown}
 *   <li>{@code axolotl.client.leader.found}: times that the leader was looked for and found
 *   <li>{@code axolotl.client.members.lost}: times that a member did not answer any more
 *   <li>{@code axolotl.client.writes.unnumbered}: writes that were to be numbered and went without, since the servers have no
 *       sessions or no room for one ({@link ExactlyOnce#WHEN_OFFERED})
 * </ul>
 */
final class ClientMetrics {
    private static final String PREFIX = "axolotl.client.";

    private final MetricRegistry registry;
    private final Counter retries;
    private final Counter done;
    private final Counter refused;
    private final Counter unknown;
    private final Counter leaderFound;
    private final Counter membersLost;
    private final Counter unnumbered;

    ClientMetrics(MetricRegistry registry) {
        this.registry = registry;
        this.retries = registry.counter(PREFIX + "retries");
        this.done = registry.counter(PREFIX + "outcomes.done");
        this.refused = registry.counter(PREFIX + "outcomes.refused");
        this.unknown = registry.counter(PREFIX + "outcomes.unknown");
        this.leaderFound = registry.counter(PREFIX + "leader.found");
        this.membersLost = registry.counter(PREFIX + "members.lost");
        this.unnumbered = registry.counter(PREFIX + "writes.unnumbered");
    }

    Timer.Context callStarted(String call) {
        return registry.timer(PREFIX + "calls." + call).time();
    }

    void retried() {
        retries.inc();
    }

    void done() {
        done.inc();
    }

    void failed(AxolotlException failure) {
        (failure instanceof UnknownOutcomeException ? unknown : refused).inc();
    }

    void memberLost() {
        membersLost.inc();
    }

    /** A write goes without a number, and so will not be sent again when its outcome is unknown. */
    void unnumbered() {
        unnumbered.inc();
    }

    void leaderFound() {
        leaderFound.inc();
    }
}
