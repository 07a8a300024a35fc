package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One run: what is hurt, how, and by whom it is used meanwhile. Immutable.
 *
 * @param nemesis names of faults
 * @param minutes in which faults come
 * @param callsPerSecond of the workload
 * @param folder for its history, its report and, while it runs, the servers' data
 * @param isBrisk faults follow each other sooner, for runs of less than a minute
 * @param isEnclosed whether this program runs inside an {@link io.axolotl.jepsen.process.Enclosure}
 * @param planted a bug that its servers have
 */
public record RunPlan(
        Target target,
        int nodes,
        String workload,
        List<String> nemesis,
        double minutes,
        long seed,
        double callsPerSecond,
        Path folder,
        boolean isBrisk,
        boolean isEnclosed,
        Optional<PlantedServerBug> planted) {
    public RunPlan {
        nemesis = List.copyOf(nemesis);
    }

    /** The same in another folder. */
    RunPlan in(Path other) {
        return new RunPlan(
                target, nodes, workload, nemesis, minutes, seed, callsPerSecond, other, isBrisk, isEnclosed, planted);
    }

    /** As in reports: {@code axolotl}. */
    String targetName() {
        return target.name().toLowerCase(Locale.ROOT);
    }

    String nemesisName() {
        return String.join(",", nemesis);
    }

    /** Tells runs of a campaign apart, and is fit for a folder. */
    public String id() {
        return targetName() + "-" + nodes + "-" + workload + "-" + String.join("+", nemesis) + "-" + seed
                + planted.map(bug -> "-" + bug.id()).orElse("");
    }
}
