package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import io.axolotl.client.ctl.EtcdctlScript.Line;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real etcd servers get the same commands, one from etcdctl and one from us; what is printed, and the exit codes, must be
 * the same. Ids and ports, which differ between two servers, are replaced by words first. A third server answers both, where
 * nothing is changed. All three are started at once, and the two sides run side by side.
 */
@Timeout(180)
@DisplayName("ctl against a real etcd, side by side with etcdctl")
final class EtcdctlComparisonTest {
    private static @Nullable Servers servers;

    /** What all tests share. The script alone uses the first two. */
    private record Servers(Path etcdctl, RealEtcd theirs, RealEtcd ours, RealEtcd both) {
        static Servers start(Path etcd, Path etcdctl, Path folder) {
            List<CompletableFuture<RealEtcd>> starting = Stream.of("theirs", "ours", "both")
                    .map(name -> CompletableFuture.supplyAsync(() -> RealEtcd.start(etcd, folder.resolve(name))))
                    .toList();
            try {
                List<RealEtcd> started =
                        starting.stream().map(CompletableFuture::join).toList();
                return new Servers(etcdctl, started.get(0), started.get(1), started.get(2));
            } catch (CompletionException e) {
                starting.forEach(each -> each.thenAccept(RealEtcd::close)
                        .exceptionally(alike -> null)
                        .join());
                throw e;
            }
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        Optional<Path> etcd = onPath("etcd");
        Optional<Path> etcdctl = onPath("etcdctl");
        assumeTrue(
                etcd.isPresent() && etcdctl.isPresent(),
                "skipped: etcd and etcdctl are not on the PATH (Debian: apt-get install etcd-server etcd-client)");
        servers = Servers.start(etcd.get(), etcdctl.get(), folder);
    }

    @AfterAll
    static void stop() {
        if (servers != null) {
            Stream.of(servers.theirs, servers.ours, servers.both).forEach(RealEtcd::close);
        }
    }

    private static Servers servers() {
        return Objects.requireNonNull(servers);
    }

    @Test
    void theSameCommandsPrintTheSame() throws Exception {
        RealEtcd theirs = servers().theirs;
        RealEtcd ours = servers().ours;
        theirs.grantLease(0x77);
        ours.grantLease(0x77);
        ExecutorService otherSide = Executors.newSingleThreadExecutor();
        try {
            Future<List<Ctl>> expecting = otherSide.submit(() -> {
                List<Ctl> expected = new ArrayList<>();
                for (Line line : EtcdctlScript.SCRIPT) {
                    expected.add(theirs.normalize(etcdctl(servers().etcdctl, theirs, line)));
                }
                return expected;
            });
            List<Ctl> actual = EtcdctlScript.SCRIPT.stream()
                    .map(line -> ours.normalize(Ctl.run(line.in(), withEndpoint(ours, line))))
                    .toList();
            List<Ctl> expected = expecting.get();
            List<String> differences = new ArrayList<>();
            for (int i = 0; i < EtcdctlScript.SCRIPT.size(); i++) {
                if (!actual.get(i).equals(expected.get(i))) {
                    differences.add(EtcdctlScript.SCRIPT.get(i) + "\n  etcdctl: " + expected.get(i) + "\n  ours:    "
                            + actual.get(i));
                }
            }
            assertThat(differences).isEmpty();
        } finally {
            otherSide.shutdownNow();
        }
    }

    @Test
    @DisplayName(
            "one server, one question: the bytes on standard output and the exit code are etcdctl's, in every form")
    void oneServerGivesBothTheSameBytes() throws Exception {
        RealEtcd server = servers().both;
        server.grantLease(0x77);
        for (Line line : List.of(
                EtcdctlScript.line("put", "a", "1"),
                EtcdctlScript.line("put", "b", "zwei Wörter"),
                EtcdctlScript.line("put", "c", "\u0001\u007f", "--lease=77"),
                EtcdctlScript.line("role", "add", "r"),
                EtcdctlScript.line("role", "grant-permission", "r", "readwrite", "k", "m"),
                EtcdctlScript.line("role", "grant-permission", "r", "read", "é"),
                EtcdctlScript.line("user", "add", "u:p"),
                EtcdctlScript.line("user", "grant-role", "u", "r"))) {
            assertThat(Ctl.run(line.in(), withEndpoint(server, line)).err()).isEmpty();
        }
        List<Line> lines = EtcdctlScript.READS.stream()
                .flatMap(read -> Stream.of("simple", "json", "fields", "protobuf", "table")
                        .map(form -> new Line(
                                read.in(),
                                Stream.concat(Arrays.stream(read.args()), Stream.of("-w", form))
                                        .toArray(String[]::new))))
                .filter(line -> !EtcdctlScript.APART.containsKey(line.toString()))
                .toList();
        assertThat(lines).hasSize(EtcdctlScript.READS.size() * 5 - EtcdctlScript.APART.size());
        // Some reads are entries of etcd's log, and its index is in the status.
        Predicate<Line> isOfLog = line -> line.toString().startsWith("endpoint status");
        List<String> differences = new ArrayList<>(lines.parallelStream()
                .filter(isOfLog.negate())
                .flatMap(line -> difference(server, line))
                .toList());
        lines.stream().filter(isOfLog).flatMap(line -> difference(server, line)).forEach(differences::add);
        assertThat(differences).isEmpty();
    }

    private static Stream<String> difference(RealEtcd server, Line line) {
        Ctl expected = etcdctl(servers().etcdctl, server, line);
        Ctl actual = Ctl.run(line.in(), withEndpoint(server, line));
        return actual.exitCode() == expected.exitCode() && actual.out().equals(expected.out())
                ? Stream.empty()
                : Stream.of(line + "\n  etcdctl: " + expected + "\n  ours:    " + actual);
    }

    @Test
    @DisplayName(
            "LK-3, LK-4: lock and elect say what they hold, a lock ends with its session; -l tells of every leader")
    void sessionsEnd() throws Exception {
        RealEtcd server = servers().both;
        String at = server.endpoint();
        RunningCtl observing = new RunningCtl(at, "elect", "e", "-l");
        RunningCtl leading = new RunningCtl(at, "elect", "e", "me");
        RunningCtl holding = new RunningCtl(at, "lock", "l", "--ttl", "3");
        observing.out.await("me\n");
        leading.out.await("me\n");
        holding.out.await("l/");
        try (AxolotlClient client = AxolotlClient.builder().endpoints(at).build()) {
            var unused = client.leases().revoke(leaseUnder(client, "l/")).await();
        }
        assertThat(server.normalize(holding.end())).isEqualTo(new Ctl(1, "l/LEASE\n\n", "Error: session expired\n"));
        for (RunningCtl candidate : List.of(leading, observing)) {
            candidate.interrupt();
            assertThat(server.normalize(candidate.end())).isEqualTo(new Ctl(ExitCode.INTERRUPTED, "e/LEASE\nme\n", ""));
        }
    }

    @Test
    @DisplayName("LK-3: a lock whose command is interrupted is given back at once, not when its lease has run out")
    void interruptedLocksAreGivenBack() throws Exception {
        String endpoint = servers().both.endpoint();
        try (AxolotlClient client = AxolotlClient.builder().endpoints(endpoint).build()) {
            RunningCtl holding = new RunningCtl(endpoint, "lock", "given", "--ttl=3600");
            long lease = leaseUnder(client, "given/");
            holding.interrupt();
            assertThat(holding.end().exitCode()).isEqualTo(ExitCode.INTERRUPTED);
            assertThat(client.kv().get(KeyRange.prefix("given/")).await().count())
                    .isZero();
            assertThat(client.leases().list().await().ids()).doesNotContain(lease);
        }
    }

    /** That of the first key that is there, or will be. */
    private static long leaseUnder(AxolotlClient client, String prefix) throws InterruptedException {
        try (Watch watch = client.watch(KeyRange.prefix(prefix), WatchOptions.DEFAULT.from(1))) {
            WatchResult told = watch.next();
            while (told.events().isEmpty()) {
                told = watch.next();
            }
            return told.events().get(0).kv().lease();
        }
    }

    private static String[] withEndpoint(RealEtcd server, Line line) {
        // Longer than the standard values, which a machine under load may exceed.
        List<String> args = new ArrayList<>(
                List.of("--endpoints=" + server.endpoint(), "--dial-timeout=30s", "--command-timeout=30s"));
        args.addAll(Arrays.asList(line.args()));
        return args.toArray(String[]::new);
    }

    private static Ctl etcdctl(Path binary, RealEtcd server, Line line) {
        List<String> command = new ArrayList<>(List.of(binary.toString()));
        command.addAll(Arrays.asList(withEndpoint(server, line)));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("ETCDCTL_API", "3");
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            Path out = Files.createTempFile("etcdctl", ".out");
            Path err = Files.createTempFile("etcdctl", ".err");
            try {
                Process process = builder.redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                try (var in = process.getOutputStream()) {
                    in.write(line.in().getBytes(StandardCharsets.UTF_8));
                }
                int exitCode =
                        process.onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue();
                return new Ctl(exitCode, Ctl.text(Files.readAllBytes(out)), withoutLogLines(Files.readString(err)));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** etcdctl 3.4 logs its retries as lines of JSON on the error stream. */
    private static String withoutLogLines(String err) {
        return err.lines()
                .filter(line -> !line.startsWith("{\"level\""))
                .map(line -> line + "\n")
                .reduce("", String::concat);
    }

    private static Optional<Path> onPath(String binary) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, binary))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
