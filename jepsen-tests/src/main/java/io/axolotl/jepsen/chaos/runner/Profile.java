package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.nemesis.Schedule;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.util.ArrayList;
import java.util.List;

/** Fixed sets of runs. */
enum Profile {
    /** A few, each with another workload and other faults: minutes. */
    SHORT {
        @Override
        List<Pair> pairs(int nodes) {
            return List.of(
                    new Pair("register", List.of("leader-kill")),
                    new Pair("append", List.of("pause")),
                    new Pair("set", List.of("halves")),
                    new Pair("bank", List.of("power-cut-all")),
                    new Pair("watch", List.of("restart-storm", "slow-links")),
                    new Pair("lease", List.of("isolated-leader")),
                    new Pair("counter", List.of("wiped-member")),
                    new Pair("register", List.of("rolling-restart")));
        }
    },
    /** Every workload with every group of faults: hours. */
    LONG {
        @Override
        List<Pair> pairs(int nodes) {
            List<Pair> pairs = new ArrayList<>();
            for (List<List<String>> groups : List.of(GROUPS, LATER_GROUPS, LATEST_GROUPS)) {
                for (String workload : Workloads.names()) {
                    groups.forEach(group -> pairs.add(new Pair(workload, group)));
                }
            }
            return pairs;
        }
    };

    private static final List<List<String>> GROUPS = List.of(
            List.of("leader-kill", "random-kill"),
            List.of("all-kill", "restart-storm"),
            List.of("pause", "stalls", "starved", "tight-memory"),
            List.of("halves", "isolated-leader"),
            List.of("partial-cut", "one-way", "bridge", "majority-ring"),
            List.of("flapping", "no-majority"),
            List.of("slow-links", "lossy-links", "narrow-links"),
            List.of("reordered-links", "doubled-links", "corrupt-links"),
            List.of("slow-disk", "hung-disk", "full-disk"),
            List.of("power-cut", "power-cut-all", "sync-error", "write-error"),
            List.of("flip-wal", "flip-snapshot", "flip-sst", "truncated-file"),
            List.of("wiped-member", "old-disk", "members", "leader-transfer"),
            List.of("rolling-restart", "snapshot-storm", "compaction-storm", "clock-jump", "clock-drift"),
            List.of(Schedule.MIX));

    /** After all others, so that the seeds of those stay what they were, and a campaign that was begun can go on. */
    private static final List<List<String>> LATER_GROUPS =
            List.of(List.of("dead-disk", "lost-file"), List.of("client-cut", "pause-majority", "clock-strobe"));

    /** After those, for the same reason. */
    private static final List<List<String>> LATEST_GROUPS = List.of(List.of("narrow-disk"));

    /** One run. */
    record Pair(String workload, List<String> nemesis) {}

    abstract List<Pair> pairs(int nodes);
}
