package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.Credentials;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.terminal.Size;
import org.jline.terminal.impl.ExternalTerminal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody at a terminal, made of pipes, and scripts; the server is one that does what the test says. */
@Timeout(60)
final class ShellTest {
    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";
    private static final Duration FOR_EVER = Duration.ofSeconds(30);

    private final FakeEtcd server = FakeEtcd.start(3);

    @TempDir
    Path folder;

    @BeforeEach
    void hold() {
        TreeMap<String, String> stored = new TreeMap<>(
                Map.of("/app/one two", "1", "/app/three", "3", "/log/1", "a", "/log/2", "b", "alone", "c"));
        server.onRange = FakeEtcd.ok(request -> {
            String key = request.getKey().toStringUtf8();
            String end = request.getRangeEnd().toStringUtf8();
            List<KeyValue> kvs = stored.tailMap(key, true).entrySet().stream()
                    .filter(entry -> end.isEmpty()
                            ? entry.getKey().equals(key)
                            : end.equals("\0") || entry.getKey().compareTo(end) < 0)
                    .map(entry -> KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8(entry.getKey()))
                            .setValue(ByteString.copyFromUtf8(entry.getValue()))
                            .build())
                    .collect(Collectors.toList());
            return RangeResponse.newBuilder()
                    .setHeader(server.header())
                    .addAllKvs(kvs)
                    .setCount(kvs.size())
                    .build();
        });
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Somebody who types, and sees. */
    private final class Somebody implements AutoCloseable {
        private final PipedOutputStream keyboard = new PipedOutputStream();
        private final SeenOutput screen = new SeenOutput();
        private final Session session;
        private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

        Somebody(String... endpoints) throws IOException {
            ExternalTerminal terminal = new ExternalTerminal(
                    "test", "ansi", new PipedInputStream(keyboard, 1 << 16), screen, StandardCharsets.UTF_8);
            terminal.setSize(Size.of(120, 40));
            session = session(endpoints.length == 0 ? server.endpoint() : String.join(",", endpoints));
            Shell shell = new Shell(session, Map.of(), FOR_EVER);
            Path history = ShellHistory.file(Map.of("XDG_STATE_HOME", folder.toString()), session.console());
            ShellScreen typed = new TerminalScreen(terminal, shell.completer(), history);
            Thread thread = new Thread(() -> {
                try (typed) {
                    exitCode.complete(shell.run(typed, true));
                } catch (RuntimeException | Error e) {
                    exitCode.completeExceptionally(e);
                }
            });
            thread.start();
        }

        Somebody types(String keys) throws IOException {
            keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            return this;
        }

        /** Waits until this is on the screen, after whatever was waited for before. */
        Somebody sees(String text) throws InterruptedException {
            screen.await(text);
            return this;
        }

        int leaves() throws Exception {
            types(CTRL_D);
            return exitCode.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws IOException {
            keyboard.close();
            session.close();
        }
    }

    private static Session session(String endpoints) {
        Console console = new Console(InputStream.nullInputStream(), System.out, System.err);
        Map<String, String> environment = new HashMap<>(RunningCtl.PATIENT);
        environment.put("ETCDCTL_ENDPOINTS", endpoints);
        Session session = new Session(Surroundings.of(environment, console));
        CtlMain.commandLine(session).parseArgs("shell");
        return session;
    }

    private Path history() {
        return folder.resolve("axolotl/ctl_history");
    }

    private List<String> keysRead() {
        return server.ranges.stream()
                .filter(range -> range.getRangeEnd().isEmpty() && !range.getCountOnly())
                .map(range -> range.getKey().toStringUtf8())
                .toList();
    }

    /** What is offered at the end of a line, in the form in which it would be typed. */
    private static List<String> offered(ShellCompleter completer, String line) {
        ShellParser parser = new ShellParser(() -> true);
        ParsedLine parsed = parser.parse(line, line.length(), Parser.ParseContext.COMPLETE);
        return completer.candidates(parsed).stream().map(Candidate::displ).toList();
    }

    @Test
    @DisplayName("completion offers commands, flags, their values, and keys as far as their next slash, quoted")
    void completionOffersWhatFits() {
        try (Session session = session(server.endpoint())) {
            ShellCompleter completer = new Shell(session, Map.of(), FOR_EVER).completer();
            assertThat(offered(completer, "")).contains("get", "put", "watch", "at", "watches", "exit");
            assertThat(offered(completer, "endpoint ")).containsExactlyInAnyOrder("status", "health", "hashkv");
            assertThat(offered(completer, "help lea")).contains("lease", "get");
            assertThat(offered(completer, "get --")).contains("--prefix", "--rev", "--write-out");
            assertThat(offered(completer, "get --write-out "))
                    .containsExactly("simple", "json", "fields", "protobuf", "table");
            assertThat(offered(completer, "get --write-out=f")).contains("fields");
            assertThat(offered(completer, "get ")).containsExactly("/", "alone");
            assertThat(offered(completer, "get /")).containsExactly("/app/", "/log/");
            assertThat(offered(completer, "get /app/")).containsExactly("/app/one\\ two", "/app/three");
            assertThat(offered(completer, "put '/app/one t")).containsExactly("/app/one\\ two");
            assertThat(offered(completer, "put alone ")).isEmpty();
            assertThat(offered(completer, "at ")).containsExactly("now");
        }
        assertThat(server.ranges).allSatisfy(range -> {
            assertThat(range.getSerializable()).isTrue();
            assertThat(range.getKeysOnly()).isTrue();
            assertThat(range.getLimit()).isPositive();
        });
    }

    @Test
    @DisplayName("TAB writes what is offered into the line")
    void tabCompletes() throws Exception {
        try (Somebody somebody = new Somebody()) {
            somebody.sees("axolotl> ");
            somebody.types("get /ap\to\t\n").sees("/app/one two\n1\n");
            somebody.types("endp\tst\t --write-out=fi\t\n").sees("\"Endpoint\" : ");
            assertThat(keysRead()).containsExactly("/app/one two");
            assertThat(somebody.leaves()).isZero();
        }
    }

    @Test
    @DisplayName("a server that does not answer holds nobody up who types")
    void completionGivesUp() {
        server.onRange = FakeEtcd.never();
        try (Session session = session(server.endpoint())) {
            ShellCompleter completer = new Shell(session, Map.of(), Duration.ofMillis(50)).completer();
            long startNanos = System.nanoTime();
            assertThat(offered(completer, "get /a")).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                    .as("less than the time-out of a command, which is 30 s here")
                    .isLessThan(Duration.ofSeconds(25));
        }
    }

    @Test
    @DisplayName("when the leader goes, the next command finds the other one over the connection that is there")
    void aLeaderMayGo() throws Exception {
        try (FakeEtcd other = FakeEtcd.start(4);
                Somebody somebody = new Somebody(server.endpoint(), other.endpoint())) {
            other.leaderId = server.memberId;
            somebody.types("put a 1\n").sees("OK\n");
            other.term = server.term + 1;
            other.leaderId = other.memberId;
            server.close();
            somebody.types("put b 2\n").sees("OK\n");
            somebody.types("put c 3\n").sees("OK\n");
            assertThat(somebody.leaves()).isZero();
            assertThat(other.puts).hasSizeBetween(2, 3);
            assertThat(other.connections).hasValue(1);
        }
    }

    @Test
    @DisplayName(
            "the history is for its user alone, even if its file was not; it holds no passwords and no lines of commands")
    void theHistoryHoldsNoSecrets() throws Exception {
        Files.createDirectories(folder.resolve("axolotl"));
        Files.createFile(history());
        Files.setPosixFilePermissions(history(), PosixFilePermissions.fromString("rw-rw-r--"));
        try (Somebody somebody = new Somebody()) {
            somebody.types("put k v\n").sees("OK");
            somebody.types("user add root:secret\n").sees("Error");
            somebody.types("get alone --user=root:secret --nonsense\n").sees("Error");
            somebody.types(" get alone\n").sees("c\n");
            somebody.types("txn -i\n")
                    .sees("compares:")
                    .types("value(\"k\") = \"secret\"\n\n\n\n")
                    .sees("FAILURE");
            somebody.types("get alone\n").sees("c\n");
            somebody.leaves();
        }
        assertThat(Files.readString(history())).doesNotContain("secret").contains("put k v", "txn -i");
        assertThat(Files.readAllLines(history())).hasSize(3);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history())))
                .isEqualTo("rw-------");
        for (String line : List.of(
                "get a --password x",
                "get --user u:p a",
                "user add 'u:p' --no-password",
                "user --hex add u:p",
                "user add u --new-user-password=p",
                "put 'k")) {
            assertThat(ShellHistory.holdsSecret(line)).as(line).isEqualTo(!line.equals("put 'k"));
        }
    }

    @Test
    @DisplayName("watch in the background prints above the prompt, is listed, and can be stopped")
    void watchInTheBackground() throws Exception {
        CompletableFuture<Runnable> event = new CompletableFuture<>();
        server.onWatch = (request, observer) -> {
            observer.onNext(WatchResponse.newBuilder()
                    .setHeader(server.header())
                    .setCreated(true)
                    .build());
            event.complete(() -> observer.onNext(WatchResponse.newBuilder()
                    .setHeader(server.header())
                    .addEvents(Event.newBuilder()
                            .setKv(KeyValue.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("k"))
                                    .setValue(ByteString.copyFromUtf8("new\u0007"))))
                    .build()));
        };
        try (Somebody somebody = new Somebody()) {
            somebody.types("watch k &\n").sees("[1]").types("get al");
            event.get().run();
            somebody.sees("PUT\nk\nnew^G\n");
            // What had been typed is still there.
            somebody.types("one\n").sees("alone\nc\n");
            somebody.types("watches\n").sees("[1] watch k &\n");
            somebody.types("unwatch 1\nwatches\nget alone\n").sees("alone\nc\n");
            somebody.types("unwatch 1\n").sees("there is no command 1");
            assertThat(somebody.leaves()).isEqualTo(1);
        }
        assertThat(server.connections).hasValue(1);
    }

    @Test
    @DisplayName(
            "at N: gets read there, the prompt shows it, at now goes back; a compacted revision is refused with the oldest")
    void readingAtARevision() throws Exception {
        server.onWatch = (request, observer) -> observer.onNext(WatchResponse.newBuilder()
                .setHeader(server.header())
                .setCanceled(true)
                .setCompactRevision(4)
                .build());
        FakeEtcd.Answer<RangeRequest, RangeResponse> whole = server.onRange;
        server.onRange = (request, observer) -> {
            if (request.getRevision() > 0 && request.getRevision() < 4) {
                FakeEtcd.<RangeRequest, RangeResponse>fail(
                                Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted")
                        .accept(request, observer);
            } else if (request.getRevision() > 7) {
                FakeEtcd.<RangeRequest, RangeResponse>fail(
                                Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision")
                        .accept(request, observer);
            } else {
                whole.accept(request, observer);
            }
        };
        try (Somebody somebody = new Somebody()) {
            somebody.types("at 5\n").sees("axolotl at 5> ");
            somebody.types("get alone\n").sees("alone\nc\n");
            somebody.types("get alone --rev=6\n").sees("alone\nc\n");
            somebody.types("at 3\n").sees("revision 3 has been compacted; the oldest that can be read is 4");
            somebody.types("at 8\n").sees("revision 8 is not there yet; now is 7");
            somebody.types("at\n").sees("5\n");
            somebody.types("at now\n").sees("axolotl> ");
            somebody.types("get alone\n").sees("alone\nc\n");
            somebody.leaves();
        }
        assertThat(server.ranges.stream().filter(range -> !range.getCountOnly()).map(RangeRequest::getRevision))
                .containsExactly(5L, 6L, 0L);
    }

    @Test
    @DisplayName(
            "errors do not end the shell, nor does Ctrl-C, which stops the command; open quotes go on in the next line")
    void nothingEndsItButItsUser() throws Exception {
        CompletableFuture<Void> watching = new CompletableFuture<>();
        server.onWatch = (request, observer) -> watching.complete(null);
        CompletableFuture<Void> locking = new CompletableFuture<>();
        server.onLock = (request, observer) -> locking.complete(null);
        try (Somebody somebody = new Somebody()) {
            somebody.types("nonsense\n").sees("unknown command \"nonsense\"; see help\n");
            somebody.types("get a | wc\n").sees("has no meaning");
            somebody.types("shell\n").sees("this is the shell already");
            somebody.types("put 'a\nb' c\n").sees("OK");
            somebody.types("watch k\n");
            watching.get();
            somebody.types(CTRL_C + "at\n").sees("now\naxolotl> ");
            somebody.types("lock l\n");
            locking.get();
            somebody.types(CTRL_C + "at\n").sees("now\naxolotl> ");
            assertThat(server.revokes).hasSize(1);
            somebody.types("half a line" + CTRL_C + "get alone\n").sees("alone\nc\n");
            somebody.types("exit\n");
            assertThat(somebody.exitCode.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCode.ERROR);
        }
        assertThat(server.puts)
                .singleElement()
                .satisfies(put -> assertThat(put.getKey().toStringUtf8()).isEqualTo("a\nb"));
        assertThat(keysRead()).containsExactly("alone");
    }

    private Ctl script(String lines, String... flags) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                prompt -> null);
        String[] all = new String[flags.length + 2];
        all[0] = "--endpoints=" + server.endpoint();
        all[1] = "shell";
        System.arraycopy(flags, 0, all, 2, flags.length);
        int exitCode = CtlMain.run(all, Surroundings.of(RunningCtl.PATIENT, console));
        return new Ctl(exitCode, Ctl.text(out.toByteArray()), Ctl.text(err.toByteArray()));
    }

    @Test
    @DisplayName("a script: one connection, flags of the shell for all its commands, lines for those that read them")
    void scriptsAreRun() {
        Ctl run = script("""
                # a comment

                get alone
                put 'é k'  "v w"
                txn
                value("k") = "1"

                put x 1

                put y 2

                get alone --print-value-only""", "--hex");
        assertThat(run.out()).isEqualTo("\\x61\\x6c\\x6f\\x6e\\x65\n\\x63\nOK\nFAILURE\n\\x63\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(server.txns).hasSize(1);
        assertThat(server.puts).singleElement().satisfies(put -> {
            assertThat(put.getKey().toStringUtf8()).isEqualTo("é k");
            assertThat(put.getValue().toStringUtf8()).isEqualTo("v w");
        });
        assertThat(server.connections).hasValue(1);
    }

    @Test
    @DisplayName(
            "a script ends at its first failure and says where, unless it is told to go on; it does not read itself")
    void scriptsEndAtAFailure() {
        String lines = "# one\nput z\nget --nonsense\nput a 1\n";
        Ctl run = script(lines);
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_ARGS);
        assertThat(run.err())
                .contains("put command needs 1 argument")
                .contains("ends at line 2")
                .doesNotContain("flag");
        assertThat(server.puts).isEmpty();
        Ctl all = script(lines, "--keep-going");
        assertThat(all.exitCode()).isEqualTo(ExitCode.BAD_ARGS);
        assertThat(all.err()).contains("put command needs 1 argument", "unknown flag: --nonsense; see help get\n");
        assertThat(server.puts).hasSize(1);
        assertThat(script("put a '1\n").err()).contains("open quote");
    }

    @Test
    @DisplayName("what belongs to a transaction is never run as commands, whatever is wrong with it")
    void linesOfATransactionAreNoCommands() {
        String lists = "put t1 1\n\ndel precious\n\n";
        assertThat(script("txn\nbogus\n\n" + lists + "put after 1\n", "--keep-going")
                        .exitCode())
                .isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(server.puts)
                .singleElement()
                .satisfies(put -> assertThat(put.getKey().toStringUtf8()).isEqualTo("after"));
        server.puts.clear();
        Ctl run = script("--hex txn --nonsense\n\n" + lists, "--keep-going");
        assertThat(run.err()).contains("ends at line 1");
        assertThat(script("--hex txn\n\n" + lists).exitCode()).isZero();
        assertThat(server.txns).hasSize(1);
        assertThat(server.puts).isEmpty();
        assertThat(server.deletes).isEmpty();
    }

    @Test
    @DisplayName("a user that a command names never gets the password of the shell's user")
    void usersHaveTheirOwnPasswords() {
        Console console = new Console(InputStream.nullInputStream(), System.out, System.err, prompt -> "typed");
        Map<String, String> environment = Map.of("ETCDCTL_USER", "root:secret");
        try (Clients lender = new Clients(null)) {
            Surroundings inShell =
                    new Surroundings(environment, Map.of(), lender, new Credentials("root", "secret"), console);
            assertThat(credentials(inShell, "get", "a")).isEqualTo(new Credentials("root", "secret"));
            assertThat(credentials(inShell, "get", "a", "--user=alice:wonder"))
                    .isEqualTo(new Credentials("alice", "wonder"));
            assertThat(credentials(inShell, "get", "a", "--user=alice")).isEqualTo(new Credentials("alice", "typed"));
        }
    }

    private static @Nullable Credentials credentials(Surroundings surroundings, String... args) {
        try (Session session = new Session(surroundings)) {
            CtlMain.commandLine(session).parseArgs(args);
            return session.credentials();
        }
    }

    @Test
    @DisplayName("what a command asks for is taken as it is: quotes in a password are part of it")
    void answersHaveNoQuotes() throws Exception {
        try (Somebody somebody = new Somebody()) {
            somebody.types("user add it\n").sees("Password of it: ");
            somebody.types("it's\\\n").sees("again for confirmation: ");
            somebody.types("it's\n").sees("given passwords are different");
            somebody.types("txn\n").sees("> ");
            somebody.types("value(\"k\") = \"don't\"\n\n\n\n").sees("FAILURE");
            somebody.leaves();
        }
        assertThat(server.txns)
                .singleElement()
                .satisfies(txn ->
                        assertThat(txn.getCompare(0).getValue().toStringUtf8()).isEqualTo("don't"));
    }

    @Test
    @DisplayName("a script waits for what it has started, and fails if that does; no password is shown")
    void theBackgroundIsWaitedFor() {
        assertThat(script("put a 1 &\n").exitCode()).isZero();
        assertThat(server.puts).hasSize(1);
        server.onPut = FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "no room");
        assertThat(script("put a 1 &\n").exitCode()).isEqualTo(ExitCode.ERROR);
        Ctl run = script("watch k --prefix &\nput a 1 --user=b: &\nwatches\n");
        assertThat(run.out()).contains("watch k --prefix &");
        assertThat(run.out() + run.err()).doesNotContain("b:").contains("(a command with a password)");
    }
}
