package io.axolotl.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packed distribution, unpacked as a user does and used with nothing but a Java. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DistributionTest {
    @TempDir
    static Path folder;

    private static Path home = Path.of("");

    private final List<Process> started = new ArrayList<>();

    /** What a command printed. */
    private record Output(int exitCode, String out, String err) {}

    /** Where a server of one member listens. */
    private record Urls(String client, String peer) {
        static Urls free() {
            return new Urls("http://127.0.0.1:" + LoopbackPorts.free(), "http://127.0.0.1:" + LoopbackPorts.free());
        }

        List<String> flags() {
            return List.of(
                    "--listen-client-urls=" + client,
                    "--advertise-client-urls=" + client,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=default=" + peer);
        }
    }

    @BeforeAll
    static void unpack() throws Exception {
        Path archive = Path.of(System.getProperty("axolotl.distribution"));
        Path target = Files.createDirectories(folder.resolve("installed"));
        Process tar = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", target.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        home = target.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
    }

    @AfterEach
    void close() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_") || name.startsWith("AXOLOTL_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Output run(Map<String, String> environment, String program, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        Process process = start(environment, command);
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), out, err);
    }

    @Test
    void itHoldsWhatAnInstallationNeedsAndNothingOfTheTests() throws IOException {
        for (String file : List.of(
                "LICENSE",
                "README.md",
                "CHANGELOG.md",
                "conf/axolotl.yml",
                "systemd/axolotl.service",
                "completion/axolotl.bash",
                "completion/etcd.bash",
                "docs/etcd-compatibility.md",
                "lib/version")) {
            assertThat(home.resolve(file)).isRegularFile();
        }
        assertThat(home.resolve("bin/axolotl")).isExecutable();
        assertThat(home.resolve("bin/etcd")).isExecutable();
        assertThat(home.getFileName())
                .hasToString("axolotl-"
                        + Files.readString(home.resolve("lib/version")).strip());
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            List<String> names = jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .toList();
            assertThat(names).anyMatch(name -> name.matches("rocksdbjni-.*-classes\\.jar"));
            assertThat(names).anyMatch(name -> name.startsWith("server-"));
            assertThat(names).noneMatch(name -> name.matches(".*(tests|junit|jqwik|assertj|archunit).*"));
            assertThat(names.stream().map(name -> name.replaceFirst("-[0-9].*", "")))
                    .as("no library twice")
                    .doesNotHaveDuplicates();
        }
        try (Stream<Path> libraries = Files.list(home.resolve("lib/native"))) {
            assertThat(libraries).hasSize(4).allMatch(Files::isExecutable);
        }
    }

    @Test
    void theLauncherExplainsItselfWithoutAJava() throws Exception {
        Map<String, String> noJava = Map.of("JAVA_HOME", folder.resolve("none").toString());
        assertThat(run(noJava, "axolotl").out).contains("class-archive").contains("JAVA_HOME");
        assertThat(run(noJava, "axolotl", "version").out).startsWith("axolotl ");
        Output unknown = run(noJava, "axolotl", "playground");
        assertThat(unknown.exitCode).isEqualTo(2);
        assertThat(unknown.err).contains("there is no command \"playground\"");
        Output server = run(noJava, "axolotl", "server");
        assertThat(server.exitCode).isEqualTo(1);
        assertThat(server.err).contains("set it to a Java 17 or newer");
    }

    @Test
    void theHeapIsPartOfTheMemory() throws Exception {
        String options = run(Map.of(), "axolotl", "jvm-options").out;
        int heapMib = Integer.parseInt(options.replaceAll("(?s).*-Xmx([0-9]+)m.*", "$1"));
        assertThat(heapMib).isBetween(128, 4_096);
        assertThat(options).containsOnlyOnce("GC\n").contains("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    @DisplayName("bin/etcd serves behind a link, bin/axolotl ctl asks it, and it ends as etcd does")
    void theServerServesUnderEtcdsName() throws Exception {
        Path spaces = Files.createDirectories(folder.resolve("a folder with spaces"));
        Path link = Files.createSymbolicLink(spaces.resolve("etcd"), home.resolve("bin/etcd"));
        Path data = spaces.resolve("data");
        Urls urls = Urls.free();
        Process process = start(
                Map.of("ETCD_DATA_DIR", data.toString()),
                Stream.concat(Stream.of(link.toString()), urls.flags().stream()).toList());
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        List<String> said = new ArrayList<>();
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            said.add(line);
            if (line.contains("ready to serve client requests")) {
                break;
            }
        }
        assertThat(said).last().asString().endsWith("embed: ready to serve client requests");
        assertThat(run(Map.of(), "axolotl", "ctl", "--endpoints=" + urls.client, "put", "greeting", "hello").out)
                .isEqualTo("OK\n");
        try (AxolotlClient user = AxolotlClient.builder().endpoints(urls.client).build()) {
            assertThat(user.kv().get("greeting").await().kvs().get(0).value().utf8())
                    .isEqualTo("hello");
        }
        process.toHandle().destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(data.resolve("member")).isDirectory();
        assertThat(data.resolve("native"))
                .as("RocksDB's library is used where it was installed")
                .doesNotExist();
    }

    @Test
    void aMissingLibraryIsNamed() throws Exception {
        Path nowhere = folder.resolve("nowhere");
        Map<String, String> elsewhere =
                Map.of("AXOLOTL_JAVA_OPTS", "-Daxolotl.native=" + nowhere, "ETCD_DATA_DIR", "without-a-library");
        Output server = run(elsewhere, "etcd", Urls.free().flags().toArray(String[]::new));
        assertThat(server.exitCode).isEqualTo(1);
        assertThat(server.err)
                .contains("RocksDB's native library could not be loaded from " + nowhere)
                .contains("must hold librocksdbjni");
    }

    @Test
    @DisplayName("a class archive is made once and used; a stale one, or a folder that cannot be written, does no harm")
    void classArchivesSpeedUpAndNeverHurt() throws Exception {
        Path cache = folder.resolve("cache");
        Map<String, String> cached = Map.of("AXOLOTL_CACHE", cache.toString());
        Output made = run(cached, "axolotl", "class-archive");
        assertThat(made.exitCode).as(made.err).isZero();
        try (Stream<Path> files = Files.list(cache)) {
            assertThat(files).singleElement().asString().endsWith(".jsa");
        }
        assertThat(run(cached, "axolotl", "class-archive", "--if-missing").out).isEmpty();
        assertThat(classesFromTheArchive(cached)).isGreaterThan(200);

        // Older or newer does not matter: any other jar than the one that was archived makes it useless.
        Path jar;
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            jar = jars.filter(file -> file.getFileName().toString().startsWith("server-"))
                    .findFirst()
                    .orElseThrow();
        }
        FileTime before = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        assertThat(classesFromTheArchive(cached)).isZero();
        Files.setLastModifiedTime(jar, before);

        Files.writeString(cache.resolve("blocked"), "a file where a folder is wanted");
        Output refused = run(
                Map.of(
                        "AXOLOTL_CACHE",
                        cache.resolve("blocked").resolve("below").toString()),
                "axolotl",
                "class-archive");
        assertThat(refused.exitCode).isEqualTo(1);
        assertThat(refused.err).contains("cannot be written");
    }

    /** How many classes a server that only prints its version takes from an archive. */
    private long classesFromTheArchive(Map<String, String> environment) throws Exception {
        Path log = folder.resolve("classes.log");
        Map<String, String> watched = new java.util.HashMap<>(environment);
        watched.put("AXOLOTL_JAVA_OPTS", "-Xlog:class+load:file=" + folder.relativize(log));
        Output version = run(watched, "etcd", "--max-wals=1", "--version");
        assertThat(version.err).isEmpty();
        assertThat(version.out).startsWith("etcd Version: ");
        assertThat(version.exitCode).isZero();
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.endsWith("(top)")).count();
        }
    }

    @Test
    void commandsAndFlagsAreCompletedInABash() throws Exception {
        assertThat(completed("axolotl", "server --initial-cl"))
                .contains("--initial-cluster", "--initial-cluster-state");
        assertThat(completed("axolotl", "ctl snap")).containsExactly("snapshot");
        assertThat(completed("axolotl", "ctl she")).containsExactly("shell");
        assertThat(completed("axolotl", "ctl check p")).containsExactly("perf");
        assertThat(completed("axolotl", "snapshot s")).contains("save", "status");
        assertThat(completed("etcd", "--log-o")).containsExactly("--log-outputs");
    }

    /** What a bash offers for the last word of a line. */
    private List<String> completed(String program, String line) throws Exception {
        List<String> words = new ArrayList<>(List.of((program + " " + line).split(" ")));
        String function = "_complete_" + program;
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); " + function
                        + "; printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash",
                home.resolve("completion/" + program + ".bash").toString()));
        command.addAll(words);
        Process bash = start(Map.of(), command);
        List<String> offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .toList();
        assertThat(bash.waitFor()).isZero();
        return offered;
    }

    @Test
    void theUnitIsOneThatSystemdReads() throws Exception {
        Path unit = home.resolve("systemd/axolotl.service");
        Process verify;
        try {
            verify = new ProcessBuilder("systemd-analyze", "verify", "--man=no", unit.toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "systemd-analyze is not installed");
            throw e;
        }
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isGreaterThanOrEqualTo(0);
        assertThat(said.lines().filter(line -> line.contains("axolotl.service:")))
                .as(said)
                .allMatch(line -> line.contains("/opt/axolotl/bin/axolotl is not executable"));
    }
}
