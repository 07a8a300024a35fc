package io.axolotl.jepsen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.process.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a copy of its own with a Java and a Maven that only tell how they were called. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class LauncherTest {
    private static final List<String> TOOLS =
            List.of("dirname", "sed", "find", "head", "tail", "mktemp", "mkdir", "mv", "rm", "getconf", "cat", "touch");

    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir
    private Path temp;

    private Path home = Path.of("");
    private Path javaHome = Path.of("");
    private Path path = Path.of("");

    /** What the launcher printed. */
    private record Output(int exitCode, String out, String err) {}

    @BeforeEach
    void copyTheLauncher() throws IOException {
        home = Files.createDirectories(temp.resolve("a folder with spaces"));
        Files.copy(
                Path.of("..", "axolotl").toRealPath(),
                home.resolve("axolotl"),
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        for (String module : List.of("raft-core", "storage", "client", "server", "jepsen-tests")) {
            Files.createDirectories(home.resolve(module).resolve("src"));
        }
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        path = Files.createDirectories(temp.resolve("bin"));
        for (String tool : TOOLS) {
            script(path.resolve(tool), "exec " + which(tool) + " \"$@\"");
        }
        javaHome = temp.resolve("java home");
        Files.createDirectories(javaHome.resolve("bin"));
        javaOfVersion("17");
        script(javaHome.resolve("bin").resolve("javac"), "exit 1");
    }

    private static boolean isThere(String tool) {
        return Stream.of("/bin", "/usr/bin").anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private static Path which(String tool) {
        for (String folder : List.of("/bin", "/usr/bin")) {
            Path candidate = Path.of(folder, tool);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException("this machine has no " + tool);
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void javaOfVersion(String version) throws IOException {
        script(
                javaHome.resolve("bin").resolve("java"),
                "case $1 in -XshowSettings*) echo '    java.specification.version = " + version
                        + "' >&2; exit 0 ;; esac\n" + "for word in \"$@\"; do echo \"<$word>\"; done\nexit 42");
    }

    /** A Maven that builds: it makes the folder of jars. */
    private void installMaven() throws IOException {
        script(path.resolve("mvn"), "echo \"mvn $*\"; mkdir -p '" + home.resolve("jepsen-tests/target/lib") + "'");
    }

    private Output axolotl(String... words) throws IOException, InterruptedException {
        return output(start(words));
    }

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(home.resolve("axolotl").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path.toString());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private static Output output(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), out, err);
    }

    @Test
    void helpNeedsNeitherJavaNorABuild() throws Exception {
        Files.delete(javaHome.resolve("bin").resolve("java"));
        Output help = axolotl("help");
        assertThat(help.exitCode).isZero();
        assertThat(help.out).contains("recovery-demo").contains("playground").contains("bench");
        assertThat(axolotl().out).isEqualTo(help.out);
    }

    @Test
    void unknownCommandIsRefusedWithTheKnownOnes() throws Exception {
        Output output = axolotl("recover");
        assertThat(output.exitCode).isEqualTo(2);
        assertThat(output.err).contains("no command \"recover\"").contains("recovery-demo");
    }

    @Test
    void missingJavaIsExplained() throws Exception {
        Files.delete(javaHome.resolve("bin").resolve("java"));
        Output output = axolotl("ctl");
        assertThat(output.exitCode).isEqualTo(1);
        assertThat(output.err).contains("JAVA_HOME is " + javaHome).contains("17 or newer");
    }

    @Test
    void oldJavaIsExplained() throws Exception {
        javaOfVersion("11");
        assertThat(axolotl("ctl").err).contains("is Java 11, and 17 or newer is needed");
        javaOfVersion("1.8");
        assertThat(axolotl("ctl").err).contains("is Java 8, and 17 or newer is needed");
    }

    @Test
    void missingMavenIsExplained() throws Exception {
        Output output = axolotl("ctl");
        assertThat(output.exitCode).isEqualTo(1);
        assertThat(output.err).contains("no mvn on the PATH");
    }

    @Test
    void failedBuildIsShownAndNothingIsStarted() throws Exception {
        script(path.resolve("mvn"), "echo 'the sources are broken'; exit 1");
        Output output = axolotl("ctl");
        assertThat(output.exitCode).isEqualTo(1);
        assertThat(output.err).contains("the sources are broken").contains("the build failed");
        assertThat(output.out).isEmpty();
    }

    @Test
    void firstUseBuildsOnceAndPassesArgumentsAndExitCodeThrough() throws Exception {
        installMaven();
        Output first = axolotl("ctl", "put", "a key", "");
        assertThat(first.exitCode).isEqualTo(42);
        assertThat(first.err).contains("building, about a minute on first use");
        assertThat(first.out).endsWith("<io.axolotl.client.ctl.CtlMain>\n<put>\n<a key>\n<>\n");
        assertThat(first.out).contains("<" + home.resolve("jepsen-tests/target/lib") + "/*>");
        Output second = axolotl("bench");
        assertThat(second.err).isEmpty();
        assertThat(second.out).endsWith("<io.axolotl.client.bench.BenchMain>\n");
    }

    @Test
    void changedSourcesAreBuiltAgain() throws Exception {
        installMaven();
        assertThat(axolotl("ctl").exitCode).isEqualTo(42);
        Path source = Files.writeString(home.resolve("server/src/Changed.java"), "class Changed {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(axolotl("ctl").err).contains("the sources have changed; building");
    }

    @Test
    void twoCommandsAtOnceBuildOnce() throws Exception {
        assumeTrue(isThere("flock"), "this machine has no flock, and then nobody waits");
        for (String tool : List.of("flock", "sleep")) {
            script(path.resolve(tool), "exec " + which(tool) + " \"$@\"");
        }
        Path builds = temp.resolve("builds");
        Path go = temp.resolve("go");
        script(
                path.resolve("mvn"),
                "echo build >>'" + builds + "'; until [ -e '" + go + "' ]; do sleep 0.05; done; mkdir -p '"
                        + home.resolve("jepsen-tests/target/lib") + "'");
        Process first = start("ctl");
        Await.fact("the first to build", BOUND, () -> Files.exists(builds));
        Process second = start("bench");
        String waits = second.errorReader(StandardCharsets.UTF_8).readLine();
        Files.createFile(go);
        assertThat(waits).contains("another command builds already");
        assertThat(output(first).exitCode).isEqualTo(42);
        assertThat(output(second).out).endsWith("<io.axolotl.client.bench.BenchMain>\n");
        assertThat(builds).hasContent("build");
    }

    @Test
    void serverGetsTheServersOptions() throws Exception {
        installMaven();
        Output output = axolotl("server", "--name=n1");
        assertThat(output.out)
                .contains("<@"
                        + home.resolve("jepsen-tests/src/main/resources/io/axolotl/jepsen/process/server-jvm.options")
                        + ">")
                .endsWith("<io.axolotl.server.ServerMain>\n<--name=n1>\n");
    }
}
