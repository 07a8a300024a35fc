package io.axolotl.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.server.config.ServerConfigReader.Request;
import io.axolotl.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigReaderTest {
    private static final String THREE = "n1=http://10.0.0.1:2380,n2=http://10.0.0.2:2380,n3=http://10.0.0.3:2380";

    @TempDir
    Path folder;

    @Test
    @DisplayName("contract D: etcd's defaults")
    void nothingSetGivesEtcdsDefaults() {
        ServerConfig config = start();

        assertThat(config.name()).isEqualTo("default");
        assertThat(config.dataDir()).isEqualTo(Path.of("default.etcd"));
        assertThat(config.listenClientUrls()).hasToString("[http://localhost:2379]");
        assertThat(config.advertiseClientUrls()).hasToString("[http://localhost:2379]");
        assertThat(config.listenPeerUrls()).hasToString("[http://localhost:2380]");
        assertThat(config.initialCluster().members()).hasSize(1);
        assertThat(config.self().peerUrl()).hasToString("http://localhost:2380");
        assertThat(config.isNewCluster()).isTrue();
        assertThat(config.initialCluster().token()).isEqualTo("etcd-cluster");
        assertThat(config.heartbeatIntervalMillis()).isEqualTo(100);
        assertThat(config.electionTimeoutMillis()).isEqualTo(1000);
        assertThat(config.requestTimeoutMillis()).isEqualTo(7000);
        assertThat(config.snapshots())
                .isEqualTo(new ServerConfig.Snapshots(1_000_000, 5_000, 512L << 20, 100_000, 64L << 20, 200L << 20));
        assertThat(config.quotaBytes()).isEqualTo(2L << 30);
        assertThat(config.maxRequestBytes()).isEqualTo(1_572_864);
        assertThat(config.maxTxnOps()).isEqualTo(128);
        assertThat(config.logLevel()).isEqualTo("INFO");
    }

    @Test
    @DisplayName("timeouts down to 10 and 100 ms, a priority, and reads by lease are taken")
    void availabilityIsSet() {
        ServerConfig config = start(
                "--heartbeat-interval=10",
                "--election-timeout=100",
                "--priority=80",
                "--read-mode=lease",
                "--disk-hang-timeout=5000");
        assertThat(config.heartbeatIntervalMillis()).isEqualTo(10);
        assertThat(config.electionTimeoutMillis()).isEqualTo(100);
        assertThat(config.priority()).isEqualTo(80);
        assertThat(config.isLeaseReads()).isTrue();
        assertThat(config.leaseDriftMillis()).isEqualTo(10);
        assertThat(config.diskHangMillis()).isEqualTo(5_000);
        assertThat(start().priority()).isEqualTo(100);
        assertThat(start().isLeaseReads()).isFalse();
        assertThatThrownBy(() -> start("--read-lease-drift=10"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--read-mode");
    }

    @Test
    @DisplayName("an empty name would permit every certificate that has none")
    void aListHasNoEmptyElements() {
        assertThatThrownBy(() -> start("--peer-cert-allowed-cn=m0,m1,"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("something is missing beside a comma");
    }

    @Test
    @DisplayName("F.1, F.4: where plain HTTP is served, to whom, and how much is measured")
    void httpIsSet() {
        assertThat(start().http()).isEqualTo(new HttpFace(List.of(), List.of(), false, Set.of("*"), Set.of("*")));
        HttpFace face = start(
                        "--listen-client-http-urls=http://127.0.0.1:8080",
                        "--listen-metrics-urls=http://127.0.0.1:8081,http://[::1]:8081",
                        "--metrics=extensive",
                        "--cors=http://a.example, http://b.example",
                        "--host-whitelist=db.example")
                .http();
        assertThat(face.listenClientUrls()).hasToString("[http://127.0.0.1:8080]");
        assertThat(face.listenMetricsUrls()).hasSize(2);
        assertThat(face.isExtensive()).isTrue();
        assertThat(face.corsOrigins()).containsExactlyInAnyOrder("http://a.example", "http://b.example");
        assertThat(face.hostNames()).containsExactly("db.example");
        for (String clash : List.of("2379", "2380")) {
            assertThatThrownBy(() -> start("--listen-metrics-urls=http://localhost:" + clash))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("give it a port of its own");
        }
        assertThatThrownBy(() -> start("--metrics=some"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("basic, extensive");
    }

    @Test
    @DisplayName(
            "an argument that begins with @ names no file to be read: etcd has no such thing, and errors quote arguments")
    void anAtSignReadsNoFile() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "--hunter2=x");
        assertThatThrownBy(() -> start("@" + secret))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("@" + secret)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void flagsAreTakenWithOneDashOrTwoAndWithEqualsSignOrBlank() {
        ServerConfig config = start(
                "-name",
                "n2",
                "--data-dir=/var/lib/axolotl",
                "-initial-advertise-peer-urls=http://10.0.0.2:2380",
                "--initial-cluster",
                THREE,
                "--quota-backend-bytes",
                "-1",
                "--accept-history=1025-1088",
                "--log-level=debug");

        assertThat(config.name()).isEqualTo("n2");
        assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/axolotl"));
        assertThat(config.initialCluster().members()).hasSize(3);
        assertThat(config.self().peerUrl()).hasToString("http://10.0.0.2:2380");
        assertThat(config.quotaBytes()).isEqualTo(-1);
        assertThat(config.logLevel()).isEqualTo("DEBUG");
        assertThat(config.acceptedHistory()).isEqualTo(new EntryRange(1_025, 1_088));
    }

    @Test
    @DisplayName(
            "etcd's flags of TLS are taken, for clients and for members, and URLs of both kinds stand beside each other")
    void tlsIsSet() {
        ServerConfig config = start(
                "--listen-client-urls=http://127.0.0.1:2379,https://10.0.0.1:2379",
                "--advertise-client-urls=https://10.0.0.1:2379",
                "--cert-file=c.pem",
                "--key-file=c.key",
                "--trusted-ca-file=ca.pem",
                "--client-cert-allowed-hostname=a,b",
                "--client-crl-file=crl.pem",
                "--peer-auto-tls",
                "--self-signed-cert-validity=3",
                "--tls-min-version=TLS1.2",
                "--tls-max-version=TLS1.2",
                "--cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "--peer-trusted-ca-file=");
        assertThat(config.listenClientUrls()).hasToString("[http://127.0.0.1:2379, https://10.0.0.1:2379]");
        TlsSettings clients = config.clientTls();
        assertThat(clients.isOn()).isTrue();
        assertThat(clients.certFile()).isEqualTo(Path.of("c.pem"));
        assertThat(clients.keyFile()).isEqualTo(Path.of("c.key"));
        assertThat(clients.isClientCertAuth())
                .as("an authority asks for certificates, as with etcd")
                .isTrue();
        assertThat(clients.allowedHosts()).containsExactly("a", "b");
        assertThat(clients.crlFile()).isEqualTo(Path.of("crl.pem"));
        assertThat(clients.versions()).containsExactly("TLSv1.2");
        assertThat(clients.cipherSuites()).hasSize(2);
        assertThat(config.peerTls().isSelfMade()).isTrue();
        assertThat(config.peerTls().selfMadeYears()).isEqualTo(3);
        assertThat(config.peerTls().trustedCaFile()).as("empty is none").isNull();
        assertThat(start().clientTls().isOn()).isFalse();
        assertThat(start().clientTls().versions()).containsExactly("TLSv1.2", "TLSv1.3");
    }

    @Test
    @DisplayName("a given certificate is shown although --auto-tls is set, as with etcd")
    void aGivenCertificateGoesBeforeASelfMadeOne() {
        TlsSettings tls = start("--cert-file=c", "--key-file=k", "--auto-tls").clientTls();
        assertThat(tls.isSelfMade()).isFalse();
        assertThat(tls.certFile()).isEqualTo(Path.of("c"));
    }

    @Test
    @DisplayName("etcd's file has the settings of TLS in two sections, and cipher suites as a list")
    void theFileHasSectionsForTls() throws IOException {
        ServerConfig config = start("--config-file", write("""
                client-transport-security:
                  cert-file: c.pem
                  key-file: c.key
                  client-cert-auth: true
                  trusted-ca-file: ca.pem
                  auto-tls: false
                peer-transport-security:
                  cert-file: p.pem
                  key-file: p.key
                  client-cert-auth: false
                  trusted-ca-file: p-ca.pem
                  allowed-cn: member
                  auto-tls:
                cipher-suites: [
                  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
                ]
                tls-min-version: TLS1.2
                """).toString());
        assertThat(config.clientTls().keyFile()).isEqualTo(Path.of("c.key"));
        assertThat(config.clientTls().isClientCertAuth()).isTrue();
        assertThat(config.peerTls().certFile()).isEqualTo(Path.of("p.pem"));
        assertThat(config.peerTls().isClientCertAuth())
                .as("an authority asks for certificates, as with etcd")
                .isTrue();
        assertThat(config.peerTls().isSelfMade()).as("empty is none").isFalse();
        assertThat(config.peerTls().allowedCommonNames()).containsExactly("member");
        assertThat(config.peerTls().cipherSuites()).hasSize(2);
    }

    @Test
    void theSmallestReserveHoldsFourFilesOfTheLog() {
        assertThat(ServerConfig.LEAST_RESERVE_BYTES)
                .isEqualTo(4L * WalOptions.defaults().segmentSizeBytes());
    }

    @Test
    void aFlagWinsOverTheEnvironment() {
        ServerConfig config =
                startIn(Map.of("ETCD_NAME", "fromEnvironment", "AXOLOTL_SNAPSHOT_COUNT", "77"), "--name", "fromFlag");

        assertThat(config.name()).isEqualTo("fromFlag");
        assertThat(config.snapshots().count()).isEqualTo(77);
    }

    @Test
    void variablesThatLookLikeOursAndAreNotAreNamedInAWarning() {
        Request request = read(Map.of(
                "ETCD_UNHEARD_OF",
                "1",
                "ETCDCTL_API",
                "3",
                "PATH",
                "/bin",
                "AXOLOTL_CACHE",
                "/archives",
                "AXOLOTL_JAVA_OPTS",
                "-Xmx1g"));

        assertThat(((Request.Start) request).warnings())
                .singleElement()
                .asString()
                .contains("ETCD_UNHEARD_OF")
                .contains("ignored");
    }

    @Test
    void aFileHoldsAllSettings() throws IOException {
        Path file = write("""
                # a member of three
                name: n3
                data-dir: /data
                initial-advertise-peer-urls: http://10.0.0.3:2380
                initial-cluster: %s
                election-timeout: 2000
                quota-backend-bytes: 4294967296
                log-level: warn
                """.formatted(THREE));

        ServerConfig config = start("--config-file", file.toString());

        assertThat(config.name()).isEqualTo("n3");
        assertThat(config.electionTimeoutMillis()).isEqualTo(2000);
        assertThat(config.quotaBytes()).isEqualTo(4294967296L);
        assertThat(startIn(Map.of("ETCD_CONFIG_FILE", file.toString())).name()).isEqualTo("n3");
    }

    @Test
    void anEmptyFileGivesTheDefaults() throws IOException {
        assertThat(start("--config-file", write("# nothing yet\n").toString()).name())
                .isEqualTo("default");
    }

    @Test
    void helpListsEveryFlagAndVersionPrintsTheVersion() {
        String help = ((Request.Print) read(Map.of(), "--help")).text();
        for (Setting setting : Setting.values()) {
            assertThat(help).contains(setting.flag());
        }
        assertThat(read(Map.of(), "--version")).isEqualTo(new Request.Print("v-test"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            --nmae=n1                                        | unknown flag or argument "--nmae=n1", did you mean --name? --help lists
            stray                                            | unknown flag or argument "stray"
            --name                                           | Missing required parameter for option '--name'
            --name=a --name=b                                | --name
            --name=                                          | --name is empty
            --name=a,b                                       | neither comma nor equals sign
            --listen-peer-urls=localhost:2380                | does not begin with http://
            --listen-peer-urls=http://                       | is not a URL
            --listen-peer-urls=http://:2380                  | has no host
            --listen-peer-urls=http://10.0.0.1               | has no port
            --listen-peer-urls=http://10.0.0.1:99999         | has a port above 65535
            --listen-peer-urls=http://10.0.0.1:0             | cannot connect to port 0
            --advertise-client-urls=http://10.0.0.1:0        | cannot connect to port 0
            --initial-advertise-peer-urls=http://10.0.0.1:0  | cannot connect to port 0
            --initial-cluster=default=http://10.0.0.1:0      | cannot connect to port 0
            --listen-peer-urls=http://10.0.0.1:2380/x        | has more than a host and a port
            --listen-peer-urls=https://10.0.0.1:2380         | there is no certificate for it; give --peer-cert-file
            --listen-peer-urls=unix://sock:1                 | does not begin with http://
            --listen-peer-urls=http://example.org:2380       | only an IP address or localhost
            --listen-peer-urls=http://[::1]:80,http://[::1]:80 | names http://[::1]:80 twice
            --listen-peer-urls=http://10.0.0.1:2379 --listen-client-urls=http://0.0.0.0:2379 --advertise-client-urls=http://h:1 | need ports of their own
            --listen-client-urls=http://10.0.0.1:2379        | --advertise-client-urls is not
            --name=n4 --initial-cluster=n1=http://h:1        | not in --initial-cluster (n1)
            --name=n1 --initial-cluster=n1=http://h:1        | both must be the same
            --initial-cluster=default                        | not of the form name=url
            --initial-cluster=a=http://h:1,a=http://h:2      | the name a twice
            --initial-cluster=a=http://h:1,b=http://h:1      | http://h:1 twice
            --initial-cluster=a=http://h:1,b=h2              | does not begin with http://
            --initial-cluster=a=http://h:1,b=http://h:2,c=http://h:3,d=http://h:4,e=http://h:5,f=http://h:6,g=http://h:7,i=http://h:8 | has 8 members
            --initial-advertise-peer-urls=http://h:1,http://h:2 | has 2 URLs
            --initial-cluster-state=old                      | one of new, existing
            --heartbeat-interval=300                         | raise the one to 1500 or lower the other to 200
            --election-timeout=50001                         | must be from 1 to 50000
            --heartbeat-interval=0                           | must be from 1
            --snapshot-count=many                            | takes a whole number
            --snapshot-count=0                               | must be from 1
            --snapshot-catchup-bytes=-1                      | must be at least 0
            --snapshot-transfer-bytes-per-second=1MB         | takes a whole number
            --max-request-bytes=0                            | must be from 1
            --max-txn-ops=0                                  | must be from 1
            --quota-backend-bytes=2GB                        | takes a whole number
            --accept-history=1025                            | no range of entries such as 1025-1088
            --accept-history=64-1                            | 64-1 holds no entries
            --listen-client-urls=https://10.0.0.1:2379 --advertise-client-urls=https://h:1 | there is no certificate for it; give --cert-file
            --cert-file=c                                    | --key-file is not; a certificate and its private key go together
            --peer-key-file=k                                | --peer-cert-file is not
            --peer-cert-allowed-cn=a --peer-cert-allowed-hostname=b | AllowedCN and AllowedHostname are mutually exclusive
            --peer-cert-allowed-cn=a                         | --peer-cert-allowed-cn is set, and nobody is asked for a certificate; give --peer-trusted-ca-file
            --peer-cert-allowed-hostname=a                   | --peer-cert-allowed-hostname is set, and nobody is asked for a certificate
            --peer-crl-file=a --peer-cert-file=c --peer-key-file=k | --peer-crl-file is set, and nobody is asked for a certificate
            --client-cert-allowed-hostname=a --cert-file=c --key-file=k | --client-cert-allowed-hostname is set, and nobody is asked for a certificate; give --trusted-ca-file or --client-cert-auth
            --client-crl-file=a --auto-tls                   | --client-crl-file is set, and nobody is asked for a certificate
            --peer-auto-tls --peer-trusted-ca-file=ca        | --peer-auto-tls and --peer-trusted-ca-file are both set; no authority has signed a self-made certificate
            --peer-auto-tls --peer-client-cert-auth          | --peer-auto-tls and --peer-client-cert-auth are both set
            --peer-auto-tls --peer-cert-allowed-cn=a         | --peer-auto-tls and --peer-cert-allowed-cn are both set
            --peer-auto-tls --peer-cert-allowed-hostname=a   | --peer-auto-tls and --peer-cert-allowed-hostname are both set
            --peer-auto-tls --peer-crl-file=a                | --peer-auto-tls and --peer-crl-file are both set
            --tls-min-version=TLS1.1                         | one of TLS1.2, TLS1.3
            --tls-min-version=TLS1.3 --tls-max-version=TLS1.2 | the one must not be above the other
            --tls-min-version=TLS1.3 --cipher-suites=X       | cipher suites can be chosen for TLS1.2 only
            --client-cert-auth=maybe                         | it takes true or false
            --self-signed-cert-validity=0                    | must be from 1
            --max-concurrent-streams=0                       | must be at least 1
            --log-level=loud                                 | one of debug, info, warn, error
            --config-file=/no/such/file                      | there is no such file
            --config-file=/no/such/file --name=n1            | excludes other flags, and --name
            """)
    void badCommandLinesAreRefusedWithTheFix(String arguments, String message) {
        assertThatThrownBy(() -> start(arguments.split(" ")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            name: 5                           | it takes text; put it in quotes
            nmae: n1                          | has the key "nmae", which is no setting
            election-timeout: '1000'          | a whole number without quotes
            election-timeout: 1.5             | a whole number without quotes
            listen-client-urls: [a, b]        | a list as one text separated by commas
            name: [                           | is not YAML
            'client-transport-security: {cert: c}' | has the key "cert", which is no setting
            'cert-file: a\nclient-transport-security: {cert-file: b}' | says cert-file both alone and in a section
            just words                        | must be a list of settings
            election-timeout: 10              | must wait for at least five heartbeats
            """)
    void badFilesAreRefusedWithTheFix(String content, String message) throws IOException {
        Path file = write(content);
        assertThatThrownBy(() -> start("--config-file", file.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aKeyTwiceInAFileIsRefused() throws IOException {
        Path file = write("name: a\nname: b\n");
        assertThatThrownBy(() -> start("--config-file", file.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("duplicate key");
    }

    @ParameterizedTest
    @CsvSource({
        "periodic, 0, 0",
        "periodic, 2, 7200000000000",
        "periodic, 30m, 1800000000000",
        "periodic, 1h30m, 5400000000000",
        "periodic, 1.5h, 5400000000000",
        "periodic, 500ms, 500000000",
        "revision, 1000, 1000"
    })
    @DisplayName("contract D: a retention is of hours, a duration, or revisions, as with etcd")
    void retentionsAreEtcds(String mode, String text, long amount) {
        assertThat(start("--auto-compaction-mode=" + mode, "--auto-compaction-retention=" + text)
                        .autoCompaction())
                .isEqualTo(new ServerConfig.Retention(mode.equals("revision"), amount));
    }

    @ParameterizedTest
    @CsvSource({
        "periodic, 1x, give a number of hours",
        "periodic, -1, give a number of hours",
        "periodic, 30m foo, give a number of hours",
        "revision, 30m, give the number of revisions",
        "revision, 99999999999999999999, more than can be counted",
        "sometimes, 1, it takes one of periodic"
    })
    void retentionsThatMeanNothingAreRefused(String mode, String text, String message) {
        assertThatThrownBy(() -> start("--auto-compaction-mode=" + mode, "--auto-compaction-retention=" + text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFileAndTheEnvironmentAreNotMixed() throws IOException {
        Path file = write("name: a");
        assertThatThrownBy(() -> startIn(Map.of("ETCD_DATA_DIR", "/d"), "--config-file", file.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("DATA_DIR")
                .hasMessageContaining("unset it");
    }

    @Test
    void twoVariablesForOneSettingMustAgree() {
        assertThatThrownBy(() -> startIn(Map.of("ETCD_NAME", "a", "AXOLOTL_NAME", "b")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("AXOLOTL_NAME and ETCD_NAME are both set and differ");
        assertThat(startIn(Map.of("ETCD_NAME", "a", "AXOLOTL_NAME", "a")).name())
                .isEqualTo("a");
    }

    private ServerConfig start(String... arguments) {
        return startIn(Map.of(), arguments);
    }

    private ServerConfig startIn(Map<String, String> environment, String... arguments) {
        return ((Request.Start) read(environment, arguments)).config();
    }

    private Request read(Map<String, String> environment, String... arguments) {
        return new ServerConfigReader("v-test").read(List.of(arguments), environment);
    }

    private Path write(String content) throws IOException {
        return Files.writeString(folder.resolve("config.yaml"), content);
    }

    @Test
    @DisplayName("CL-1, CL-2, D: etcd's flags of the checks, as Go reads a switch")
    void checksOfMembersCanBeSet() {
        assertThat(start().isReconfigurationStrict()).isTrue();
        assertThat(start().maxLearners()).isEqualTo(1);
        assertThat(start("--strict-reconfig-check=false").isReconfigurationStrict())
                .isFalse();
        assertThat(start("--strict-reconfig-check").isReconfigurationStrict()).isTrue();
        assertThat(start("--max-learners=3").maxLearners()).isEqualTo(3);
    }
}
