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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the commands that make load have in common: where it goes, what it is, how long, and how a command line is run. */
final class LoadOptions {
    /** Operations in the spelling of the command line. */
    static final class OperationConverter implements ITypeConverter<BenchPlan.Operation> {
        @Override
        public BenchPlan.Operation convert(String text) {
            return BenchPlan.Operation.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

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
            description = "put, numbered-put (exactly once), get, get-serializable, mixed or txn (${DEFAULT-VALUE})")
    BenchPlan.Operation operation = BenchPlan.Operation.PUT;

    @Option(names = "--value-size", defaultValue = "256", description = "bytes of a value (${DEFAULT-VALUE})")
    int valueSizeBytes;

    @Option(names = "--keys", defaultValue = "10000", description = "different keys (${DEFAULT-VALUE})")
    int keys;

    @Option(names = "--seconds", defaultValue = "10", description = "length of a measured window (${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--warmup-seconds", defaultValue = "3", description = "load before it (${DEFAULT-VALUE})")
    private double warmupSeconds;

    @Option(
            names = "--server-pids",
            split = ",",
            paramLabel = "<pid>",
            description = "processes of the servers, for their CPU time")
    List<Long> serverPids = new ArrayList<>();

    @Option(names = "--threads", defaultValue = "2", description = "event loops (${DEFAULT-VALUE})")
    int threads;

    List<Endpoint> endpoints() {
        return endpoints.stream().map(Endpoint::parse).toList();
    }

    Duration warmup() {
        return Duration.ofNanos((long) (warmupSeconds * 1e9));
    }

    Duration measured() {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** For secure endpoints; null if nothing is said of them. */
    @Nullable ClientTls tls(CommandSpec spec) {
        if (caCert == null && cert == null && key == null) {
            return null;
        }
        try {
            return ClientTls.open(new TlsFiles(cert, key, caCert, null), false);
        } catch (TlsFileException | IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What {@code made} refuses is a mistake of the command line. */
    static BenchPlan plan(CommandSpec spec, Supplier<BenchPlan> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The life of a process that is such a command. */
    static int runProcess(Callable<Integer> command, String[] args) {
        NettyTransport.quietLogs();
        return run(
                command,
                args,
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    }

    /** @return what the command does; 1 if a place could not be reached, 2 for a wrong command line */
    static int run(Callable<Integer> command, String[] args, PrintWriter out, PrintWriter err) {
        return new CommandLine(command)
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
}
