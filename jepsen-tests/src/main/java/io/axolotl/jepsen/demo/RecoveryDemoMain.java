package io.axolotl.jepsen.demo;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code axolotl recovery-demo}. Exits with 0 if nothing was lost, 2 if something was, 3 if nothing was but one way to come
 * back was not seen, 1 if the demo could not be run.
 */
@Command(
        name = "axolotl recovery-demo",
        description = {
            "Starts three servers on this machine, keeps writing, and kills them: the leader, a follower, at last all three.",
            "At the end every acknowledged write is looked for. Exits with 2 if one is lost or applied twice."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RecoveryDemoMain implements Callable<Integer> {
    @Option(
            names = "--report-dir",
            paramLabel = "FOLDER",
            defaultValue = "axolotl-recovery-report",
            description = "where report.md, report.json and the servers' logs go (default ${DEFAULT-VALUE})")
    private Path reportFolder = Path.of("axolotl-recovery-report");

    @Option(
            names = "--writers",
            paramLabel = "N",
            defaultValue = "8",
            description = "writing threads (default ${DEFAULT-VALUE})")
    private int writers;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1600",
            description = "most writes a second, all writers together (default ${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--plain", description = "lines instead of a live table, as when the output is no terminal")
    private boolean isPlain;

    @Option(names = "--target", hidden = true, defaultValue = "AXOLOTL")
    private Target target = Target.AXOLOTL;

    public static void main(String[] args) {
        System.exit(new CommandLine(new RecoveryDemoMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        boolean isLive = !isPlain && Boolean.getBoolean("axolotl.terminal");
        try (Board board = Board.start(isLive);
                RecoveryDemo demo =
                        new RecoveryDemo(target, writers, Math.max(1, rate / writers), board, reportFolder)) {
            DemoReport report = demo.run();
            board.removeTable();
            report.write(reportFolder);
            System.out.println();
            System.out.print(report.summary());
            System.out.println("Report: " + reportFolder.resolve("report.md") + " and report.json");
            if (report.exitCode() == 3) {
                System.err.println(
                        "Nothing was lost, but this machine was too busy to show both log replay and snapshot"
                                + " install; try again with a lower --rate");
            }
            return report.exitCode();
        } catch (Await.TooLateException e) {
            System.err.println("The demo could not go on: " + e.getMessage());
            System.err.println("The servers' logs are in " + reportFolder.toAbsolutePath());
            return 1;
        }
    }
}
