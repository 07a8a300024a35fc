package io.axolotl.server.api;

import java.time.Duration;

/**
 * What a change of the members must respect. Immutable.
 *
 * @param isStrict whether a change that endangers the quorum is refused (CL-2)
 * @param maxLearners most learners that the cluster may have (CL-1)
 * @param healthInterval for how long the voters must have been reachable to count as healthy (CL-2)
 */
public record ReconfigurationRules(boolean isStrict, int maxLearners, Duration healthInterval) {
    /** With etcd's interval. */
    public ReconfigurationRules(boolean isStrict, int maxLearners) {
        this(isStrict, maxLearners, Duration.ofSeconds(5));
    }
}
