package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.jna.Platform;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.launch.ManagerSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server under etcd's name, as harnesses and supervisors see it. */
@Timeout(120)
class EtcdMainTest {
    /** Who is started by a script in the background, or by nohup, is born deaf to SIGINT or SIGHUP. */
    private static final String LISTENING =
            "e=; env --default-signal=INT,HUP true 2>/dev/null && e='env --default-signal=INT,HUP'; ";

    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void close() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName(
            "capnslog: the lines that tools wait for are printed, from flags and environment, and SIGTERM ends it by SIGTERM")
    void itSaysWhatToolsWaitForAndEndsByTheSignal() throws Exception {
        List<String> flags = new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
        assertThat(flags.removeIf(flag -> flag.startsWith("--heartbeat-interval=")))
                .isTrue();
        Process process =
                start(Map.of("ETCD_HEARTBEAT_INTERVAL", "50", "ETCD_ENABLE_V2", "false", "ETCD_MAX_WALS", "9"), flags);
        String address = valueOf(flags, "--listen-client-urls").substring("http://".length());
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        List<String> said = readUntil(err, "serving insecure client requests on");
        ProcessHandle server = process.children().findFirst().orElseThrow();
        server.destroy();
        err.lines().forEach(said::add);

        // A message may go on in lines that begin with a blank.
        assertThat(said)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\d [0-9:.]{15} [DINWE] \\| [a-z/]+: .*| .*")
                        || line.contains("Terminated"));
        assertThat(said).anyMatch(line -> line.contains("W | server: --max-wals=9 has no effect"));
        assertThat(said).anyMatch(line -> line.contains("I | embed: heartbeat = 50ms"));
        assertThat(said)
                .anyMatch(line -> line.contains(
                        "I | etcdserver: published {Name:n0 ClientURLs:[http://" + address + "]} to cluster "));
        assertThat(said).anyMatch(line -> line.contains("I | etcdserver/api: enabled capabilities for version 3.6"));
        assertThat(said).anyMatch(line -> line.endsWith("I | embed: ready to serve client requests"));
        assertThat(said)
                .anyMatch(line -> line.endsWith("N | embed: serving insecure client requests on " + address
                        + ", this is strongly discouraged!"));
        assertThat(said)
                .anyMatch(line -> line.endsWith("N | pkg/osutil: received terminated signal, shutting down..."));
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(said).as("the shell tells a death by a signal").anyMatch(line -> line.contains("Terminated"));
    }

    @Test
    @DisplayName(
            "zap: a JSON object a line with etcd's texts; systemd is told of the start, of life and of the end; SIGINT ends it")
    void itSpeaksJsonAndTellsSystemd() throws Exception {
        assumeTrue(Platform.isLinux(), "systemd is Linux's");
        List<String> flags = new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
        flags.add("--logger=zap");
        try (ManagerSocket socket = ManagerSocket.at(folder.resolve("notify"))) {
            Process process = start(Map.of("NOTIFY_SOCKET", socket.name(), "WATCHDOG_USEC", "400000"), flags);
            BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
            List<String> said = readUntil(err, "serving client traffic insecurely; this is strongly discouraged!");
            socket.receiveLine("READY=1", START);
            socket.receiveLine("WATCHDOG=1", START);
            ProcessHandle server = process.children().findFirst().orElseThrow();
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(server.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            socket.receiveLine("STOPPING=1", START);
            err.lines().forEach(said::add);

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
            List<JsonObject> lines = said.stream()
                    .map(line -> JsonParser.parseString(line).getAsJsonObject())
                    .toList();
            assertThat(lines)
                    .extracting(line -> line.get("msg").getAsString())
                    .contains(
                            "starting an etcd server",
                            "serving peer traffic",
                            "published local member to cluster through raft",
                            "enabled capabilities for version",
                            "ready to serve client requests",
                            "received interrupt signal, shutting down...");
            assertThat(lines)
                    .filteredOn(line -> line.get("msg").getAsString().startsWith("serving client traffic insecurely"))
                    .extracting(line -> line.get("address").getAsString())
                    .containsExactly(valueOf(flags, "--listen-client-urls").substring("http://".length()));
        }
    }

    @Test
    @DisplayName("SIGHUP: the exit code is etcd's, as the shell tells it")
    void aHangupEndsItByTheSignal() throws Exception {
        List<String> flags = TestServers.commandLines(folder, 1).get(0);
        Process process = start(Map.of(), flags);
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        List<String> said = readUntil(err, "serving insecure client requests on");
        hangUp(process.children().findFirst().orElseThrow());
        err.lines().forEach(said::add);
        assertThat(process.waitFor()).as(String.join("\n", said)).isEqualTo(129);
        assertThat(said).anyMatch(line -> line.endsWith("N | pkg/osutil: received hangup signal, shutting down..."));

        Process etcd = etcd(flags.stream()
                .map(flag -> flag.startsWith("--data-dir=") ? flag + ".etcd" : flag)
                .toList());
        List<String> ofEtcd =
                readUntil(etcd.inputReader(StandardCharsets.UTF_8), "serving insecure client requests on");
        hangUp(etcd.toHandle());
        assertThat(etcd.waitFor()).as(String.join("\n", ofEtcd)).isEqualTo(129);
    }

    private static void hangUp(ProcessHandle process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest(name = "etcd {0}")
    @ValueSource(
            strings = {
                "--nonsense",
                "foo",
                "--version foo",
                "--data-dir",
                "--election-timeout x",
                "--enable-v2=maybe",
                "--logger foo",
                "--config-file /no/such/file",
                "--listen-client-urls http://127.0.0.1:1",
                "--listen-client-urls 127.0.0.1:1 --advertise-client-urls http://127.0.0.1:1",
                "--initial-cluster-state old",
                "--discovery http://127.0.0.1:1 --initial-cluster a=http://127.0.0.1:1",
                "--heartbeat-interval 300",
                "--version",
                "--help"
            })
    @DisplayName("a command line that is refused ends with the same code as with etcd")
    void refusalsEndAsWithEtcd(String line) throws Exception {
        Process etcd = etcd(List.of(line.split(" ")));
        String said = new String(etcd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(exitCode(List.of(line.split(" ")))).as(said).isEqualTo(etcd.waitFor());
    }

    private Process etcd(List<String> arguments) throws IOException {
        boolean isInstalled = Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "etcd")));
        assumeTrue(isInstalled, "etcd is not installed; on Debian: apt-get install etcd-server");
        List<String> command = new ArrayList<>(List.of("bash", "-c", LISTENING + "exec $e etcd \"$@\"", "shell"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_"));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static int exitCode(List<String> arguments) {
        Guise guise = new EtcdGuise();
        try {
            ServerConfigReader.Request request =
                    new ServerConfigReader(guise.version(), guise.customs()).read(arguments, Map.of());
            assertThat(request).isInstanceOf(ServerConfigReader.Request.Print.class);
            return 0;
        } catch (ConfigException e) {
            assertThat(guise.refusal(e)).contains("See 'etcd --help'");
            return guise.exitCode(e);
        }
    }

    @Test
    void theVersionBeginsAsEtcdsDoes() {
        assertThat(new EtcdGuise().version())
                .matches("(?s)etcd Version: \\d+\\.\\d+\\.\\d+\\R.*")
                .contains("axolotl");
    }

    /** A shell around it: it alone tells an end by a signal from an exit code. */
    private Process start(Map<String, String> environment, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                LISTENING + "$e \"$@\"; code=$?; exit $code",
                "shell",
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // As a service, whose user has no home.
                "-Duser.home=/proc/none",
                "-cp",
                System.getProperty("java.class.path"),
                EtcdMain.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_") || name.startsWith("AXOLOTL_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String valueOf(List<String> flags, String flag) {
        return flags.stream()
                .filter(word -> word.startsWith(flag + "="))
                .findFirst()
                .orElseThrow()
                .substring(flag.length() + 1);
    }

    private static List<String> readUntil(BufferedReader err, String last) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            lines.add(line);
            if (line.contains(last)) {
                return lines;
            }
        }
        throw new AssertionError("it ended without saying \"" + last + "\": " + String.join("\n", lines));
    }
}
