package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.environment.SmallDisk;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.Enclosure;
import io.axolotl.jepsen.process.ServerJvm;
import io.axolotl.jepsen.process.SystemCalls;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Short runs on real processes, some 20 s each on a quiet machine: that nothing is wrong, that what is planted is found, and that
 * nothing is left behind. What a slow machine kept waiting is void, and so not green, but no failure here.
 */
@Tag("alone")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class ChaosTest {
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(ServerJvm.command(ChaosMain.class.getName()));
        command.addAll(List.of("--target=" + Target.chosen(), "--report=" + report(), "--rate=60", "--profile=short"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        started.add(process);
        return process;
    }

    @AfterEach
    void endWhatWasStarted() {
        started.forEach(Process::destroyForcibly);
    }

    private Path report() {
        return folder.resolve("report");
    }

    /** Plays one run to its end. */
    private RunRecord run(String... words) throws Exception {
        Process process = start(words);
        assertThat(process.waitFor()).as(output()).isNotEqualTo(ExitCodes.FAILED);
        try (var folders = Files.list(report())) {
            Path run = folders.filter(Files::isDirectory).findFirst().orElseThrow();
            return Kept.read(run).record();
        }
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    /** Living processes that were told to keep their data under our folder. Java's own list drops long command lines. */
    private long servers() {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains("--data-dir=" + folder))
                .count();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "it is gone";
        }
    }

    private void assertNothingIsLeft() {
        assertThat(servers()).isZero();
        // What is mounted inside is not seen from outside, but the device is.
        if (Target.onPath("losetup")) {
            // The kernel lets go of it when the last process of the enclosure is gone, a moment after the tool.
            Await.fact(
                    "the disks of the run to be let go",
                    Duration.ofSeconds(20),
                    () -> !Command.run(List.of("losetup", "-a"), "").output().contains(folder.toString()));
        }
        assertThat(Command.run(List.of("mount"), "").output()).doesNotContain(folder.toString());
    }

    @Test
    @DisplayName(
            "N1, N12, P9, A18: without any rights, a leader that is cut off and slow links beside it break no promise to clients of all members")
    void aRunWithoutRights() throws Exception {
        RunRecord run = run(
                "--in-place",
                "--workload=register",
                "--nemesis=isolated-leader,slow-links,stalls",
                "--minutes=0.15",
                "--seed=3");
        assertThat(run.verdicts()).as(output()).noneMatch(Verdict::isViolated);
        assertThat(run.faults())
                .as(output())
                .extracting(FaultWindow::id)
                .contains("isolated-leader", "slow-links", "stalls");
        assertThat(run.faults()).allMatch(fault -> fault.healedNanos() >= fault.injectedNanos());
        assertThat(run.probes()).isNotEmpty();
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("the short profile, as much of it as two minutes hold, breaks no promise, and some of it is not void")
    void theShortProfile() throws Exception {
        Process process = start("--minutes=0.1", "--seed=11", "--within=2");
        assertThat(process.waitFor()).as(output()).isNotIn(ExitCodes.FAILED, ExitCodes.VIOLATED);
        List<RunRecord> runs = new ArrayList<>();
        try (var folders = Files.list(report())) {
            for (Path run : folders.filter(Files::isDirectory).toList()) {
                runs.add(Kept.read(run).record());
            }
        }
        assertThat(runs).as(output()).hasSizeBetween(2, Profile.SHORT.pairs(3).size());
        assertThat(runs).allMatch(run -> !run.faults().isEmpty());
        assertThat(runs)
                .as(output())
                .anyMatch(run -> run.verdicts().stream().allMatch(it -> it.kind() == Verdict.Kind.VALID));
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("D7: whoever does not sync loses what it acknowledged when the power of all is cut, and is found out")
    void aServerThatDoesNotSyncIsFoundOut() throws Exception {
        assumeTrue(
                Enclosure.obstacle().isEmpty() && SmallDisk.powerCutObstacle().isEmpty(), "needs root");
        assumeTrue(SystemCalls.obstacle().isEmpty(), "needs strace");
        Process process =
                start("--plant=no-sync", "--workload=set", "--nemesis=power-cut-all", "--minutes=0.1", "--seed=5");
        assertThat(process.waitFor()).as(output()).isEqualTo(ExitCodes.VIOLATED);
        assertThat(output()).contains("Judge it again: ./axolotl judge " + report());
        assertNothingIsLeft();
        try (var folders = Files.list(report())) {
            Path run = folders.filter(Files::isDirectory).findFirst().orElseThrow();
            assertThat(run.resolve("data").resolve("n1.log")).exists();
            List<Verdict> verdicts = Kept.read(run).record().verdicts();
            // What is left on the disks decides: some cannot start, or nobody may lead, or all serve without what was
            // acknowledged.
            assertThat(verdicts)
                    .filteredOn(Verdict::isViolated)
                    .extracting(Verdict::judge)
                    .as(output())
                    .containsAnyOf(PlantedServerBug.NO_SYNC.caught().judge(), "liveness", "set");
            assertThat(verdicts)
                    .filteredOn(verdict -> verdict.judge().equals("faults felt"))
                    .singleElement()
                    .satisfies(verdict ->
                            assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VALID));
            assertThat(JudgeMain.commandLine().execute(run.toString())).isEqualTo(ExitCodes.VIOLATED);
        }
    }

    @Test
    @DisplayName(
            "B5: whoever answers linearizable reads from its own store is found out by the judge that is named for it, and told of")
    void aServerThatReadsWithoutItsPeersIsFoundOut() throws Exception {
        int exitCode = ExitCodes.VOID;
        for (int seed = 5; seed < 8 && exitCode != ExitCodes.VALID; seed++) {
            // Nothing is proven by a run that the machine kept waiting, nor by one in which no stale read happens to be
            // of a key that was changed meanwhile: it lasts six seconds.
            exitCode = start("--in-place", "--planted", "--plant=stale-read", "--minutes=0.1", "--seed=" + seed)
                    .waitFor();
        }
        assertThat(exitCode).as(output()).isEqualTo(ExitCodes.VALID);
        assertThat(output())
                .containsPattern("(?m)^stale-read +register x halves +linearizable keys +[0-9.]+ s")
                .doesNotContain("not caught");
        assertNothingIsLeft();
        try (var folders = Files.list(report())) {
            RunRecord run = Kept.read(
                            folders.filter(Files::isDirectory).findFirst().orElseThrow())
                    .record();
            assertThat(run.settings()).containsEntry(RunRecord.PLANTED, "stale-read");
        }
    }

    @Test
    @DisplayName("kill -9 of the tool leaves neither servers nor disks behind")
    void killOfTheToolLeavesNothingBehind() throws Exception {
        assumeTrue(Enclosure.obstacle().isEmpty(), "needs process number namespaces");
        Process process = start("--workload=register", "--nemesis=power-cut", "--minutes=1");
        try {
            Await.fact("three servers", BOUND, () -> servers() >= 3);
            assertThat(process.isAlive()).as(output()).isTrue();
        } finally {
            process.destroyForcibly();
        }
        Await.fact("no server to be left", BOUND, () -> servers() == 0);
        assertNothingIsLeft();
    }
}
