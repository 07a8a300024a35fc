package io.axolotl.client.bench;

import io.axolotl.client.Endpoint;
import io.axolotl.client.tls.TlsFileException;
import io.axolotl.client.tls.TlsFiles;
import io.axolotl.client.transport.ClientTls;
import io.axolotl.client.transport.NettyTransport;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The entry of {@code axolotl bench}. */
@Command(
        name = "axolotl bench",
        mixinStandardHelpOptions = true,
        version = "axolotl bench 0.1.0",
        description = "Puts load on an etcd v3 endpoint and prints throughput, latency and CPU time per operation.",
        footer = "The columns of -w markdown are: " + BenchReport.MARKDOWN_COLUMNS)
public final class BenchMain implements Callable<Integer> {
    /** Operations in the spelling of the command line. */
    static final class OperationConverter implements ITypeConverter<BenchPlan.Operation> {
        @Override
        public BenchPlan.Operation convert(String text) {
            return BenchPlan.Operation.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--endpoints",
            split = ",",
            defaultValue = "127.0.0.1:2379",
            paramLabel = "<host:port>",
            description = "where to send load (${DEFAULT-VALUE})")
    private List<String> endpoints = List.of();

    @Option(
            names = "--cacert",
            paramLabel = "<file>",
            description = "authorities of the certificates of https endpoints")
    private @Nullable Path caCert;

    @Option(names = "--cert", paramLabel = "<file>", description = "certificate to show to https endpoints")
    private @Nullable Path cert;

    @Option(names = "--key", paramLabel = "<file>", description = "private key of that certificate")
    private @Nullable Path key;

    @Option(
            names = "--op",
            defaultValue = "put",
            converter = OperationConverter.class,
            description = "put, get, get-serializable, mixed or txn (${DEFAULT-VALUE})")
    private BenchPlan.Operation operation = BenchPlan.Operation.PUT;

    @Option(names = "--clients", defaultValue = "100", description = "operations in flight (${DEFAULT-VALUE})")
    private int clients;

    @Option(
            names = "--connections",
            defaultValue = "0",
            description = "TCP connections, spread over the endpoints; 0 is one per endpoint (${DEFAULT-VALUE})")
    private int connections;

    @Option(names = "--value-size", defaultValue = "256", description = "bytes of a value (${DEFAULT-VALUE})")
    private int valueSizeBytes;

    @Option(names = "--key-size", defaultValue = "16", description = "bytes of a key (${DEFAULT-VALUE})")
    private int keySizeBytes;

    @Option(names = "--keys", defaultValue = "10000", description = "different keys (${DEFAULT-VALUE})")
    private int keys;

    @Option(
            names = "--read-percent",
            defaultValue = "50",
            description = "share of reads of --op mixed (${DEFAULT-VALUE})")
    private int readPercent;

    @Option(names = "--seconds", defaultValue = "10", description = "length of the measured window (${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--warmup-seconds", defaultValue = "3", description = "load before it (${DEFAULT-VALUE})")
    private double warmupSeconds;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "open loop: operations per second fall due at this rate; 0 is a closed loop (${DEFAULT-VALUE})")
    private double ratePerSecond;

    @Option(
            names = "--deadline-millis",
            defaultValue = "0",
            description =
                    "deadline of each operation; with --rate they begin when they fall due, however many are in flight, and goodput"
                            + " is what is answered in time; 0 is none (${DEFAULT-VALUE})")
    private int deadlineMillis;

    @Option(names = "--target-leader", description = "send everything to the leader")
    private boolean targetLeader;

    @Option(names = "--no-fill", description = "do not write all keys before an operation that reads")
    private boolean noFill;

    @Option(
            names = "--server-pids",
            split = ",",
            paramLabel = "<pid>",
            description = "processes of the servers, for their CPU time per operation")
    private List<Long> serverPids = new ArrayList<>();

    @Option(names = "--threads", defaultValue = "2", description = "event loops (${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = {"-w", "--write-out"},
            defaultValue = "simple",
            description = "simple, json or markdown (${DEFAULT-VALUE})")
    private String writeOut = "";

    private BenchMain() {}

    /** All flags, for what completes them in a shell. */
    public static CommandSpec commandSpec() {
        return CommandSpec.forAnnotatedObject(new BenchMain());
    }

    public static void main(String[] args) {
        NettyTransport.quietLogs();
        System.exit(run(
                args,
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
    }

    /**
     * Runs one command line.
     *
     * @return 0 if at least one operation succeeded, 1 if none did or a place could not be reached, 2 for a wrong command line
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return new CommandLine(new BenchMain())
                .setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (e instanceof IllegalArgumentException) {
                        err.println("Error: " + e.getMessage());
                        return 1;
                    }
                    throw e;
                })
                .execute(args);
    }

    @Override
    public Integer call() {
        if (!List.of("simple", "json", "markdown").contains(writeOut)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "output format " + writeOut + " is not one of simple, json, markdown");
        }
        try (LoadRun run = new LoadRun(plan(), tls())) {
            BenchReport report = run.run();
            PrintWriter out = spec.commandLine().getOut();
            out.print(
                    switch (writeOut) {
                        case "json" -> report.json();
                        case "markdown" -> report.markdownRow();
                        default -> report.simple();
                    });
            out.flush();
            return report.operations() > 0 ? 0 : 1;
        }
    }

    private @Nullable ClientTls tls() {
        try {
            return caCert == null && cert == null && key == null
                    ? null
                    : ClientTls.open(new TlsFiles(cert, key, caCert, null), false);
        } catch (TlsFileException | IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private BenchPlan plan() {
        try {
            List<Endpoint> places = endpoints.stream().map(Endpoint::parse).toList();
            return new BenchPlan(
                    places,
                    operation,
                    clients,
                    connections == 0 ? Math.min(clients, places.size()) : connections,
                    valueSizeBytes,
                    keySizeBytes,
                    keys,
                    readPercent,
                    Duration.ofNanos((long) (warmupSeconds * 1e9)),
                    Duration.ofNanos((long) (seconds * 1e9)),
                    ratePerSecond,
                    targetLeader,
                    !noFill,
                    serverPids,
                    threads,
                    Duration.ofMillis(deadlineMillis));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
