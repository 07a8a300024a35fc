package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code axolotl judge}. Exit codes as {@link ChaosMain}. */
@Command(
        name = "axolotl judge",
        description = {
            "Judges the history of a run that axolotl chaos has kept, once more, without a cluster. Exits with 0 if nothing is wrong,",
            "2 if something is, 3 if the run shows nothing one way or the other, and 1 if there is no such run."
        },
        exitCodeOnInvalidInput = ExitCodes.FAILED,
        mixinStandardHelpOptions = true)
public final class JudgeMain implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "folder with history.jsonl and report.json")
    private Path folder = Path.of(".");

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new JudgeMain()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("It cannot be judged: " + failure.getMessage());
            return ExitCodes.FAILED;
        });
    }

    @Override
    public Integer call() {
        Kept kept = Kept.read(folder);
        List<Verdict> verdicts = kept.judge();
        System.out.println(kept.record().id() + ": " + kept.calls().size() + " calls, "
                + kept.record().faults().size() + " faults");
        System.out.print(ExitCodes.describe(verdicts));
        return ExitCodes.of(verdicts);
    }
}
