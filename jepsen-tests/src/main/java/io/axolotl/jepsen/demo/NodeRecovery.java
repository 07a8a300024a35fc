package io.axolotl.jepsen.demo;

import io.axolotl.jepsen.process.MetricsPage;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a node tells of its own recovery since its process was started, from the record that it logs and from its metrics. Immutable.
 *
 * @param steps the steps of the start in order; none if the server keeps no record of them
 * @param snapshotBytes bytes of snapshots received from a leader
 * @param snapshotMillis time for receiving them
 * @param snapshots how many were received whole
 */
record NodeRecovery(String node, List<Step> steps, long snapshotBytes, double snapshotMillis, long snapshots) {
    NodeRecovery {
        steps = List.copyOf(steps);
    }

    /**
     * One step of the start.
     *
     * @param found what it came to, in the node's words; may be empty
     */
    record Step(String name, double millis, String found) {}

    /** As {@code RecoveryRecord.toText} writes it: number, name, time, what was found. */
    private static final Pattern STEP_LINE = Pattern.compile("\\s+(\\d+)\\. (.*?)\\s+([\\d.]+) ms\\s*(.*)");

    static NodeRecovery of(ServerProcess node) {
        MetricsPage page = node.get("/metrics", Duration.ofSeconds(2))
                .map(MetricsPage::parse)
                .orElseGet(() -> MetricsPage.parse(""));
        return new NodeRecovery(
                node.name(),
                steps(node.log()),
                (long) page.sum("axolotl_snapshot_receive_bytes_total"),
                millis(page.sum("etcd_network_snapshot_receive_total_duration_seconds_sum")),
                (long) page.sum("etcd_network_snapshot_receive_success"));
    }

    /** The steps of the last recovery record in a log. */
    static List<Step> steps(String log) {
        List<Step> steps = new ArrayList<>();
        for (String line : log.lines().toList()) {
            Matcher step = STEP_LINE.matcher(line);
            if (step.matches()) {
                if (step.group(1).equals("1")) {
                    steps.clear();
                }
                steps.add(new Step(step.group(2), Double.parseDouble(step.group(3)), step.group(4)));
            }
        }
        return steps;
    }

    private static double millis(double seconds) {
        return Math.round(seconds * 10_000) / 10.0;
    }

    /** {@code lock 1 ms, scan the log 80 ms}. */
    String stepsInWords() {
        return steps.stream()
                .map(step -> step.name() + " " + Text.duration((long) (step.millis() * 1e6)))
                .collect(Collectors.joining(", "));
    }
}
