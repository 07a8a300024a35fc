package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process as a supervisor sees it: what it says, and how it ends. */
@Timeout(120)
class ServerMainTest {
    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void itSaysWhenItIsReadyAndEndsWithZeroOnSigterm() throws Exception {
        Process process = start(TestServers.commandLines(folder, 1).get(0));
        List<String> said = readUntil(process, "ready to serve client requests");

        // Not Process.destroy, which also closes the stream that we read on.
        process.toHandle().destroy();
        said.addAll(readAll(process));

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join("\n", said)).isZero();
        assertThat(said).anyMatch(line -> line.contains("listening for clients on"));
        assertThat(said.get(said.size() - 1)).endsWith("stopped");
    }

    @Test
    @DisplayName("SIGTERM during a start that takes long ends it at once, in words, and with zero")
    void aStartThatIsInterruptedEndsInOrder() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            List<String> joining =
                    new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
            joining.replaceAll(flag -> flag.startsWith("--initial-cluster=")
                    ? flag + ",mute=http://127.0.0.1:" + mute.getLocalPort()
                    : flag);
            joining.add("--initial-cluster-state=existing");
            Process process = start(joining);
            try (Socket asked = mute.accept()) {
                assertThat(asked.isConnected()).isTrue();
                process.toHandle().destroy();
                List<String> said = readAll(process);
                assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
                assertThat(said.get(said.size() - 1)).endsWith("stopped before the start was over");
            }
        }
    }

    @Test
    void aMistakeOnTheCommandLineEndsWithTwoAndOneLine() throws Exception {
        Process process = start(List.of("--data-dirr=x"));

        assertThat(readAll(process))
                .containsExactly(
                        "axolotl: unknown flag or argument \"--data-dirr=x\", did you mean --data-dir? --help lists all flags");
        assertThat(process.waitFor()).isEqualTo(2);
    }

    @Test
    void aDataFolderThatCannotBeUsedEndsWithOneAndTheReason() throws Exception {
        List<String> commandLine = TestServers.commandLines(folder, 1).get(0);
        Files.writeString(folder.resolve("n0"), "a file where a folder should be");

        Process process = start(commandLine);
        List<String> said = readAll(process);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said.get(said.size() - 1)).contains("cannot start: ").contains("n0");
    }

    @Test
    @DisplayName(
            "CL-3, M8, M13: a process joins a running cluster, and ends with zero when it is removed, as with etcd; again when started again")
    void aJoinedMemberThatIsRemovedEndsWithZero() throws Exception {
        List<List<String>> lines = TestServers.commandLines(folder, 2);
        List<String> founding = new ArrayList<>(lines.get(0));
        founding.removeIf(argument -> argument.startsWith("--initial-cluster="));
        Server founder = Server.start(TestServers.config(founding), (what, cause) -> {
            throw new AssertionError(what, cause);
        });
        try {
            assertThat(founder.awaitReady(60, TimeUnit.SECONDS)).isTrue();
            List<String> joining = new ArrayList<>(lines.get(1));
            joining.add("--initial-cluster-state=existing");
            Process early = start(joining);
            assertThat(String.join("\n", readAll(early)))
                    .contains("error validating peerURLs")
                    .contains("member count is unequal");
            assertThat(early.waitFor()).isEqualTo(1);

            String url = TestServers.config(joining).self().peerUrl().toString();
            propose(founder, new Command.AddMember(0x77, List.of(url), true, false, 1));
            Process joined = start(joining);
            List<String> said = readUntil(joined, "ready to serve client requests");
            propose(founder, new Command.RemoveMember(0x77));
            said.addAll(readAll(joined));
            assertThat(joined.waitFor()).as(String.join("\n", said)).isZero();
            assertThat(said)
                    .anyMatch(line -> line.contains("the member has been permanently removed from the cluster"));

            Process again = start(joining);
            said = readAll(again);
            assertThat(again.waitFor()).as(String.join("\n", said)).isZero();
            assertThat(said)
                    .anyMatch(line -> line.contains("the member has been permanently removed from the cluster"));
        } finally {
            founder.stop();
        }
    }

    private static void propose(Server server, Command command) throws Exception {
        CompletableFuture<NodeService.ProposalResult> answer = new CompletableFuture<>();
        server.node().propose(command, answer::complete);
        assertThat(answer.get(60, TimeUnit.SECONDS)).isInstanceOf(NodeService.ProposalResult.Done.class);
    }

    @Test
    void versionAndHelpGoToStandardOutputAndEndWithZero() throws Exception {
        Process process = start(List.of("--version"));
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("axolotl ")
                .contains("speaks etcd 3.6.");
        assertThat(process.waitFor()).isZero();
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_") || name.startsWith("AXOLOTL_"));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Lines of stderr through the first that ends with {@code last}. */
    private static List<String> readUntil(Process process, String last) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            lines.add(line);
            if (line.endsWith(last)) {
                return lines;
            }
        }
        throw new AssertionError("it ended without saying \"" + last + "\": " + String.join("\n", lines));
    }

    private static List<String> readAll(Process process) {
        return process.errorReader(StandardCharsets.UTF_8).lines().toList();
    }
}
