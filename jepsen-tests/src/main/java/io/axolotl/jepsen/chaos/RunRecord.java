package io.axolotl.jepsen.chaos;

import java.util.List;
import java.util.Map;

/** A run whole. */
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
        Map<String, String> settings) {}
