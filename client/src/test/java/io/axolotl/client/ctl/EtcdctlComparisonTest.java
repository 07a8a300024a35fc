package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Outcome;
import io.axolotl.client.StatusResult;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real etcd servers get the same commands, one from etcdctl and one from us; what is printed, and the exit codes, must be
 * the same. Ids and ports, which differ between two servers, are replaced by words first.
 */
@Timeout(180)
@DisplayName("ctl against a real etcd, side by side with etcdctl")
final class EtcdctlComparisonTest {
    /** A command line and its standard input. */
    private record Line(String in, String... args) {
        @Override
        public String toString() {
            return String.join(" ", args);
        }
    }

    private static Line line(String... args) {
        return new Line("", args);
    }

    private static Line txn(String in, String... flags) {
        List<String> args = new ArrayList<>(List.of("txn"));
        args.addAll(List.of(flags));
        return new Line(in, args.toArray(String[]::new));
    }

    private static final List<Line> SCRIPT = List.of(
            line("put", "a", "1"),
            line("put", "a", "2", "--prev-kv"),
            line("put", "b", "3", "-w", "json"),
            line("put", "b", "4", "--prev-kv", "-w", "json"),
            line("put", "c", "--", "-5"),
            new Line("from stdin\n", "put", "d"),
            line("put", "é", "zwei Wörter"),
            line("put", "a", "--ignore-value", "--prev-kv"),
            line("put", "nokey", "--ignore-value"),
            line("put", "nokey", "v", "--ignore-lease"),
            line("put", "a", "v", "--lease=7"),
            line("put", "", "v"),
            line("get", "a"),
            line("get", "a", "-w", "json"),
            line("get", "a", "--hex"),
            line("get", "é", "--hex"),
            line("get", "a", "c"),
            line("get", "a", "c", "--keys-only"),
            line("get", "", "--prefix"),
            line("get", "", "--prefix", "-w", "json"),
            line("get", "", "--prefix", "--limit", "2", "-w", "json"),
            line("get", "b", "--from-key", "--print-value-only"),
            line("get", "", "--prefix", "--sort-by=MODIFY", "--order=DESCEND"),
            line("get", "", "--prefix", "--sort-by=modify", "--limit=2"),
            line("get", "a", "--rev=2"),
            line("get", "a", "--rev=2", "-w", "json"),
            line("get", "a", "--rev=9999"),
            line("get", "a", "--consistency=s"),
            line("get", "nokey"),
            line("get", "nokey", "-w", "json"),
            line("get", ""),
            txn("ver(\"a\") > \"0\"\n\nput a 5\nget a\ndel zz --prefix\n\nput x 4\n\n"),
            txn("val(\"a\") = \"5\"\nmod(\"a\") < \"0\"\n\nput a 6\n\nput x 4 --prev-kv\nget a\n\n", "-w", "json"),
            txn("\nget a --prefix\nput a \"q\\n\\x41\" --prev-kv\n\n\n", "-w", "json"),
            txn("create(\"nokey\") = \"0\"\n\n\n\n", "-i"),
            txn("c(\"a\") != \"0\"\n\nput m 1\nput m 2\n\n\n"),
            txn("bogus\n\n\n\n"),
            txn("\nget a\n\n\n", "--hex"),
            txn("\nget a --rev=2\n\n\n"),
            line("put", "f", "\u0001\"q\"\\é", "-w", "fields"),
            line("put", "f", "2", "--prev-kv", "-w", "fields"),
            line("get", "f", "-w", "fields"),
            line("get", "", "--prefix", "--limit=2", "-w", "fields"),
            txn("mod(\"f\") > \"0\"\n\nput f 3 --prev-kv\nget f\ndel nokey\n\n\n", "-w", "fields"),
            line("del", "f", "--prev-kv", "-w", "fields"),
            line("put", "f", "2", "-w", "table"),
            line("del", "a", "--prev-kv"),
            line("del", "b", "--prev-kv", "-w", "json"),
            line("del", "nokey"),
            line("del", "nokey", "-w", "json"),
            line("del", "c", "é"),
            line("compaction", "5"),
            line("compaction", "5"),
            line("compaction", "99999"),
            line("compaction", "6", "--physical"),
            line("get", "a", "--rev=2"),
            line("member", "list"),
            line("member", "list", "-w", "json"),
            line("member", "list", "-w", "table"),
            line("member", "list", "-w", "fields"),
            line("member", "add", "x", "--peer-urls=http://127.0.0.1:1", "-w", "table"),
            line("endpoint", "status", "-w", "fields"),
            line("endpoint", "status", "-w", "protobuf"),
            line("endpoint", "health", "-w", "fields"),
            line("endpoint", "hashkv", "-w", "fields"),
            line("endpoint", "status"),
            line("endpoint", "status", "-w", "json"),
            line("endpoint", "status", "-w", "table"),
            line("endpoint", "status", "--cluster"),
            line("endpoint", "health"),
            line("endpoint", "health", "--cluster", "-w", "json"),
            line("endpoint", "hashkv"),
            line("endpoint", "hashkv", "-w", "json"),
            line("endpoint", "hashkv", "-w", "table"),
            line("endpoint", "hashkv", "--cluster", "--rev=8"),
            line("endpoint", "hashkv", "--rev=9999"),
            line("endpoint", "hashkv", "--rev=2"),
            line("alarm", "list"),
            line("alarm", "list", "-w", "json"),
            line("alarm", "list", "-w", "table"),
            line("alarm", "list", "x"),
            line("alarm", "disarm"),
            line("alarm", "disarm", "x"),
            line("defrag"),
            line("defrag", "--cluster"),
            line("move-leader", "1234"),
            line("lease", "grant", "60"),
            line("lease", "grant", "60", "-w", "json"),
            line("lease", "grant", "60", "-w", "fields"),
            line("lease", "list", "-w", "fields"),
            line("lease", "grant"),
            line("lease", "grant", "x"),
            line("lease", "grant", "9999999999"),
            line("lease", "list"),
            line("lease", "list", "-w", "json"),
            line("put", "l1", "v", "--lease=77"),
            line("get", "l", "--prefix", "-w", "json"),
            line("lease", "timetolive", "77"),
            line("lease", "timetolive", "77", "--keys"),
            line("lease", "timetolive", "77", "-w", "json"),
            line("lease", "timetolive", "77", "--keys", "-w", "json"),
            line("lease", "timetolive", "77", "--keys", "-w", "fields"),
            line("lease", "keep-alive", "--once", "77", "-w", "fields"),
            line("lease", "timetolive", "123"),
            line("lease", "timetolive", "123", "-w", "json"),
            line("lease", "timetolive"),
            line("lease", "timetolive", "zz"),
            line("lease", "keep-alive", "--once", "77"),
            line("lease", "keep-alive", "--once", "77", "-w", "json"),
            line("lease", "keep-alive", "--once", "123"),
            line("lease", "keep-alive", "123"),
            line("lease", "keep-alive"),
            line("put", "l2", "v", "--lease=77"),
            line("lease", "revoke", "123", "-w", "fields"),
            line("lease", "revoke", "77"),
            line("lease", "revoke", "77"),
            line("lease", "revoke", "zz"),
            line("lease", "revoke"),
            line("lease", "list", "-w", "table"),
            line("get", "l", "--prefix"),
            line("lock"),
            line("lock", "l", "echo", "held"),
            line("lock", "l", "--", "sh", "-c", "echo key $ETCD_LOCK_KEY; echo trouble >&2; exit 7"),
            line("lock", "l", "no-such-command"),
            line("elect"),
            line("elect", "e"),
            line("elect", "e", "-l", "me"),
            line("del", "", "--prefix"),
            line("make-mirror"),
            line("make-mirror", "127.0.0.1:1", "--dest-prefix=x", "--no-dest-prefix"),
            line("check", "perf", "--load=huge"),
            line("check", "datascale", "--load=huge"),
            line("get", "--prefix", "--from-key", "a"),
            line("get", "a", "--sort-by=BOGUS"),
            line("get", "a", "--order=BOGUS"),
            line("get", "a", "-w", "table"),
            line("get", "a", "-w", "bogus"),
            line("get"),
            line("del"),
            line("put"),
            line("user", "add", "root:secret"),
            line("user", "add", "root:secret"),
            line("user", "add"),
            line("user", "add", ":secret"),
            new Line("wonder\n", "user", "add", "alice", "--interactive=false"),
            line("user", "add", "bob", "--new-user-password=builder", "-w", "json"),
            line("user", "add", "cert", "--no-password"),
            line("user", "list"),
            line("user", "list", "-w", "json"),
            line("user", "list", "x"),
            line("user", "get", "eve"),
            line("user", "get"),
            line("role", "add", "r"),
            line("role", "add", "r"),
            line("role", "add"),
            line("role", "add", "q", "-w", "json"),
            line("role", "list"),
            line("role", "list", "-w", "json"),
            line("role", "grant-permission", "r", "readwrite", "ac/a"),
            line("role", "grant-permission", "r", "read", "ac/b", "ac/d"),
            line("role", "grant-permission", "r", "write", "ac/p", "--prefix"),
            line("role", "grant-permission", "r", "read", "ac/z", "--from-key", "-w", "json"),
            line("role", "grant-permission", "none", "read", "ac/z"),
            line("role", "grant-permission", "r", "read"),
            line("role", "get", "r"),
            line("role", "get", "r", "-w", "json"),
            line("role", "get", "r", "-w", "fields"),
            line("role", "list", "-w", "fields"),
            line("role", "add", "f", "-w", "fields"),
            line("role", "delete", "f", "-w", "fields"),
            line("role", "get", "none"),
            line("role", "get"),
            line("role", "revoke-permission", "r", "ac/z", "--from-key"),
            line("role", "revoke-permission", "r", "ac/b", "ac/d"),
            line("role", "revoke-permission", "r", "ac/none"),
            line("role", "revoke-permission", "r", "ac/p", "--prefix", "-w", "json"),
            line("role", "revoke-permission", "r"),
            line("user", "grant-role", "alice", "r"),
            line("user", "grant-role", "alice", "none"),
            line("user", "grant-role", "alice"),
            line("user", "grant-role", "bob", "r", "-w", "json"),
            line("user", "get", "alice"),
            line("user", "get", "alice", "-w", "json"),
            line("user", "get", "alice", "--detail"),
            line("user", "revoke-role", "bob", "r"),
            line("user", "revoke-role", "bob", "r"),
            line("user", "revoke-role", "bob"),
            line("auth", "disable"),
            line("auth", "enable", "x"),
            line("auth", "enable"),
            line("auth", "enable"),
            line("get", "ac/a"),
            line("put", "ac/a", "1", "--user=alice:wonder"),
            line("get", "ac/a", "--user=alice:wonder"),
            line("get", "ac/a", "--user=alice", "--password=wonder"),
            line("get", "ac/b", "--user=alice:wonder"),
            line("get", "ac/b", "--user=alice:wrong"),
            line("get", "ac/b", "--user=root:secret"),
            line("role", "get", "root", "--user=root:secret"),
            line("role", "get", "r", "--user=alice:wonder"),
            line("user", "list", "--user=alice:wonder"),
            line("user", "delete", "root", "--user=root:secret"),
            new Line("other\n", "user", "passwd", "alice", "--interactive=false", "--user=root:secret"),
            line("get", "ac/a", "--user=alice:wonder"),
            line("get", "ac/a", "--user=alice:other"),
            line("user", "passwd"),
            line("auth", "disable", "--user=alice:other"),
            line("auth", "disable", "--user=root:secret"),
            line("get", "ac/a", "--user=alice:other"),
            line("user", "delete", "cert"),
            line("user", "delete", "cert"),
            line("user", "delete"),
            line("role", "delete", "r"),
            line("role", "delete", "r"),
            line("role", "delete"),
            line("user", "get", "alice"));

    @Test
    void theSameCommandsPrintTheSame(@TempDir Path folder) throws Exception {
        Optional<Path> etcd = onPath("etcd");
        Optional<Path> etcdctl = onPath("etcdctl");
        assumeTrue(
                etcd.isPresent() && etcdctl.isPresent(),
                "skipped: etcd and etcdctl are not on the PATH (Debian: apt-get install etcd-server etcd-client)");
        try (RealEtcd theirs = RealEtcd.start(etcd.get(), folder.resolve("theirs"));
                RealEtcd ours = RealEtcd.start(etcd.get(), folder.resolve("ours"))) {
            theirs.grantLease(0x77);
            ours.grantLease(0x77);
            List<String> differences = new ArrayList<>();
            for (Line line : SCRIPT) {
                Ctl expected = theirs.normalize(etcdctl(etcdctl.get(), theirs, line));
                Ctl actual = ours.normalize(Ctl.run(line.in(), withEndpoint(ours, line)));
                if (!actual.equals(expected)) {
                    differences.add(line + "\n  etcdctl: " + expected + "\n  ours:    " + actual);
                }
            }
            assertThat(differences).isEmpty();
        }
    }

    /** What changes nothing, and is to be the same in all forms. */
    private static final List<Line> READS = List.of(
            line("get", "", "--prefix"),
            line("get", "a", "--rev=2", "--hex"),
            line("get", "a", "c", "--sort-by=VALUE", "--order=DESCEND", "--limit=2"),
            line("get", "", "--from-key", "--keys-only", "--consistency=s"),
            line("get", "nokey"),
            txn("mod(\"a\") > \"0\"\n\nget a\nget b\n\n\n"),
            line("lease", "list"),
            line("lease", "timetolive", "123", "--keys"),
            line("member", "list"),
            line("alarm", "list"),
            line("user", "list"),
            line("user", "get", "u"),
            line("user", "get", "u", "--detail"),
            line("role", "list"),
            line("role", "get", "r"),
            line("endpoint", "status"),
            line("endpoint", "hashkv"));

    /** The name of each command that cannot be compared in a form, and why. */
    private static final Map<String, String> APART = Map.of(
            "alarm list -w fields", "etcdctl crashes",
            "user list -w fields", "etcdctl has no such form",
            "user get u -w fields", "etcdctl has no such form");

    @Test
    @DisplayName(
            "one server, one question: the bytes on standard output and the exit code are etcdctl's, in every form")
    void oneServerGivesBothTheSameBytes(@TempDir Path folder) throws Exception {
        Optional<Path> etcd = onPath("etcd");
        Optional<Path> etcdctl = onPath("etcdctl");
        assumeTrue(
                etcd.isPresent() && etcdctl.isPresent(),
                "skipped: etcd and etcdctl are not on the PATH (Debian: apt-get install etcd-server etcd-client)");
        try (RealEtcd server = RealEtcd.start(etcd.get(), folder.resolve("etcd"))) {
            server.grantLease(0x77);
            for (Line line : List.of(
                    line("put", "a", "1"),
                    line("put", "b", "zwei Wörter"),
                    line("put", "c", "\u0001\u007f", "--lease=77"),
                    line("role", "add", "r"),
                    line("role", "grant-permission", "r", "readwrite", "k", "m"),
                    line("role", "grant-permission", "r", "read", "é"),
                    line("user", "add", "u:p"),
                    line("user", "grant-role", "u", "r"))) {
                assertThat(Ctl.run(line.in(), withEndpoint(server, line)).err()).isEmpty();
            }
            List<String> differences = new ArrayList<>();
            int compared = 0;
            for (Line read : READS) {
                for (String form : List.of("simple", "json", "fields", "protobuf", "table")) {
                    List<String> args = new ArrayList<>(Arrays.asList(read.args()));
                    args.addAll(List.of("-w", form));
                    Line line = new Line(read.in(), args.toArray(String[]::new));
                    if (APART.containsKey(line.toString())) {
                        continue;
                    }
                    Ctl expected = etcdctl(etcdctl.get(), server, line);
                    Ctl actual = Ctl.run(line.in(), withEndpoint(server, line));
                    compared++;
                    if (actual.exitCode() != expected.exitCode()
                            || !actual.out().equals(expected.out())) {
                        differences.add(line + "\n  etcdctl: " + expected + "\n  ours:    " + actual);
                    }
                }
            }
            assertThat(differences).isEmpty();
            assertThat(compared).isEqualTo(READS.size() * 5 - APART.size());
        }
    }

    @Test
    @DisplayName("LK-3, LK-4: lock and elect say what they hold, and end with their session; -l tells of every leader")
    void sessionsEnd(@TempDir Path folder) throws Exception {
        Optional<Path> etcd = onPath("etcd");
        assumeTrue(etcd.isPresent(), "skipped: etcd is not on the PATH (Debian: apt-get install etcd-server)");
        ExecutorService commands = Executors.newCachedThreadPool();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Future<Integer> observing;
        try (RealEtcd server = RealEtcd.start(etcd.get(), folder.resolve("etcd"));
                AxolotlClient client =
                        AxolotlClient.builder().endpoints(server.endpoint()).build()) {
            String at = "--endpoints=" + server.endpoint();
            observing = commands.submit(() -> CtlMain.run(
                    new String[] {at, "elect", "e", "-l"},
                    Map.of(),
                    InputStream.nullInputStream(),
                    new PrintStream(seen, true, StandardCharsets.UTF_8),
                    new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8)));
            Future<Ctl> leading = commands.submit(() -> Ctl.run("", at, "elect", "e", "me"));
            Future<Ctl> holding = commands.submit(() -> Ctl.run("", at, "lock", "l", "--ttl", "3"));
            while (client.kv().get(KeyRange.prefix("l/")).await().count() == 0 || seen.size() == 0) {
                Thread.onSpinWait();
            }
            for (String key : List.of("l/", "e/")) {
                long lease = client.kv()
                        .get(KeyRange.prefix(key))
                        .await()
                        .kvs()
                        .get(0)
                        .lease();
                var unused = client.leases().revoke(lease).await();
            }
            assertThat(server.normalize(holding.get(60, TimeUnit.SECONDS)))
                    .isEqualTo(new Ctl(1, "l/LEASE\n\n", "Error: session expired\n"));
            assertThat(server.normalize(leading.get(60, TimeUnit.SECONDS)))
                    .isEqualTo(new Ctl(1, "e/LEASE\nme\n", "Error: elect: session expired\n"));
            assertThat(server.normalize(seen.toString(StandardCharsets.UTF_8))).isEqualTo("e/LEASE\nme\n");
        }
        assertThat(observing.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        commands.shutdown();
    }

    @Test
    @DisplayName("LK-3: a lock whose command is interrupted is given back at once, not when its lease has run out")
    void interruptedLocksAreGivenBack(@TempDir Path folder) throws Exception {
        Optional<Path> etcd = onPath("etcd");
        assumeTrue(etcd.isPresent(), "skipped: etcd is not on the PATH (Debian: apt-get install etcd-server)");
        try (RealEtcd server = RealEtcd.start(etcd.get(), folder.resolve("etcd"));
                AxolotlClient client =
                        AxolotlClient.builder().endpoints(server.endpoint()).build()) {
            Thread holding =
                    new Thread(() -> Ctl.run("", "--endpoints=" + server.endpoint(), "lock", "l", "--ttl", "3600"));
            holding.start();
            while (client.kv().get(KeyRange.prefix("l/")).await().count() == 0) {
                Thread.onSpinWait();
            }
            holding.interrupt();
            holding.join();
            assertThat(client.kv().get(KeyRange.prefix("l/")).await().count()).isZero();
            assertThat(client.leases().list().await().ids()).isEmpty();
        }
    }

    private static String[] withEndpoint(RealEtcd server, Line line) {
        List<String> args = new ArrayList<>(List.of("--endpoints=" + server.endpoint()));
        args.addAll(Arrays.asList(line.args()));
        return args.toArray(String[]::new);
    }

    private static Ctl etcdctl(Path binary, RealEtcd server, Line line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(binary.toString()));
        command.addAll(Arrays.asList(withEndpoint(server, line)));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("ETCDCTL_API", "3");
        builder.environment().put("LC_ALL", "C.UTF-8");
        Path out = Files.createTempFile("etcdctl", ".out");
        Path err = Files.createTempFile("etcdctl", ".err");
        try {
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            try (var in = process.getOutputStream()) {
                in.write(line.in().getBytes(StandardCharsets.UTF_8));
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ctl(
                    process.exitValue(), Ctl.text(Files.readAllBytes(out)), withoutLogLines(Files.readString(err)));
        } finally {
            Files.delete(out);
            Files.delete(err);
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

    /** A one-member cluster in a process of its own. */
    private record RealEtcd(Process process, String endpoint, int clientPort, int peerPort, StatusResult status)
            implements AutoCloseable {
        private static final int PORT_TRIES = 5;

        /** A free port may be taken by another process before etcd binds it; then etcd ends at once, and others will do. */
        static RealEtcd start(Path binary, Path folder) throws IOException {
            for (int tries = 1; ; tries++) {
                Process[] started = new Process[1];
                try {
                    return startOnce(binary, folder.resolve("try" + tries), started);
                } catch (RuntimeException | AssertionError e) {
                    boolean hasEnded = started[0] != null && !started[0].isAlive();
                    if (started[0] != null) {
                        started[0].destroyForcibly().onExit().join();
                    }
                    if (!hasEnded || tries == PORT_TRIES) {
                        throw e;
                    }
                }
            }
        }

        private static RealEtcd startOnce(Path binary, Path folder, Process[] started) throws IOException {
            int clientPort = FakeEtcd.freePort();
            int peerPort = FakeEtcd.freePort();
            String client = "http://127.0.0.1:" + clientPort;
            String peer = "http://127.0.0.1:" + peerPort;
            Files.createDirectories(folder);
            Process process = new ProcessBuilder(
                            binary.toString(),
                            "--name=n1",
                            "--data-dir=" + folder.resolve("data"),
                            "--listen-client-urls=" + client,
                            "--advertise-client-urls=" + client,
                            "--listen-peer-urls=" + peer,
                            "--initial-advertise-peer-urls=" + peer,
                            "--initial-cluster=n1=" + peer,
                            "--unsafe-no-fsync")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            started[0] = process;
            String endpoint = "127.0.0.1:" + clientPort;
            try (AxolotlClient probe = AxolotlClient.builder()
                    .endpoints(endpoint)
                    .requestTimeout(Duration.ofSeconds(20))
                    .build()) {
                // The read is repeated until the server listens and has a leader.
                assertThat(probe.kv().get("ready").awaitOutcome()).isInstanceOf(Outcome.Done.class);
                return new RealEtcd(
                        process,
                        endpoint,
                        clientPort,
                        peerPort,
                        probe.maintenance().status(endpoint).await());
            }
        }

        /** Replaces what differs between two servers, and what nobody can foresee. */
        /** etcdctl lets the server choose ids; a script needs one that it knows. */
        void grantLease(long id) {
            try (AxolotlClient client =
                    AxolotlClient.builder().endpoints(endpoint).build()) {
                assertThat(client.leases().grant(100, id).await().id()).isEqualTo(id);
            }
        }

        Ctl normalize(Ctl run) {
            return new Ctl(run.exitCode(), normalize(run.out()), normalizeError(run.err()));
        }

        private String normalize(String text) {
            return text.replace(Long.toUnsignedString(status.header().clusterId()), "CLUSTER")
                    .replace(Long.toUnsignedString(status.header().memberId()), "MEMBER")
                    .replace(Long.toHexString(status.header().memberId()), "MEMBER-IN-16-HEX")
                    .replace(Integer.toString(clientPort), "CPORT")
                    .replace(Integer.toString(peerPort), "PPORT")
                    // Ids of leases that the server chose; what is left may differ by the second that has passed.
                    .replaceAll("\\b(?!00000000)[0-9a-f]{14,16}\\b", "LEASE")
                    .replaceAll("\"(ID|id)\":\\d{10,}", "\"$1\":LEASE")
                    .replaceAll("\"ID\" : \\d{10,}", "\"ID\" : LEASE")
                    .replaceAll("\"(TTL|DBSize|RaftIndex|RaftAppliedIndex)\" : \\d+", "\"$1\" : N")
                    .replaceAll("\"Took\" : \\S+", "\"Took\" : TIME")
                    .replaceAll("(remaining\\(|\"ttl\":)\\d+", "$1N")
                    .replaceAll("took(\":\"| = )[^\"\\s]+", "took$1TIME")
                    .replaceAll("\"(raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)\":\\d+", "\"$1\":N")
                    // The same in lines and in cells; the titles are wider than any of these numbers.
                    .replaceAll(
                            "[0-9.]+ kB, (true|false), (true|false), (\\d+), \\d+, \\d+, ", "SIZE, $1, $2, $3, N, N, ")
                    .replaceAll("\\| +[0-9.]+( kB)? (?=\\|)", "| N ")
                    // A column is as wide as the ids in it, and one id in sixteen begins with a zero that is left out.
                    .replaceAll("\\+-+(?=\\+)", "+-")
                    .replaceAll("\\| +ID +(?=\\|)", "| ID ");
        }

        /** Ours may say more after the same words. */
        private String normalizeError(String err) {
            return normalize(err).replaceAll("(Error: malformed comparison: bogus).*", "$1");
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
