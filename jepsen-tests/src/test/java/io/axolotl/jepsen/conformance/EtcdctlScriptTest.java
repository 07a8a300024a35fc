package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.CertificateMaker.Made;
import io.axolotl.jepsen.differential.TwoServers;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's etcdctl 3.4.23, unchanged, gives etcd and Axolotl the same commands; what it prints and its exit code must be the
 * same. Both servers are fresh, so that revisions are equal too; what must differ is replaced by words.
 *
 * <p>Not here: {@code check} (loads for a minute, and its output is measurements), {@code make-mirror}, {@code migrate} and
 * {@code completion} (no server's part that others do not have), {@code watch -i} (needs a terminal), {@code snapshot} (its file is etcd's own; ours is restored by ours).
 */
@Timeout(180)
@DisplayName("etcdctl prints the same")
final class EtcdctlScriptTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final List<Target> BOTH = List.of(Target.ETCD, Target.AXOLOTL);
    private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");
    private static final Pattern GRANTED = Pattern.compile("lease ([0-9a-f]+) granted");

    @TempDir
    private static Path folder;

    private static TwoServers servers = new TwoServers();
    private static Path authority = Path.of("");
    private static final Map<Target, Masks> MASKS = new EnumMap<>(Target.class);

    /** A command line and its standard input; {@code $LEASE} is the last lease that was granted. */
    private record Line(String in, List<String> args, boolean isOverTls) {
        Line(String in, List<String> args) {
            this(in, args, false);
        }

        Line overTls() {
            return new Line(in, args, true);
        }

        @Override
        public String toString() {
            return "etcdctl " + String.join(" ", args) + (in.isEmpty() ? "" : " < " + in);
        }
    }

    private record Output(int exitCode, String out, String err) {}

    /** What differs between two servers that do the same. Confined to one thread. */
    private static final class Masks {
        private final String clientUrl;
        private final String secureUrl;
        private final MemberListResponse members;
        private String lease = "0";

        Masks(Target target) {
            clientUrl = servers.clientUrl(target);
            secureUrl = servers.secureUrl(target);
            members = servers.endpoint(target).cluster().memberList(MemberListRequest.getDefaultInstance());
        }

        String apply(String text) {
            long cluster = members.getHeader().getClusterId();
            long member = members.getHeader().getMemberId();
            // The columns of a table are as wide as the ids in it.
            String even = text.startsWith("+-") ? text.replaceAll("-+", "-").replaceAll(" +", " ") : text;
            return even.replace(Long.toUnsignedString(cluster), "CLUSTER")
                    .replace(Long.toUnsignedString(member), "MEMBER")
                    .replace(Long.toHexString(cluster), "CLUSTER")
                    .replace(Long.toHexString(member), "MEMBER")
                    .replace(members.getMembers(0).getPeerURLs(0), "PEER-URL")
                    .replace(clientUrl, "CLIENT-URL")
                    .replace(secureUrl, "SECURE-URL")
                    .replace(clientUrl.substring("http://".length()), "CLIENT")
                    .replace(Long.toString(leaseNumber()), "LEASE")
                    .replaceAll("\\b[0-9a-f]{14,16}\\b", "ID")
                    .replaceAll("remaining\\(\\d+s\\)", "remaining(SECONDS)")
                    .replaceAll("\"ttl\":\\d+", "\"ttl\":SECONDS")
                    .replaceAll("(raft_term|RaftTerm)(\" : |\":)\\d+", "$1$2TERM")
                    .replaceAll("took(\":\"| = |\\()[^\"\\s)]+", "took$1TIME");
        }

        private long leaseNumber() {
            return lease.equals("0") ? Long.MIN_VALUE : Long.parseLong(lease, 16);
        }
    }

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
        assumeTrue(Target.onPath("etcdctl"), "etcdctl is not installed (Debian: apt-get install etcd-client)");
        Made trusted = new CertificateMaker("authority").authority().signedByItself();
        Made own = new CertificateMaker("server").hosts(List.of("127.0.0.1")).signedBy(trusted);
        authority = write("ca.pem", trusted.certificatePem());
        servers = new TwoServers(Map.of(
                "cert-file", write("server.pem", own.certificatePem()).toString(),
                "key-file", write("server.key", own.keyPem()).toString()));
        BOTH.forEach(target -> MASKS.put(target, new Masks(target)));
    }

    private static Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static Line line(String... args) {
        return new Line("", List.of(args));
    }

    private static Line txn(String in, String... flags) {
        List<String> args = new ArrayList<>(List.of("txn"));
        args.addAll(List.of(flags));
        return new Line(in, args);
    }

    private static Masks masks(Target target) {
        return Objects.requireNonNull(MASKS.get(target), "both are started before the first line is run");
    }

    private static ProcessBuilder command(Target target, Line line, Path out, Path err) throws IOException {
        List<String> command = new ArrayList<>(List.of("etcdctl"));
        command.addAll(
                line.isOverTls
                        ? List.of("--endpoints=" + servers.secureUrl(target), "--cacert=" + authority)
                        : List.of("--endpoints=" + servers.clientUrl(target)));
        line.args.forEach(word -> command.add(word.replace("$LEASE", masks(target).lease)));
        Path in = Files.writeString(Files.createTempFile(folder, "in", ""), line.in);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("ETCDCTL_API", "3");
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder;
    }

    /** A line that runs. */
    private record Started(Target target, Process process, Path out, Path err) {
        Output output() throws IOException, InterruptedException {
            int exitCode = process.waitFor();
            String printed = Files.readString(out, StandardCharsets.ISO_8859_1);
            Masks masks = masks(target);
            Matcher granted = GRANTED.matcher(printed);
            if (granted.find()) {
                masks.lease = granted.group(1);
            }
            return new Output(
                    exitCode,
                    masks.apply(printed),
                    masks.apply(withoutLogLines(Files.readString(err, StandardCharsets.ISO_8859_1))));
        }
    }

    private static Started start(Target target, Line line) throws IOException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        return new Started(target, command(target, line, out, err).start(), out, err);
    }

    private static Output run(Target target, Line line) throws IOException, InterruptedException {
        return start(target, line).output();
    }

    /** It logs its retries as lines of JSON on the error stream. */
    private static String withoutLogLines(String err) {
        return err.lines()
                .filter(line -> !line.startsWith("{\"level\""))
                .map(line -> line + "\n")
                .reduce("", String::concat);
    }

    private static void same(Line... script) throws IOException, InterruptedException {
        List<String> differences = new ArrayList<>();
        for (Line line : script) {
            Started onEtcd = start(Target.ETCD, line);
            Output ours = run(Target.AXOLOTL, line);
            Output theirs = onEtcd.output();
            if (!ours.equals(theirs)) {
                differences.add(line + "\n  etcd:    " + theirs + "\n  axolotl: " + ours);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static void sameOverTls(Line... script) throws IOException, InterruptedException {
        same(Stream.of(script).map(Line::overTls).toArray(Line[]::new));
    }

    @Test
    void keys() throws Exception {
        same(
                line("put", "kv/a", "1"),
                line("put", "kv/a", "2", "--prev-kv"),
                line("put", "kv/b", "3", "-w", "json"),
                line("put", "kv/b", "4", "--prev-kv", "-w", "fields"),
                new Line("from a pipe\n", List.of("put", "kv/c")),
                line("put", "kv/é", "zwei Wörter"),
                line("put", "kv/a", "--ignore-value", "--prev-kv"),
                line("put", "kv/none", "--ignore-value"),
                line("put", "kv/none", "v", "--ignore-lease"),
                line("put", "kv/a", "v", "--lease=7"),
                line("put", "", "v"),
                line("get", "kv/a"),
                line("get", "kv/a", "-w", "json"),
                line("get", "kv/a", "-w", "fields"),
                line("get", "kv/é", "--hex"),
                line("get", "kv/a", "kv/c"),
                line("get", "kv/", "--prefix", "--keys-only"),
                line("get", "kv/", "--prefix", "--limit", "2", "-w", "json"),
                line("get", "kv/b", "--from-key", "--print-value-only"),
                line("get", "kv/", "--prefix", "--sort-by=MODIFY", "--order=DESCEND"),
                line("get", "kv/", "--prefix", "--sort-by=VERSION", "--order=DESCEND", "--limit=1"),
                line("get", "kv/", "--prefix", "--sort-by=CREATE", "--limit=2"),
                line("get", "kv/", "--prefix", "--sort-by=VALUE", "--order=ASCEND"),
                line("get", "kv/a", "--rev=2"),
                line("get", "kv/a", "--rev=9999"),
                line("get", "kv/a", "--consistency=s"),
                line("get", "kv/none", "-w", "json"),
                line("del", "kv/a", "--prev-kv"),
                line("del", "kv/b", "--prev-kv", "-w", "fields"),
                line("del", "kv/none", "-w", "json"),
                line("del", "kv/c", "kv/é"),
                line("del", "kv/", "--prefix"),
                line("compaction", "3"),
                line("compaction", "3"),
                line("compaction", "9999"),
                line("compaction", "4", "--physical"),
                line("get", "kv/a", "--rev=2"));
    }

    @Test
    void transactions() throws Exception {
        same(
                line("put", "tx/a", "1"),
                txn("ver(\"tx/a\") > \"0\"\n\nput tx/a 5\nget tx/a\ndel tx/zz --prefix\n\nput x 4\n\n"),
                txn(
                        "val(\"tx/a\") = \"5\"\nmod(\"tx/a\") < \"0\"\n\nput a 6\n\nput tx/x 4 --prev-kv\nget tx/a\n\n",
                        "-w",
                        "json"),
                txn("\nget tx/a --prefix\nput tx/a \"q\\n\\x41\" --prev-kv\n\n\n", "-w", "fields"),
                txn("create(\"tx/none\") = \"0\"\n\n\n\n", "-i"),
                txn("c(\"tx/a\") != \"0\"\n\nput m 1\nput m 2\n\n\n"),
                txn("bogus\n\n\n\n"),
                txn("\nget tx/a --rev=99999\n\n\n"),
                line("del", "tx/", "--prefix"));
    }

    @Test
    void leases() throws Exception {
        same(
                line("lease", "list"),
                line("lease", "grant", "600"),
                line("put", "le/a", "1", "--lease=$LEASE"),
                line("lease", "timetolive", "$LEASE"),
                // Of one key: etcd tells several in an order of its own, another one each time.
                line("lease", "timetolive", "$LEASE", "--keys"),
                line("lease", "timetolive", "$LEASE", "--keys", "-w", "json"),
                line("put", "le/b", "1", "--lease=$LEASE"),
                line("get", "le/", "--prefix", "-w", "json"),
                line("lease", "list"),
                line("lease", "keep-alive", "--once", "$LEASE"),
                line("put", "le/a", "2", "--ignore-lease"),
                line("put", "le/b", "2"),
                line("lease", "timetolive", "$LEASE", "--keys"),
                line("lease", "revoke", "$LEASE"),
                line("get", "le/", "--prefix"),
                line("lease", "revoke", "$LEASE"),
                line("lease", "timetolive", "$LEASE"),
                line("lease", "keep-alive", "--once", "$LEASE"),
                line("lease", "keep-alive", "$LEASE"),
                line("lease", "list", "-w", "json"),
                line("lease", "grant", "9000000001"),
                line("lease", "grant", "many"),
                line("lease", "revoke", "xyz"),
                line("del", "le/", "--prefix"));
    }

    @Test
    @DisplayName("access control, all of it over TLS")
    void accessControl() throws Exception {
        sameOverTls(
                line("user", "add", "root:secret"),
                line("user", "add", "root:secret"),
                new Line("wonder\n", List.of("user", "add", "alice", "--interactive=false")),
                line("user", "add", "cert", "--no-password"),
                line("user", "list"),
                line("user", "get", "eve"),
                line("role", "add", "r"),
                line("role", "add", "r"),
                line("role", "list", "-w", "json"),
                line("role", "grant-permission", "r", "readwrite", "ac/a"),
                line("role", "grant-permission", "r", "read", "ac/b", "ac/d"),
                line("role", "grant-permission", "r", "write", "ac/p", "--prefix"),
                line("role", "grant-permission", "r", "read", "ac/z", "--from-key"),
                line("role", "grant-permission", "none", "read", "ac/z"),
                line("role", "get", "r"),
                line("role", "get", "r", "-w", "json"),
                line("role", "revoke-permission", "r", "ac/z", "--from-key"),
                line("role", "revoke-permission", "r", "ac/none"),
                line("user", "grant-role", "alice", "r"),
                line("user", "grant-role", "alice", "none"),
                line("user", "get", "alice", "--detail"),
                line("auth", "disable"),
                line("auth", "enable"),
                line("auth", "enable"),
                line("get", "ac/a"),
                line("put", "ac/a", "1", "--user=alice:wonder"),
                line("put", "ac/p2", "1", "--user=alice:wonder"),
                line("get", "ac/p2", "--user=alice:wonder"),
                line("get", "ac/a", "ac/c", "--user=alice:wonder"),
                line("get", "ac/a", "ac/e", "--user=alice:wonder"),
                line("del", "ac/a", "--user=alice:wonder", "--prev-kv"),
                line("get", "ac/b", "--user=alice:wrong"),
                line("get", "ac/b", "--user=cert:wonder"),
                line("get", "ac/", "--prefix", "--user=root:secret"),
                line("endpoint", "health", "--user=alice:wonder"),
                line("user", "list", "--user=alice:wonder"),
                line("user", "get", "alice", "--user=alice:wonder"),
                line("role", "get", "r", "--user=alice:wonder"),
                line("user", "delete", "root", "--user=root:secret"),
                new Line("other\n", List.of("user", "passwd", "alice", "--interactive=false", "--user=root:secret")),
                line("get", "ac/a", "--user=alice:wonder"),
                line("get", "ac/a", "--user=alice:other"),
                line("user", "revoke-role", "alice", "r", "--user=root:secret"),
                line("get", "ac/a", "--user=alice:other"),
                line("auth", "disable", "--user=alice:other"),
                line("auth", "disable", "--user=root:secret"),
                line("get", "ac/a", "--user=alice:other"),
                line("user", "delete", "cert"),
                line("user", "delete", "alice"),
                line("user", "delete", "root"),
                line("role", "delete", "r"),
                line("role", "delete", "root"),
                line("role", "delete", "r"),
                line("del", "ac/", "--prefix"));
    }

    @Test
    void locks() throws Exception {
        same(line("lock", "lo", "--", "echo", "held"), line("lock", "lo", "--ttl=5", "--", "sh", "-c", "exit 3"));
        assertThat(untilPrinted(line("elect", "el", "me"), "me\n")).hasSize(1);
    }

    /**
     * Runs a command that does not end by itself on both, until it has printed what it must, and kills it.
     *
     * @return what the two printed, ids left out: one text if it was the same
     */
    private static List<String> untilPrinted(Line line, String last) throws Exception {
        List<String> printed = new ArrayList<>();
        for (Target target : BOTH) {
            Path out = Files.createTempFile(folder, "out", "");
            Process process = command(target, line, out, Files.createTempFile(folder, "err", ""))
                    .start();
            try {
                Await.fact(line + " to print " + last, BOUND, () -> read(out).contains(last));
            } finally {
                process.destroyForcibly().waitFor();
            }
            String text = masks(target).apply(read(out));
            if (!printed.contains(text)) {
                printed.add(text);
            }
        }
        return printed;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void watches() throws Exception {
        String json = run(Target.ETCD, line("put", "wa/a", "1", "-w", "json")).out;
        Matcher revision = REVISION.matcher(json);
        assertThat(revision.find()).isTrue();
        String from = "--rev=" + revision.group(1);
        assertThat(run(Target.AXOLOTL, line("put", "wa/a", "1", "-w", "json")).out)
                .isEqualTo(json);
        same(line("put", "wa/b", "2"), line("put", "wa/a", "3"), line("del", "wa/a"), line("put", "wa/z", "the end"));
        String last = "the end\n";
        assertThat(untilPrinted(line("watch", "wa/", "--prefix", from), last)).hasSize(1);
        assertThat(untilPrinted(line("watch", "wa/", "--prefix", from, "--prev-kv"), last))
                .hasSize(1);
        assertThat(untilPrinted(line("watch", "wa/a", "wa/b", from), "DELETE\nwa/a\n\n"))
                .hasSize(1);
        assertThat(untilPrinted(
                        line("watch", "wa/z", from, "--", "sh", "-c", "echo $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY"),
                        "\"wa/z\"\n"))
                .hasSize(1);
        same(line("del", "wa/", "--prefix"), line("compaction", revision.group(1)));
    }

    @Test
    void members() throws Exception {
        same(
                line("member", "list"),
                line("member", "list", "-w", "json"),
                line("member", "list", "-w", "table"),
                line("member", "list", "-w", "fields"),
                line("member", "add", "x"),
                line("member", "add", "x", "--peer-urls=nowhere"),
                line("member", "remove", "7777"),
                line("member", "remove", "no number"),
                line("member", "promote", "7777"),
                line("member", "update", "7777", "--peer-urls=http://127.0.0.1:9"),
                line("move-leader", "1234"),
                line("endpoint", "health"),
                line("endpoint", "health", "--cluster", "-w", "json"));
    }

    @Test
    void maintenance() throws Exception {
        same(line("alarm", "list"), line("alarm", "disarm"), line("defrag"), line("defrag", "--cluster"));
        // What is kept must be equal to the last byte, and ids of leases are not, which are in the names of lock keys
        // too.
        same(line("del", "", "--from-key"));
        Matcher revision = REVISION.matcher(run(Target.ETCD, line("put", "ma/a", "0", "-w", "json")).out);
        assertThat(revision.find()).isTrue();
        run(Target.AXOLOTL, line("put", "ma/a", "0"));
        same(
                line("compaction", "--physical", revision.group(1)),
                line("put", "ma/a", "1"),
                line("put", "ma/b", "1"),
                line("del", "ma/b"),
                line("put", "ma/a", "2"),
                line("endpoint", "hashkv"),
                line("endpoint", "hashkv", "-w", "json"),
                line("endpoint", "hashkv", "--rev=99999"));
    }
}
