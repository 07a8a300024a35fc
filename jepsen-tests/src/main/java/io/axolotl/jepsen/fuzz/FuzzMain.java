package io.axolotl.jepsen.fuzz;

import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.process.ProcessCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code axolotl fuzz}: feeds every parser of bytes from outside, for a given time, from a seed. */
@Command(
        name = "axolotl fuzz",
        mixinStandardHelpOptions = true,
        description = "Feeds bent inputs to every parser of bytes from outside and judges what it does with them.",
        footer = "Exit status: 0 without findings, 1 with some, 3 if a parser did not come back.")
public final class FuzzMain implements Callable<Integer> {
    private static final long HANG_NANOS = TimeUnit.MINUTES.toNanos(5);

    @Option(names = "--minutes", description = "Stops after this much time.")
    private @Nullable Double minutes;

    @Option(
            names = "--inputs",
            defaultValue = "" + Long.MAX_VALUE,
            hideParamSyntax = true,
            description = "Stops after so many inputs of each target; with neither this nor --minutes, after 2000.")
    private long inputs;

    @Option(names = "--seed", description = "Of all chance; drawn from the clock if not given, and printed.")
    private @Nullable Long seed;

    @Option(names = "--target", split = ",", description = "Only these, of those that --list names.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--input", description = "Feeds just this input of the seed and of one --target.")
    private @Nullable Long input;

    @Option(names = "--list", description = "Names the targets and ends.")
    private boolean isList;

    public static void main(String[] args) {
        NettyTransport.quietLogs();
        System.exit(new CommandLine(new FuzzMain()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("axolotl-fuzz");
        List<FuzzTarget> targets = new ArrayList<>();
        targets.addAll(CommandTargets.all());
        targets.addAll(PeerTargets.all());
        targets.addAll(FolderTargets.all());
        targets.addAll(ConfigTargets.all(folder));
        try (LiveServer server = new LiveServer(folder)) {
            targets.addAll(CallTargets.all(server));
            targets.addAll(SocketTarget.all(server));
            targets.add(new GatewayTarget(server));
            if (isList) {
                targets.forEach(target -> System.out.println(target.name()));
                return 0;
            }
            targets.removeIf(target -> !names.isEmpty() && !names.contains(target.name()));
            if (targets.isEmpty()) {
                System.err.println("there is no target " + String.join(", ", names) + "; --list names all");
                return 2;
            }
            return run(targets);
        } finally {
            ProcessCluster.delete(folder);
        }
    }

    private int run(List<FuzzTarget> targets) {
        long from = seed != null ? seed : System.currentTimeMillis();
        System.out.println("seed " + from + ", " + targets.size() + " targets");
        Fuzzer fuzzer = new Fuzzer(from, finding -> System.out.println(finding.report()));
        watch(fuzzer);
        long startNanos = System.nanoTime();
        if (input != null) {
            fuzzer.feed(targets.get(0), input);
        } else {
            long limitNanos = minutes == null ? Long.MAX_VALUE : (long) (minutes * 60e9);
            long each = minutes == null && inputs == Long.MAX_VALUE ? 2_000 : inputs;
            fuzzer.run(targets, each, () -> System.nanoTime() - startNanos < limitNanos);
        }
        System.out.print(fuzzer.summary());
        System.out.printf(Locale.ROOT, "%.1f minutes%n", (System.nanoTime() - startNanos) / 60e9);
        return fuzzer.tallies().values().stream().allMatch(tally -> tally.findings == 0) ? 0 : 1;
    }

    /** What does not come back cannot be judged by the thread that waits for it. */
    private static void watch(Fuzzer fuzzer) {
        Thread watch = new Thread(
                () -> {
                    while (true) {
                        Fuzzer.Running running = fuzzer.running();
                        if (running != null && System.nanoTime() - running.sinceNanos() > HANG_NANOS) {
                            StringBuilder where = new StringBuilder();
                            for (StackTraceElement frame : running.thread().getStackTrace()) {
                                where.append(System.lineSeparator())
                                        .append("      at ")
                                        .append(frame);
                            }
                            System.out.println(new Finding(
                                            running.target().name(),
                                            fuzzer.seed(),
                                            running.number(),
                                            "did not come back:" + where,
                                            "hang",
                                            running.input())
                                    .report());
                            Runtime.getRuntime().halt(3);
                        }
                        try {
                            TimeUnit.SECONDS.sleep(1);
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                },
                "fuzz-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
