package io.axolotl.client.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.transport.LoopbackPorts;
import io.grpc.Status;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts only: how fast anything was is nothing that a test may judge. */
@Timeout(60)
final class BenchMainTest {
    private final FakeEtcd server = FakeEtcd.start(1);

    private record Run(int exitCode, String out, String err) {
        JsonObject json() {
            return JsonParser.parseString(out).getAsJsonObject();
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static Run run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = BenchMain.run(args, new PrintWriter(out), new PrintWriter(err, true));
        return new Run(exitCode, out.toString(), err.toString());
    }

    private Run bench(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--endpoints=" + server.endpoint(), "--seconds=1", "--warmup-seconds=0", "--clients=20", "--keys=250"));
        args.addAll(Arrays.asList(more));
        return run(args.toArray(String[]::new));
    }

    @Test
    void putsHaveTheSizesAskedForAndAreCounted() {
        Run run = bench("--value-size=100", "--key-size=12", "--connections=3", "-w=json");
        assertThat(run.exitCode()).isZero();
        JsonObject report = run.json();
        assertThat(report.get("operations").getAsLong()).isPositive().isLessThanOrEqualTo(server.puts.size());
        assertThat(report.get("unanswered").getAsInt()).isLessThanOrEqualTo(20);
        assertThat(report.getAsJsonObject("errors").size()).isZero();
        assertThat(server.puts).allSatisfy(put -> {
            assertThat(put.getKey().size()).isEqualTo(12);
            assertThat(put.getValue().size()).isEqualTo(100);
        });
        assertThat(server.puts.stream().map(put -> put.getKey()).distinct().count())
                .isGreaterThan(1)
                .isLessThanOrEqualTo(250);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "get-serializable"})
    void readsComeAfterAllKeysWereWritten(String op) {
        Run run = bench("--op=" + op, "-w=json");
        assertThat(run.exitCode()).isZero();
        assertThat(server.txns.stream().mapToInt(txn -> txn.getSuccessCount()).sum())
                .isEqualTo(250);
        assertThat(server.txns)
                .allSatisfy(txn -> assertThat(txn.getSuccessCount()).isLessThanOrEqualTo(128));
        // The first read only tries the connection.
        assertThat(server.ranges.stream().skip(1))
                .isNotEmpty()
                .allSatisfy(range -> assertThat(range.getSerializable()).isEqualTo(op.equals("get-serializable")));
    }

    @Test
    void mixedIsBothAndTxnComparesWritesAndReads() {
        assertThat(bench("--op=mixed", "--read-percent=50", "--no-fill").exitCode())
                .isZero();
        assertThat(server.puts).isNotEmpty();
        assertThat(server.ranges).isNotEmpty();
        assertThat(server.txns).isEmpty();
        assertThat(bench("--op=txn").exitCode()).isZero();
        assertThat(server.txns).isNotEmpty().allSatisfy(txn -> {
            assertThat(txn.getCompareCount()).isEqualTo(1);
            assertThat(txn.getSuccessCount()).isEqualTo(2);
        });
    }

    @Test
    void anOpenLoopOffersNoMoreThanItsRate() {
        Run run = bench("--rate=200", "-w=json");
        // Slots at 0 ms, 5 ms, ... below 1000 ms.
        assertThat(server.puts).isNotEmpty().hasSizeLessThanOrEqualTo(200);
        assertThat(run.json().get("offeredPerSecond").getAsDouble()).isEqualTo(200);
    }

    @Test
    void aThousandClientsAreNotAThousandThreads() {
        Set<String> benchThreads = ConcurrentHashMap.newKeySet();
        server.onPut = (request, observer) -> {
            if (benchThreads.isEmpty()) {
                Thread.getAllStackTraces().keySet().forEach(thread -> benchThreads.add(thread.getName()));
            }
        };
        Run run = bench("--clients=1000", "--connections=2", "-w=json");
        assertThat(run.exitCode()).as("no operation was ever answered").isEqualTo(1);
        assertThat(run.json().get("unanswered").getAsInt()).isEqualTo(1000);
        assertThat(benchThreads).hasSizeBetween(3, 100);
    }

    @Test
    void errorsAreCountedByKindAndEndInExitCodeOne() {
        server.onPut = FakeEtcd.fail(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
        Run run = bench("-w=json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.json()
                        .getAsJsonObject("errors")
                        .get("RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded")
                        .getAsLong())
                .isPositive();
    }

    @Test
    void theLeaderCanBeTheOnlyTarget() {
        try (FakeEtcd follower = FakeEtcd.start(2)) {
            follower.leaderId = 1;
            assertThat(run(
                                    "--endpoints=" + follower.endpoint() + "," + server.endpoint(),
                                    "--target-leader",
                                    "--seconds=1",
                                    "--warmup-seconds=0",
                                    "--clients=4",
                                    "--connections=2")
                            .exitCode())
                    .isZero();
            assertThat(follower.puts).isEmpty();
            assertThat(server.puts).isNotEmpty();
        }
    }

    @Test
    void formsForPeopleAndForTables() {
        String self = Long.toString(ProcessHandle.current().pid());
        assertThat(bench("--server-pids=" + self).out())
                .contains("put, 20 clients on 1 connections, values of 256 bytes, 250 keys, " + server.endpoint())
                .containsPattern("throughput  \\d+ op/s \\(\\d+ in 1\\.0 s\\)")
                .containsPattern("latency ms  p50 [0-9.]+  p90 [0-9.]+  p99 [0-9.]+  p99\\.9 [0-9.]+  max [0-9.]+")
                .containsPattern("errors      0")
                .containsPattern("server cpu  [0-9.]+ us/op \\(1 processes, [0-9.]+ cores\\)")
                .containsPattern("bench cpu   [0-9.]+ us/op");
        String row = bench("-w=markdown").out();
        assertThat(row).startsWith("| put | 20 | ").endsWith(" |\n");
        assertThat(row.chars().filter(c -> c == '|').count())
                .as("one cell per column")
                .isEqualTo(BenchReport.MARKDOWN_COLUMNS
                                .chars()
                                .filter(c -> c == '|')
                                .count()
                        + 2);
    }

    @Test
    void anOpenLoopSendsWhatIsDueAndCountsWhatIsAnsweredInTime() {
        Run run = bench("--rate=300", "--deadline-millis=20000", "--clients=1", "-w=json");
        assertThat(run.exitCode()).isZero();
        JsonObject report = run.json();
        assertThat(report.get("operations").getAsLong()).isEqualTo(300);
        assertThat(report.get("goodPerSecond").getAsDouble()).isEqualTo(300);
        assertThat(bench("--rate=300", "--deadline-millis=20000").out()).contains("answered within 20000 ms");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --clients=0                    | --clients must be at least 1
            --clients=2 --connections=3    | --connections must be from 1 to the number of clients
            --keys=1000 --key-size=3       | --key-size must be at least 4 bytes to tell 1000 keys apart
            --value-size=-1                | --value-size must not be negative
            --seconds=0                    | --seconds must be positive
            --read-percent=101             | --read-percent must be from 0 to 100
            --rate=-1                      | --rate must not be negative
            --deadline-millis=-1           | --deadline-millis must not be negative
            --op=nonsense                  | nonsense
            -w=xml                         | output format xml is not one of simple, json, markdown
            --endpoints=unix://127.0.0.1:1 | unknown scheme unix
            --cacert=/no/such/file         | there is no file /no/such/file
            """)
    void impossiblePlansAreRefused(String flags, String message) {
        Run run = run(flags.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void deadEndpointsAndProcessesAreNamed() {
        Run dead = run("--endpoints=127.0.0.1:" + LoopbackPorts.free());
        assertThat(dead.exitCode()).isEqualTo(1);
        assertThat(dead.err()).contains("does not answer").contains("refused");
        Run noProcess = bench("--server-pids=" + Long.MAX_VALUE);
        assertThat(noProcess.exitCode()).isEqualTo(1);
        assertThat(noProcess.err()).contains("is it running");
    }
}
