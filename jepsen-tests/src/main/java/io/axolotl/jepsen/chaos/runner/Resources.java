package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the members hold of their machine, as Linux counts it (I14): after a run, with the clients gone, no more than before it. What is
 * allowed besides is far less than a run would leave that lost one with each call, connection or election. Immutable.
 */
record Resources(Map<String, Held> byMember) {
    static final String JUDGE = "resources";

    /** Files of a store come and go, and threads of pools are made when they are first needed. */
    static final Held ALLOWED = new Held(150, 60);

    /** Descriptors and threads of one process. */
    record Held(long descriptors, long threads) {}

    Resources {
        byMember = Map.copyOf(byMember);
    }

    /** Of those that live and can be looked at. */
    static Resources of(ProcessCluster cluster) {
        Map<String, Held> held = new LinkedHashMap<>();
        for (ServerProcess node : cluster.nodes()) {
            if (node.isAlive()) {
                try {
                    held.put(node.name(), held(Path.of("/proc", Long.toString(node.pid()))));
                } catch (IOException e) {
                    // It has just ended, or is somebody else's: then there is nothing to compare.
                }
            }
        }
        return new Resources(held);
    }

    private static Held held(Path process) throws IOException {
        return new Held(count(process.resolve("fd")), count(process.resolve("task")));
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        }
    }

    /** @param after of the same members, or those that are left */
    Verdict judge(Resources after) {
        List<String> more = new ArrayList<>();
        int compared = 0;
        for (Map.Entry<String, Held> entry : after.byMember.entrySet()) {
            Held before = byMember.get(entry.getKey());
            if (before != null) {
                compared++;
                Held now = entry.getValue();
                if (now.descriptors > before.descriptors + ALLOWED.descriptors
                        || now.threads > before.threads + ALLOWED.threads) {
                    more.add(entry.getKey() + " had " + before.descriptors + " descriptors and " + before.threads
                            + " threads, and has " + now.descriptors + " and " + now.threads);
                }
            }
        }
        if (compared == 0) {
            return new Verdict(JUDGE, Verdict.Kind.VALID, "nobody could be looked at", List.of());
        }
        return new Verdict(
                JUDGE,
                more.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.VIOLATED,
                more.isEmpty()
                        ? "no member holds more descriptors and threads than before the faults"
                        : "members hold more than before the faults",
                more);
    }
}
