package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that load a cluster for a moment and judge how it bears it, by etcdctl's yardsticks. */
@Command(name = "check", description = "commands for checking properties of the etcd cluster")
final class CheckCommand {
    private static final String MEMORY = "process_resident_memory_bytes ";
    private static final int METRICS_TIMEOUT_MILLIS = 5_000;

    private CheckCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new CheckCommand())
                .addSubcommand(new PerfCommand(session))
                .addSubcommand(new DataScaleCommand(session));
    }

    /** What is left behind, and how it is cleared away. */
    static final class Traces {
        @Option(names = "--auto-compact", description = "compact storage with last revision after test is finished")
        private boolean compact;

        @Option(names = "--auto-defrag", description = "defragment storage after test is finished")
        private boolean defrag;

        void mustBeNone(AxolotlClient client, String prefix) {
            GetResult found = client.kv()
                    .get(KeyRange.prefix(Arguments.bytes(prefix)), GetOptions.DEFAULT.withLimit(1))
                    .await();
            if (!found.kvs().isEmpty()) {
                throw new CtlFailure(
                        ExitCode.INVALID_INPUT,
                        "prefix " + GoQuote.quote(Arguments.bytes(prefix)) + " has keys. Delete with del --prefix "
                                + prefix + " first.");
            }
        }

        void clear(Session session, AxolotlClient client, String prefix) {
            long revision = client.kv()
                    .delete(KeyRange.prefix(Arguments.bytes(prefix)))
                    .await()
                    .header()
                    .revision();
            if (compact) {
                session.console().line("Compacting with revision " + revision);
                var unused = client.kv().compact(revision, true).await();
            }
            if (defrag) {
                for (String endpoint : session.endpoints()) {
                    session.console().line("Defragmenting " + GoQuote.quote(Bytes.of(endpoint)));
                    client.maintenance().defragment(endpoint).await();
                }
            }
        }
    }

    private static CtlFailure unknownLoad(String load) {
        return new CtlFailure(ExitCode.BAD_FEATURE, "unknown load option " + load);
    }

    /** Writes at a rate for a minute. */
    @Command(name = "perf", description = "Check the performance of the etcd cluster")
    static final class PerfCommand implements Callable<Integer> {
        private static final double LEAST_SHARE = 0.9;
        private static final double MAX_SLOWEST_SECONDS = 0.5;
        private static final double MAX_STDDEV_SECONDS = 0.1;

        private final Session session;

        @Mixin
        private final Traces traces = new Traces();

        @Option(
                names = "--load",
                defaultValue = "s",
                description = "the performance check's workload model: s(small), m(medium), l(large), xl(xLarge)"
                        + " (${DEFAULT-VALUE})")
        private String load = "";

        @Option(
                names = "--prefix",
                defaultValue = "/etcdctl-check-perf/",
                description = "the prefix for writing the performance check's keys (${DEFAULT-VALUE})")
        private String prefix = "";

        @Option(
                names = "--duration",
                defaultValue = "60s",
                converter = Session.DurationConverter.class,
                description = "how long to write (${DEFAULT-VALUE})")
        private Duration duration = Duration.ZERO;

        PerfCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws InterruptedException {
            Writes writes = switch (load.toLowerCase(Locale.ROOT)) {
                case "s", "small" -> new Writes(150, 50);
                case "m", "medium" -> new Writes(1_000, 200);
                case "l", "large" -> new Writes(8_000, 500);
                case "xl", "xlarge" -> new Writes(15_000, 1_000);
                default -> throw unknownLoad(load);
            };
            AxolotlClient client = session.client();
            traces.mustBeNone(client, prefix);
            double seconds = (double) duration.toNanos() / 1e9;
            Writes.Report report = writes.run(client, prefix, Math.max(1, (long) (writes.perSecond() * seconds)));
            traces.clear(session, client, prefix);
            return judge(report, writes.perSecond());
        }

        private int judge(Writes.Report report, int perSecond) {
            Console console = session.console();
            boolean isWell = report.errors().isEmpty();
            if (!isWell) {
                console.line("FAIL: too many errors");
                report.errors().forEach((error, count) -> console.line("FAIL: ERROR(" + error + ") -> " + count));
            }
            long rate = Math.round(report.perSecond());
            boolean isFast = report.perSecond() > LEAST_SHARE * perSecond;
            console.line(
                    isFast
                            ? "PASS: Throughput is " + rate + " writes/s"
                            : "FAIL: Throughput too low: " + rate + " writes/s");
            boolean isPrompt = report.slowestSeconds() <= MAX_SLOWEST_SECONDS;
            console.line(seconds(
                    isPrompt ? "PASS: Slowest request took %fs" : "FAIL: Slowest request took too long: %fs",
                    report.slowestSeconds()));
            boolean isEven = report.stddevSeconds() <= MAX_STDDEV_SECONDS;
            console.line(
                    seconds(isEven ? "PASS: Stddev is %fs" : "FAIL: Stddev too high: %fs", report.stddevSeconds()));
            if (isWell && isFast && isPrompt && isEven) {
                console.line("PASS");
                return ExitCode.SUCCESS;
            }
            console.line("FAIL");
            return ExitCode.ERROR;
        }

        private static String seconds(String format, double seconds) {
            return String.format(Locale.ROOT, format, seconds);
        }
    }

    /** Writes as much as it can, and looks what memory that took. */
    @Command(
            name = "datascale",
            description = "Check the memory usage of holding data for different workloads on a given server endpoint.")
    static final class DataScaleCommand implements Callable<Integer> {
        private static final double MIB = 1024 * 1024;

        private final Session session;

        @Mixin
        private final Traces traces = new Traces();

        @Option(
                names = "--load",
                defaultValue = "s",
                description =
                        "the datascale check's workload model: s(small), m(medium), l(large), xl(xLarge) (${DEFAULT-VALUE})")
        private String load = "";

        @Option(
                names = "--prefix",
                defaultValue = "/etcdctl-check-datascale/",
                description = "the prefix for writing the datascale check's keys (${DEFAULT-VALUE})")
        private String prefix = "";

        DataScaleCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws InterruptedException {
            long keys;
            int atOnce;
            switch (load.toLowerCase(Locale.ROOT)) {
                case "s", "small" -> {
                    keys = 10_000;
                    atOnce = 50;
                }
                case "m", "medium" -> {
                    keys = 100_000;
                    atOnce = 200;
                }
                case "l", "large" -> {
                    keys = 1_000_000;
                    atOnce = 500;
                }
                case "xl", "xlarge" -> {
                    keys = 3_000_000;
                    atOnce = 1_000;
                }
                default -> throw unknownLoad(load);
            }
            return run(keys, new Writes(0, atOnce));
        }

        private int run(long keys, Writes writes) throws InterruptedException {
            Console console = session.console();
            AxolotlClient client = session.client();
            List<String> endpoints = session.endpoints();
            traces.mustBeNone(client, prefix);
            long beforeBytes = memoryBytes(endpoints.get(0));
            console.line("Start data scale check for work load [" + keys + " key-value pairs, " + Writes.VALUE_BYTES
                    + " bytes per key-value, " + writes.atOnce() + " concurrent clients].");
            console.out().flush();
            Writes.Report report = writes.run(client, prefix, keys);
            long afterBytes = memoryBytes(endpoints.get(0));
            traces.clear(session, client, prefix);
            if (!report.errors().isEmpty()) {
                report.errors().forEach((error, count) -> console.line("FAIL: ERROR(" + error + ") -> " + count));
                return ExitCode.ERROR;
            }
            double mib = (afterBytes - beforeBytes) / MIB;
            console.line(String.format(Locale.ROOT, "PASS: Approximate system memory used : %.2f MB.", mib));
            return ExitCode.SUCCESS;
        }

        /** As the member tells in its metrics. */
        private static long memoryBytes(String endpoint) {
            if (endpoint.startsWith("https://")) {
                throw CtlFailure.badArgs("check datascale reads the metrics of a member over plain HTTP;"
                        + " give an endpoint without TLS, such as one of --listen-metrics-urls");
            }
            String url = (endpoint.startsWith("http://") ? endpoint : "http://" + endpoint) + "/metrics";
            try {
                URLConnection connection = URI.create(url).toURL().openConnection();
                connection.setConnectTimeout(METRICS_TIMEOUT_MILLIS);
                connection.setReadTimeout(METRICS_TIMEOUT_MILLIS);
                try (BufferedReader lines = new BufferedReader(
                        new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
                    return lines.lines()
                            .filter(line -> line.startsWith(MEMORY))
                            .findFirst()
                            .map(line -> (long) Double.parseDouble(line.substring(MEMORY.length())))
                            .orElseThrow(() -> new CtlFailure(
                                    ExitCode.ERROR, "FAIL: " + url + " does not tell " + MEMORY.strip()));
                }
            } catch (IOException e) {
                throw new CtlFailure(ExitCode.ERROR, "the metrics of " + url + " cannot be read: " + e.getMessage());
            }
        }
    }
}
