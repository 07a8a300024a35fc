package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.process.ServerJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is asked for and cannot be: a clear word before anything is started. */
class ChaosMainTest {
    @TempDir
    private Path temp;

    /** The code and what was said. */
    private record Answer(int exitCode, String said) {}

    private Answer chaos(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--report=" + temp.resolve("report"));
        String[] args = all.toArray(String[]::new);
        StringWriter said = new StringWriter();
        CommandLine line = ChaosMain.commandLine(args).setErr(new PrintWriter(said));
        int exitCode = line.execute(args);
        line.getErr().flush();
        assertThat(temp.resolve("report")).doesNotExist();
        return new Answer(exitCode, said.toString());
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThat(chaos("--nodes=4").said).contains("--nodes is 4; a cluster has 3 or 5");
        assertThat(chaos("--workload=chess", "--nemesis=pause").said)
                .contains("no workload \"chess\"")
                .contains("register");
        assertThat(chaos("--workload=register", "--nemesis=pause,earthquake").said)
                .contains("no fault 'earthquake'")
                .contains("leader-kill");
        assertThat(chaos("--workload=register").said).contains("--workload and --nemesis go together");
        assertThat(chaos("--minutes=0").said).contains("--minutes is 0.0");
        assertThat(chaos("--minutes=NaN").said).contains("--minutes is NaN");
        assertThat(chaos("--within=0").said).contains("--within is 0.0 minutes");
        assertThat(chaos("--within=5", "--workload=register", "--nemesis=pause").said)
                .contains("--within goes with a --profile");
        assertThat(chaos("--rate=0").said).contains("--rate is 0.0");
        assertThat(chaos("--target=floor").said).contains("--target is axolotl or etcd");
        assertThat(chaos("--nodes=4").exitCode).isEqualTo(ExitCodes.FAILED);
    }

    @Test
    @DisplayName("a bug that is not there, or cannot be given to those servers, is refused")
    void aBugThatCannotBePlantedIsRefused() {
        assertThat(chaos("--plant=earthquake").said)
                .contains("no bug \"earthquake\"")
                .contains("stale-read");
        assertThat(chaos("--planted", "--workload=register", "--nemesis=pause").said)
                .contains("--planted knows its workloads and faults");
        Answer onEtcd = chaos("--target=etcd", "--plant=stale-read");
        assertThat(onEtcd.exitCode).isEqualTo(ExitCodes.FAILED);
        assertThat(onEtcd.said).containsAnyOf("planted in the classes of our server", "there is no etcd");
    }

    @Test
    @DisplayName("a word that the command line does not know is refused with those that it does")
    void theCommandLineIsChecked() {
        assertThat(chaos("--target=consul").said).contains("--target").contains("AXOLOTL");
        assertThat(chaos("--profile=endless").said).contains("--profile").contains("SHORT");
        assertThat(chaos("--seed=x").exitCode).isEqualTo(ExitCodes.FAILED);
    }

    @Test
    @DisplayName("without rights a fault that needs them is refused with the reason, if it is all that was asked for")
    void aFaultThatNeedsMoreRightsIsRefused() {
        Answer answer = chaos("--in-place", "--workload=register", "--nemesis=power-cut");
        assertThat(answer.exitCode).isEqualTo(ExitCodes.FAILED);
        assertThat(answer.said).contains("none of the faults asked for can be played here: power-cut");
        assertThat(answer.said).contains("mounts would outlive a run");
    }

    @Test
    @DisplayName("an etcd that is not installed is named, with its package, before anything is made")
    void aTargetThatIsNotInstalledIsNamed() throws Exception {
        List<String> words = new ArrayList<>(ServerJvm.command(ChaosMain.class.getName()));
        words.addAll(List.of("--target=etcd", "--report=" + temp.resolve("report")));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("PATH", temp.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(ExitCodes.FAILED);
        assertThat(said).contains("there is no etcd on the PATH (package etcd-server)");
        assertThat(temp.resolve("report")).doesNotExist();
    }

    @Test
    void aReportFolderThatIsAFileIsRefused() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));
        String[] args = {"--report=" + file};
        StringWriter said = new StringWriter();
        assertThat(ChaosMain.commandLine(args).setErr(new PrintWriter(said)).execute(args))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(said.toString()).contains(file + ", which is not a folder");
    }

    @Test
    @DisplayName("--within leaves out the runs that the folder has, and says so when it has all of them")
    void runsThatAreThereAreNotMadeAgain() throws IOException {
        long seed = 7;
        for (Profile.Pair pair : Profile.SHORT.pairs(3)) {
            String id = "axolotl-3-" + pair.workload() + "-" + String.join("+", pair.nemesis()) + "-" + seed++;
            Files.createFile(Files.createDirectories(temp.resolve(id)).resolve("report.json"));
        }
        String[] args = {"--in-place", "--profile=short", "--within=5", "--seed=7", "--report=" + temp};
        StringWriter said = new StringWriter();
        assertThat(ChaosMain.commandLine(args).setErr(new PrintWriter(said)).execute(args))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(said.toString()).contains("all runs of this profile and --seed 7 are in " + temp);
    }

    @Test
    void aFolderWithoutARunCannotBeJudged() {
        StringWriter said = new StringWriter();
        CommandLine line = JudgeMain.commandLine().setErr(new PrintWriter(said));
        assertThat(line.execute(temp.toString())).isEqualTo(ExitCodes.FAILED);
        assertThat(said.toString()).contains("there is no kept run in " + temp);
    }
}
