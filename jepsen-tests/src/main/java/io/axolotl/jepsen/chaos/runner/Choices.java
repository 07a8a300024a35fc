package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.nemesis.Schedule;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.jepsen.process.Target;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code axolotl chaos} can be asked for, in words for people. Stateless. */
final class Choices {
    private Choices() {}

    /** @param missing what this machine cannot do, and why */
    static String text(int nodes, Target target, Map<Ability, String> missing) {
        StringBuilder text = new StringBuilder("workloads: ")
                .append(String.join(", ", Workloads.names()))
                .append("\nfaults of ")
                .append(nodes)
                .append(" nodes of ")
                .append(target.name().toLowerCase(Locale.ROOT))
                .append(":\n");
        Faults.Choice choice = Faults.choose(List.of(Schedule.MIX), target, nodes, missing);
        for (String name : Faults.names()) {
            String reason = choice.skipped().get(name);
            text.append(String.format(
                    Locale.ROOT,
                    "  %-17s %-12s %s%n",
                    name,
                    String.join(" ", Faults.named(name).catalogue()),
                    reason == null ? "" : "not here: " + reason));
        }
        text.append("bugs that servers can be given (--plant), with what must show them:\n");
        for (PlantedServerBug bug : PlantedServerBug.values()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-19s %s%n  %-19s   %s x %s%s%n",
                    bug.id(),
                    bug.sentence(),
                    "",
                    bug.caught().workload(),
                    String.join(",", bug.caught().nemesis()),
                    bug.obstacle(target).map(reason -> "; not here: " + reason).orElse("")));
        }
        return text.toString();
    }
}
