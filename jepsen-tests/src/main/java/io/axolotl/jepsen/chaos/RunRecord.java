package io.axolotl.jepsen.chaos;

import java.util.List;
import java.util.Map;

/** A run whole. A setting {@link #PLANTED} names the bug that its servers had, {@link #PLANTED_BUG} says in a sentence which that is. */
public record RunRecord(
        String id,
        String commit,
        String target,
        int nodes,
        long seed,
        String workload,
        String nemesis,
        double minutes,
        long startedEpochMillis,
        List<FaultWindow> faults,
        List<ClusterEvent> events,
        List<Probe> probes,
        List<Verdict> verdicts,
        Map<String, String> skipped,
        Map<String, String> settings) {
    public static final String PLANTED = "planted";
    public static final String PLANTED_BUG = "plantedBug";
}
