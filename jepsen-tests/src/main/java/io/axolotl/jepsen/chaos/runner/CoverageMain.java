package io.axolotl.jepsen.chaos.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code axolotl fault-coverage}. */
@Command(
        name = "axolotl fault-coverage",
        description = {
            "Tells how many entries of the catalogue of faults have tests at the tiers that it asks for, as the map in docs/testing.md",
            "and the tests that it names say. Exits with 2 if an entry has, at one of its tiers, neither a test nor a written reason."
        },
        exitCodeOnInvalidInput = ExitCodes.FAILED,
        mixinStandardHelpOptions = true)
public final class CoverageMain implements Callable<Integer> {
    public static void main(String[] args) {
        System.exit(new CommandLine(new CoverageMain())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("axolotl fault-coverage: " + failure.getMessage());
                    return ExitCodes.FAILED;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        Path home = Source.home()
                .orElseThrow(() -> new IllegalArgumentException(
                        "this program was not built from sources that are still there: docs/testing.md is missing"));
        Path map = home.resolve("docs").resolve("testing.md");
        try {
            FaultCoverage coverage = FaultCoverage.of(Files.readString(map), TestTiers.of(home));
            System.out.print(coverage.describe());
            return coverage.isWhole() ? ExitCodes.VALID : ExitCodes.VIOLATED;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + map, e);
        }
    }
}
