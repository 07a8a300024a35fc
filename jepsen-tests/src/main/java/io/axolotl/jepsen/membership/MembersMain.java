package io.axolotl.jepsen.membership;

import com.google.gson.GsonBuilder;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.MemberLoad;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code axolotl member-changes}. Exits with 0 if nothing was lost or stale, 2 if something was, 1 if it could not be run. */
@Command(
        name = "axolotl member-changes",
        description = {
            "Starts three servers on this machine, keeps writing and reading through all of them, and adds, promotes, removes and",
            "replaces members; on Axolotl and on etcd (if installed) alike. Measures how long nobody was served, and looks for",
            "all acknowledged writes at the end. Exits with 2 if one is lost or applied twice, or a read was stale."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class MembersMain implements Callable<Integer> {
    @Option(
            names = "--routes",
            split = ",",
            paramLabel = "ROUTE",
            defaultValue = "GROW_AND_REMOVE_THE_LEADER,REPLACE_ALL,THREE_FIVE_THREE",
            description = "default ${DEFAULT-VALUE}")
    private List<Route> routes = List.of();

    @Option(
            names = "--systems",
            split = ",",
            paramLabel = "SYSTEM",
            defaultValue = "ETCD,AXOLOTL",
            description = "default ${DEFAULT-VALUE}")
    private List<Target> systems = List.of();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "5",
            description = "how often each route is gone (default ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--report-dir",
            paramLabel = "FOLDER",
            defaultValue = "axolotl-members-report",
            description = "where report.md and report.json go (default ${DEFAULT-VALUE})")
    private Path reportFolder = Path.of("axolotl-members-report");

    /** One way, gone once. Immutable. */
    private record Gone(Route route, Target system, List<Walk.Step> steps, Walk.End end) {}

    private final List<Gone> gone = new ArrayList<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new MembersMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The changes could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (Route route : routes) {
                for (Target system : systems) {
                    if (system.isInstalled()) {
                        go(route, system, repeat);
                    }
                }
            }
        }
        System.out.print(markdown());
        System.out.println("\nReport: " + reportFolder.resolve("report.md") + " and report.json");
        return gone.stream().allMatch(one -> one.end.isClean()) ? 0 : 2;
    }

    private void go(Route route, Target system, int repeat) {
        try (Walk walk = Walk.start(system, MemberLoad.PERIOD)) {
            route.go(walk);
            Gone one = new Gone(route, system, walk.steps(), walk.end());
            gone.add(one);
            System.err.println(
                    repeat + "/" + repeats + " " + name(system) + ", " + route.title + ": " + one.end.audit());
            write();
        }
    }

    private static String name(Target system) {
        return system.name().toLowerCase(Locale.ROOT);
    }

    private void write() {
        try {
            Files.createDirectories(reportFolder);
            Files.writeString(reportFolder.resolve("report.md"), markdown());
            Files.writeString(
                    reportFolder.resolve("report.json"),
                    new GsonBuilder().setPrettyPrinting().create().toJson(gone) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + reportFolder, e);
        }
    }

    /** A row of the table. */
    private record Cell(Route route, String step, Target system) {}

    private String markdown() {
        Map<Cell, List<Walk.Step>> cells = new LinkedHashMap<>();
        for (Gone one : gone) {
            for (Walk.Step step : one.steps) {
                cells.computeIfAbsent(new Cell(one.route, step.title(), one.system), any -> new ArrayList<>())
                        .add(step);
            }
        }
        StringBuilder text = new StringBuilder("# Members come and go\n\n");
        text.append("On one machine of ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(
                        " processors; writes and reads through every member all the time. Median / p90 / worst in ms. Took: until all")
                .append(
                        " members served again. No writes, no reads: longest time between two answers through any member.\n\n");
        text.append("| route | step | system | n | took | no writes | no reads |\n|---|---|---|---:|---|---|---|\n");
        cells.forEach((cell, steps) -> text.append("| ")
                .append(String.join(
                        " | ",
                        cell.route.title,
                        cell.step,
                        name(cell.system),
                        Integer.toString(steps.size()),
                        spread(steps, Walk.Step::tookMillis),
                        spread(steps, Walk.Step::writeGapMillis),
                        spread(steps, Walk.Step::readGapMillis)))
                .append(" |\n"));
        text.append(
                "\n| route | system | writes acknowledged | lost or doubled | stale reads | members equal |\n|---|---|---:|---:|---:|---|\n");
        for (Gone one : gone) {
            Walk.End end = one.end;
            text.append("| ")
                    .append(String.join(
                            " | ",
                            one.route.title,
                            name(one.system),
                            Long.toString(end.audit().acknowledged()),
                            end.audit().isClean() ? "0" : "**" + end.audit() + "**",
                            Long.toString(end.staleReads()),
                            end.digests().values().stream().distinct().count() == 1 ? "yes" : "**no**"))
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String spread(List<Walk.Step> steps, ToDoubleFunction<Walk.Step> figure) {
        return Text.spread(steps.stream().mapToDouble(figure).boxed().toList());
    }
}
