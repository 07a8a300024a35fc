package io.axolotl.jepsen.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.differential.BothServers;
import io.axolotl.jepsen.differential.TwoServers;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients in other languages, unchanged, run a script each against etcd and against Axolotl; what the two runs print must be the
 * same, and both must reach their end. The scripts print values, versions, revisions counted from their first write, events and
 * refusals.
 */
@ExtendWith(BothServers.class)
@Timeout(120)
@DisplayName("a client in another language sees the same")
final class ForeignClientsTest {
    private static final long BOUND_SECONDS = 60;

    @TempDir
    Path folder;

    @BeforeEach
    void needsEtcd() {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
    }

    /** A client's interpreter, as it finds the client. */
    private record Interpreter(String program, Optional<Path> modules) {
        ProcessBuilder command(String... args) {
            List<String> words = new ArrayList<>(List.of(program));
            words.addAll(List.of(args));
            ProcessBuilder builder = new ProcessBuilder(words);
            modules.ifPresent(path -> builder.environment().put("NODE_PATH", path.toString()));
            return builder;
        }

        /** Whether it ends well when it is told to load the client, as this option and these words say. */
        boolean runs(String option, String code) {
            if (!program.startsWith("/") && !Target.onPath(program)) {
                return false;
            }
            try {
                return command(option, code)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while looking for " + program, e);
            }
        }
    }

    @Test
    @DisplayName("Debian's python3-etcd3: kv, txn, watch, lease, lock, maintenance")
    void pythonSeesTheSame(TwoServers servers) throws Exception {
        // Another Python may come first on the path than the one that Debian's packages are for.
        Optional<Interpreter> python = Stream.of("python3", "/usr/bin/python3")
                .map(program -> new Interpreter(program, Optional.empty()))
                .filter(interpreter -> interpreter.runs("-c", "import etcd3"))
                .findFirst();
        assumeTrue(python.isPresent(), "python3-etcd3 is not installed (Debian: apt-get install python3-etcd3)");
        List<String> lines = sameLines(servers, python.orElseThrow(), "python_etcd3.py", address ->
                new String[] {address.getHost(), Integer.toString(address.getPort())});
        assertThat(lines)
                .as("it must have come to its end")
                .contains("expired: DeleteEvent None")
                .last()
                .isEqualTo("snapshot ends in a digest: 32");
    }

    @Test
    @DisplayName("npm's etcd3: kv, txn, watch, lease, lock, election, maintenance")
    void nodeSeesTheSame(TwoServers servers) throws Exception {
        Optional<Interpreter> node = Stream.concat(
                        Stream.of(Optional.<Path>empty()),
                        Stream.of("target/npm/node_modules", "../target/npm/node_modules")
                                .map(name -> Optional.of(Path.of(name).toAbsolutePath())))
                .map(modules -> new Interpreter("node", modules))
                .filter(interpreter -> interpreter.runs("-e", "require('etcd3')"))
                .findFirst();
        assumeTrue(
                node.isPresent(),
                "npm's etcd3 is not installed (npm install --prefix target/npm --no-save --ignore-scripts etcd3@1.1.2)");
        List<String> lines = sameLines(
                servers, node.orElseThrow(), "npm_etcd3.js", address -> new String[] {address.getAuthority()});
        assertThat(lines)
                .as("it must have come to its end")
                .contains("follows: [\"second\"]")
                .last()
                .isEqualTo("status: [true]");
    }

    private interface Args {
        String[] of(URI clientUrl);
    }

    /** @return what both runs have printed */
    private List<String> sameLines(TwoServers servers, Interpreter interpreter, String script, Args args)
            throws IOException, InterruptedException {
        Run theirs = start(servers, Target.ETCD, interpreter, script, args);
        Run ours = start(servers, Target.AXOLOTL, interpreter, script, args);
        List<String> expected = theirs.lines();
        assertThat(ours.lines()).isEqualTo(expected);
        return expected;
    }

    private Run start(TwoServers servers, Target target, Interpreter interpreter, String script, Args args)
            throws IOException {
        Path file = folder.resolve(script);
        try (InputStream text = ForeignClientsTest.class.getResourceAsStream("clients/" + script)) {
            if (text == null) {
                throw new IllegalStateException("clients/" + script + " is not among the test's resources");
            }
            Files.write(file, text.readAllBytes());
        }
        List<String> words = new ArrayList<>(List.of(file.toString()));
        words.addAll(List.of(args.of(URI.create(servers.clientUrl(target)))));
        Path out = folder.resolve(target + ".out");
        Path err = folder.resolve(target + ".err");
        Process process = interpreter
                .command(words.toArray(String[]::new))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Run(target, process, out, err);
    }

    private record Run(Target target, Process process, Path out, Path err) {
        /** What it has printed, when it has come to a good end. */
        List<String> lines() throws IOException, InterruptedException {
            boolean isOver = process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            List<String> lines = Files.readAllLines(out, UTF_8);
            assertThat(isOver)
                    .as("%s: the script ends in time; so far %s and %s", target, lines, Files.readString(err, UTF_8))
                    .isTrue();
            assertThat(process.exitValue())
                    .as("%s: after %s came %s", target, lines, Files.readString(err, UTF_8))
                    .isZero();
            return lines;
        }
    }
}
