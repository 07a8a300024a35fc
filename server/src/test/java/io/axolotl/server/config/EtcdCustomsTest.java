package io.axolotl.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.server.config.ServerConfigReader.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flags, environment and files as etcd takes them. */
class EtcdCustomsTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "--wal-dir=",
                "--enable-v2=false",
                "--enable-v2=F",
                "--proxy=off",
                "--pre-vote",
                "--pre-vote=false",
                "--discovery=",
                "--experimental-initial-corrupt-check=true",
                "--experimental-corrupt-check-time=0s",
                "--force-new-cluster=false",
                "--max-wals=5",
                "--unsafe-no-fsync=false",
                "-initial-election-tick-advance=1"
            })
    void whatAsksForNothingThatIsNotHereIsTakenInSilence(String argument) {
        assertThat(start(argument).warnings()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            --max-wals=7                              | --max-wals=7 has no effect: files are removed
            --enable-pprof                            | --enable-pprof=true has no effect: profiles are taken
            --backend-batch-interval=100ms            | --backend-batch-interval=100ms has no effect
            --initial-election-tick-advance=false     | --initial-election-tick-advance=false has no effect
            --experimental-warning-apply-duration=1s  | has no effect
            --log-package-levels=etcdserver=DEBUG     | --log-level holds for all
            --feature-gates=InitialCorruptCheck=true  | has no effect
            """)
    void whatOnlyTunesIsTakenWithAWarningThatSaysWhy(String argument, String warning) {
        assertThat(start(argument).warnings()).singleElement().asString().contains(warning);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            --wal-dir=/wal                 | mount one at DATA_DIR/member/wal
            --enable-v2                    | --enable-v2=true is refused: only the v3 API
            --proxy=on                     | there is no v2 proxy
            --discovery=http://example.org | name the members in --initial-cluster
            --discovery-srv=example.org    | name the members in --initial-cluster
            --force-new-cluster            | axolotl snapshot restore
            --unsafe-no-fsync              | not acknowledged before it is synced
            --experimental-enable-v2v3=/v2 | only the v3 API
            --log-outputs=systemd/journal  | write stderr, which systemd puts into its journal
            --log-outputs=stderr,          | names an empty target
            --logger=glog                  | one of axolotl, capnslog, zap
            gateway                        | put a TCP load balancer in front
            grpc-proxy                     | let clients connect to the members
            stray                          | 'stray' is not a valid flag
            """)
    void whatWouldBreakAPromiseIsRefusedWithTheWayOut(String argument, String message) {
        assertThatThrownBy(() -> start(argument))
                .isInstanceOf(ConfigException.class)
                .isNotInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            --nonsense                    | unknown flag or argument "--nonsense"
            --enable-v3                   | did you mean --enable-v2?
            --data-dir                    | Missing required parameter
            --election-timeout=x          | takes a whole number
            --enable-v2=maybe             | takes true or false
            --strict-reconfig-check=maybe | takes true or false
            --max-wals=many               | takes a whole number
            --backend-batch-interval=5    | takes a duration
            """)
    void whatCannotBeReadIsAMistakeOfUsage(String argument, String message) {
        assertThatThrownBy(() -> start(argument))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theSameFlagsAreKnownUnderOurOwnName() {
        ServerConfigReader own = new ServerConfigReader("v", Customs.AXOLOTL);
        assertThat(((Request.Start) own.read(List.of("--max-wals=7"), Map.of())).warnings())
                .hasSize(1);
        assertThatThrownBy(() -> own.read(List.of("--wal-dir=/wal"), Map.of())).isInstanceOf(ConfigException.class);
    }

    @Test
    void olderNamesStandForTheSetting() {
        assertThat(start("--experimental-watch-progress-notify-interval=5s")
                        .config()
                        .watchProgressInterval())
                .hasSeconds(5);
        assertThatThrownBy(() -> start(
                        "--experimental-watch-progress-notify-interval=5s", "--watch-progress-notify-interval=6s"))
                .hasMessageContaining("leave the older one out");
    }

    @Test
    void theLastOfARepeatedFlagCounts() {
        assertThat(start("--name=a", "--initial-cluster=b=http://localhost:2380", "--name=b")
                        .config()
                        .name())
                .isEqualTo("b");
    }

    @Test
    @DisplayName("a setting by flag and by environment is refused, as etcd does, whatever the values")
    void aFlagAndAVariableForTheSameSettingAreRefused() {
        assertThatThrownBy(() -> startIn(Map.of("ETCD_NAME", "x"), "--name=x"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("conflicting environment variable: ETCD_NAME is set and --name is given too");
        assertThatThrownBy(() -> startIn(Map.of("ETCD_ENABLE_V2", "false"), "--enable-v2=false"))
                .hasMessageContaining("ETCD_ENABLE_V2");
    }

    @Test
    void variablesOfEtcdAreKnownAndEmptyOnesAreNone() {
        assertThat(startIn(Map.of("ETCD_MAX_WALS", "9", "ETCD_NAME", "", "ETCD_UNHEARD_OF", ""))
                        .warnings())
                .singleElement()
                .asString()
                .contains("--max-wals=9 has no effect");
        assertThatThrownBy(() -> startIn(Map.of("ETCD_WAL_DIR", "/wal")))
                .hasMessageContaining("--wal-dir=/wal is refused");
    }

    @Test
    @DisplayName("beside a file everything else is ignored, and said to be")
    void aFileIsAllThatCounts() throws IOException {
        Request.Start start =
                startIn(Map.of("ETCD_DATA_DIR", "/elsewhere"), "--name=flag", "--config-file=" + file("name: file\n"));
        assertThat(start.config().name()).isEqualTo("file");
        assertThat(start.config().dataDir()).isEqualTo(Path.of("file.etcd"));
        assertThat(start.warnings()).hasSize(2).allMatch(warning -> warning.contains("is all that counts"));
    }

    @Test
    @DisplayName("a file in the shape of etcd's own sample is read: sections, lists, empty keys, plain numbers")
    void etcdsSampleFileIsRead() throws IOException {
        Request.Start start = start("--config-file=" + file("""
                name: 'n1'
                data-dir: /data
                wal-dir:
                snapshot-count: 10000
                heartbeat-interval: 100
                election-timeout: 1000
                quota-backend-bytes: 0
                listen-peer-urls: http://localhost:2380
                max-snapshots: 5
                max-wals: 5
                discovery:
                discovery-fallback: 'proxy'
                initial-cluster: 'n1=http://localhost:2380'
                initial-cluster-token: 'etcd-cluster'
                initial-cluster-state: 'new'
                strict-reconfig-check: false
                enable-v2: false
                enable-pprof: true
                proxy: 'off'
                proxy-failure-wait: 5000
                debug: false
                logger: zap
                log-outputs: [stderr, /dev/null]
                force-new-cluster: false
                auto-compaction-mode: periodic
                auto-compaction-retention: 1
                """));
        assertThat(start.config().isReconfigurationStrict()).isFalse();
        assertThat(start.config().logOutput())
                .isEqualTo(new LogOutput(LogOutput.Form.ZAP, List.of("stderr", "/dev/null")));
        assertThat(start.config().autoCompaction().amount()).isEqualTo(3_600_000_000_000L);
        assertThat(start.warnings()).singleElement().asString().contains("--enable-pprof=true has no effect");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            wal-dir: /wal                         | --wal-dir=/wal is refused
            client-transport-security: yes        | a section with keys such as cert-file
            peer-transport-security: {nonsense: 1} | the key "peer-nonsense", which is no setting
            max-wals: many                        | takes a whole number
            """)
    void badFilesAreRefused(String content, String message) throws IOException {
        Path file = file(content);
        assertThatThrownBy(() -> start("--config-file=" + file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theLogHasEtcdsFormUnderEtcdsNameAndOursUnderOurs() {
        assertThat(start().config().logOutput())
                .isEqualTo(new LogOutput(LogOutput.Form.CAPNSLOG, List.of(LogOutput.STDERR)));
        assertThat(((Request.Start) new ServerConfigReader("v").read(List.of(), Map.of()))
                        .config()
                        .logOutput()
                        .form())
                .isEqualTo(LogOutput.Form.AXOLOTL);
        assertThat(start("--log-level=panic").config().logLevel()).isEqualTo("ERROR");
        assertThat(start("--debug").config().logLevel()).isEqualTo("DEBUG");
    }

    @Test
    void pingsAreSetAsWithEtcd() {
        assertThat(start().config().keepAlive())
                .isEqualTo(new KeepAlive(Duration.ofSeconds(5), Duration.ofHours(2), Duration.ofSeconds(20)));
        assertThat(start("--grpc-keepalive-min-time=1s", "--grpc-keepalive-interval=0s", "--grpc-keepalive-timeout=3s")
                        .config()
                        .keepAlive())
                .isEqualTo(new KeepAlive(Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(3)));
    }

    @Test
    void helpIsOfEtcdAndNamesEverySetting() {
        String help = ((Request.Print) new ServerConfigReader("v", Customs.ETCD).read(List.of("-h"), Map.of())).text();
        assertThat(help).startsWith("Usage: etcd ").contains("--listen-client-urls", "capnslog");
    }

    private Request.Start start(String... arguments) {
        return startIn(Map.of(), arguments);
    }

    private Request.Start startIn(Map<String, String> environment, String... arguments) {
        return (Request.Start) new ServerConfigReader("v", Customs.ETCD).read(List.of(arguments), environment);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("etcd.yaml"), content);
    }
}
