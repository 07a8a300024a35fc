package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.Bytes;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The forms below were seen on etcdctl 3.4.23. The server tells of three events, and ends the watch as compacted. */
@Timeout(60)
final class WatchCommandTest {
    private static final int ENDED_BY_SERVER = 5;
    private static final String ENDED = """
            watch was canceled (etcdserver: mvcc: required revision has been compacted)
            Error: watch is canceled by the server
            """;

    private final FakeEtcd server = FakeEtcd.start(3);

    @BeforeEach
    void serve() {
        server.onWatch = (request, observer) -> {
            observer.onNext(message().setCreated(true).build());
            observer.onNext(events());
            observer.onNext(message().build());
            observer.onNext(WatchResponse.newBuilder()
                    .setCanceled(true)
                    .setCompactRevision(9)
                    .build());
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static WatchResponse.Builder message() {
        return WatchResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder()
                        .setClusterId(1)
                        .setMemberId(3)
                        .setRevision(4)
                        .setRaftTerm(2));
    }

    private static WatchResponse events() {
        return message()
                .addEvents(Event.newBuilder().setKv(kv("k", "1", 2, 2, 1)))
                .addEvents(Event.newBuilder().setKv(kv("k", "a\"b\n", 2, 3, 2)).setPrevKv(kv("k", "1", 2, 2, 1)))
                .addEvents(Event.newBuilder().setType(Event.EventType.DELETE).setKv(kv("k", "", 0, 4, 0)))
                .build();
    }

    private static KeyValue kv(String key, String value, long create, long mod, long version) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .setCreateRevision(create)
                .setModRevision(mod)
                .setVersion(version)
                .build();
    }

    private Ctl ctl(Map<String, String> environment, String in, String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "--endpoints=" + server.endpoint();
        System.arraycopy(args, 0, all, 1, args.length);
        return Ctl.run(environment, in, all);
    }

    private Ctl ctl(String... args) {
        return ctl(Map.of(), "", args);
    }

    private WatchCreateRequest requested() {
        return server.watches.iterator().next().getCreateRequest();
    }

    @Test
    @DisplayName("watch prints type, previous version, key and value; bookmarks in a line; the end on the error stream")
    void eventsArePrinted() {
        Ctl run = ctl("watch", "k", "--prev-kv", "--rev=2", "--progress-notify");

        assertThat(run.out()).isEqualTo("PUT\nk\n1\nPUT\nk\n1\nk\na\"b\n\nDELETE\nk\n\nprogress notify: 4\n");
        assertThat(run.err()).isEqualTo(ENDED);
        assertThat(run.exitCode()).isEqualTo(ENDED_BY_SERVER);
        assertThat(requested().getKey()).isEqualTo(ByteString.copyFromUtf8("k"));
        assertThat(requested().getStartRevision()).isEqualTo(2);
        assertThat(requested().getPrevKv()).isTrue();
        assertThat(requested().getProgressNotify()).isTrue();
    }

    @Test
    @DisplayName("watch -w json prints Go's structure, one line for each message")
    void eventsArePrintedAsJson() {
        Ctl run = ctl("watch", "k", "-w", "json");

        String header = "{\"Header\":{\"cluster_id\":1,\"member_id\":3,\"revision\":4,\"raft_term\":2},";
        assertThat(run.out().lines())
                .containsExactly(
                        header
                                + "\"Events\":[{\"kv\":{\"key\":\"aw==\",\"create_revision\":2,\"mod_revision\":2,\"version\":1,"
                                + "\"value\":\"MQ==\"}},{\"kv\":{\"key\":\"aw==\",\"create_revision\":2,\"mod_revision\":3,"
                                + "\"version\":2,\"value\":\"YSJiCg==\"},\"prev_kv\":{\"key\":\"aw==\",\"create_revision\":2,"
                                + "\"mod_revision\":2,\"version\":1,\"value\":\"MQ==\"}},{\"type\":1,\"kv\":{\"key\":\"aw==\","
                                + "\"mod_revision\":4}}],\"CompactRevision\":0,\"Canceled\":false,\"Created\":false}",
                        "progress notify: 4",
                        header + "\"Events\":[],\"CompactRevision\":0,\"Canceled\":false,\"Created\":false}",
                        "{\"Header\":{},\"Events\":[],\"CompactRevision\":9,\"Canceled\":true,\"Created\":false}");
    }

    @Test
    @DisplayName("watch -w fields prints a line for each field, -w protobuf the messages")
    void eventsArePrintedInTheOtherForms() throws Exception {
        assertThat(ctl("watch", "k", "-w", "fields").out()).startsWith("""
                "ClusterID" : 1
                "MemberID" : 3
                "Revision" : 4
                "RaftTerm" : 2
                "Type" : PUT
                "Key" : "k"
                "CreateRevision" : 2
                "ModRevision" : 2
                "Version" : 1
                "Value" : "1"
                "Lease" : 0
                "Type" : PUT
                "PrevKey" : "k"
                "PrevCreateRevision" : 2
                "PrevModRevision" : 2
                "PrevVersion" : 1
                "PrevValue" : "1"
                "PrevLease" : 0
                "Key" : "k"
                "CreateRevision" : 2
                "ModRevision" : 3
                "Version" : 2
                "Value" : "a\\"b\\n"
                "Lease" : 0
                "Type" : DELETE
                """);
        byte[] printed = ctl("watch", "k", "-w", "protobuf").out().getBytes(StandardCharsets.UTF_8);
        // Nothing stands between two messages; the first is as long as the one that was sent.
        WatchResponse sent = events();
        assertThat(WatchResponse.parseFrom(Arrays.copyOf(printed, sent.getSerializedSize())))
                .isEqualTo(sent);
    }

    @Test
    @DisplayName("watch ... -- command runs it for each event, which it finds in its environment")
    void aCommandIsRunForEachEvent() {
        Ctl run = ctl(
                "watch",
                "k",
                "--",
                "sh",
                "-c",
                "printf '%s %s %s %s\\n' $ETCD_WATCH_REVISION $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY \"$ETCD_WATCH_VALUE\"");

        assertThat(run.out())
                .contains("4 \"PUT\" \"k\" \"1\"\n4 \"PUT\" \"k\" \"a\\\"b\\n\"\n4 \"DELETE\" \"k\" \"\"\n");
        assertThat(requested().getRangeEnd().isEmpty()).isTrue();
    }

    @Test
    void aCommandThatFailsEndsTheWatch() {
        Ctl run = ctl("watch", "k", "--", "sh", "-c", "exit 3");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("Error: command [\"sh\" \"-c\" \"exit 3\"] error (exit status 3)\n");
    }

    @Test
    @DisplayName("watch takes a range, a prefix, or a key from the environment")
    void whatIsWatchedIsSaidInSeveralWays() {
        ctl("watch", "a", "c");
        assertThat(requested().getRangeEnd()).isEqualTo(ByteString.copyFromUtf8("c"));
        server.watches.clear();
        ctl("watch", "a", "--prefix");
        assertThat(requested().getRangeEnd()).isEqualTo(ByteString.copyFromUtf8("b"));
        server.watches.clear();
        ctl(Map.of("ETCDCTL_WATCH_KEY", "x", "ETCDCTL_WATCH_RANGE_END", "y"), "", "watch");
        assertThat(requested().getKey()).isEqualTo(ByteString.copyFromUtf8("x"));
        assertThat(requested().getRangeEnd()).isEqualTo(ByteString.copyFromUtf8("y"));
    }

    @Test
    @DisplayName("what makes no sense is refused in etcdctl's words, with exit code 128")
    void badArgumentsAreRefused() {
        assertRefused("bad number of arguments", Map.of(), "watch");
        assertRefused("bad number of arguments (found separator --, but no commands)", Map.of(), "watch", "k", "--");
        assertRefused("`range_end` and `--prefix` are mutually exclusive", Map.of(), "watch", "a", "b", "--prefix");
        assertRefused(
                "bad number of arguments (found conflicting environment key)",
                Map.of("ETCDCTL_WATCH_KEY", "k"),
                "watch",
                "k");
        assertRefused(
                "ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=\"k\"",
                Map.of("ETCDCTL_WATCH_RANGE_END", "k"),
                "watch",
                "k");
    }

    private void assertRefused(String message, Map<String, String> environment, String... args) {
        Ctl run = ctl(environment, "", args);
        assertThat(run.err()).isEqualTo("Error: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(128);
        assertThat(server.watches).isEmpty();
    }

    @Test
    @DisplayName("watch -i reads watches line by line, complains of what it does not know, and ends with its input")
    void linesAreRead() {
        Ctl run = ctl(Map.of(), "\nbogus\nwatch\nwatch --bogus k\n", "watch", "-i");

        assertThat(run.err().lines())
                .contains(
                        "Invalid command:  (watch and progress supported)",
                        "Invalid command bogus (only support watch)",
                        "Invalid command watch (command type or key is not provided)",
                        "Error: Error reading watch request line: EOF");
        assertThat(run.err()).contains("Invalid command watch --bogus k (");
        assertThat(run.exitCode()).isEqualTo(3);
    }

    @Test
    void bytesAreQuotedAsGoDoes() {
        assertThat(GoQuote.quote(Bytes.of("a b\"\\\n\t\u0001é\u2028"))).isEqualTo("\"a b\\\"\\\\\\n\\t\\x01é\\u2028\"");
        assertThat(GoQuote.quote(Bytes.copyOf(new byte[] {(byte) 0xff, 'x', (byte) 0xc3})))
                .isEqualTo("\"\\xffx\\xc3\"");
    }
}
