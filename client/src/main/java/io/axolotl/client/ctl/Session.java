package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.ClientOptions;
import io.axolotl.client.Credentials;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.TlsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What all commands share: the global flags, the console, and the client and printer that follow from them. */
@Command(
        name = "axolotl ctl",
        description = "Reads and writes keys of a cluster that speaks etcd v3, and looks after its members.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        version = {"axolotl ctl 0.1.0", "API version: 3.6"})
final class Session {
    /** Durations in Go's spelling. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return GoDuration.parse(text);
        }
    }

    private static final Duration PATIENCE = Duration.ofDays(365);

    private final Console console;

    @Option(
            names = "--endpoints",
            split = ",",
            paramLabel = "<host:port>",
            defaultValue = "127.0.0.1:2379",
            description = "gRPC endpoints (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private List<String> endpoints = List.of();

    @Option(
            names = "--dial-timeout",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "time for setting up a connection (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private Duration dialTimeout = Duration.ZERO;

    @Option(
            names = "--command-timeout",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "time for a command (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private Duration commandTimeout = Duration.ZERO;

    @Option(
            names = "--keepalive-time",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "silence after which a connection is probed (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private Duration keepAliveTime = Duration.ZERO;

    @Option(
            names = "--keepalive-timeout",
            defaultValue = "6s",
            converter = DurationConverter.class,
            description = "time for the answer to a probe (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private Duration keepAliveTimeout = Duration.ZERO;

    @Option(
            names = "--cacert",
            paramLabel = "<file>",
            description = "verify certificates of TLS-enabled secure servers using this CA bundle",
            scope = ScopeType.INHERIT)
    private String caCert = "";

    @Option(
            names = "--cert",
            paramLabel = "<file>",
            description = "identify secure client using this TLS certificate file",
            scope = ScopeType.INHERIT)
    private String cert = "";

    @Option(
            names = "--key",
            paramLabel = "<file>",
            description = "identify secure client using this TLS key file",
            scope = ScopeType.INHERIT)
    private String key = "";

    @Option(
            names = "--insecure-skip-tls-verify",
            arity = "0..1",
            fallbackValue = "true",
            description =
                    "skip server certificate verification (CAUTION: this option should be enabled only for testing"
                            + " purposes)",
            scope = ScopeType.INHERIT)
    private boolean insecureSkipTlsVerify;

    @Option(
            names = "--insecure-transport",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "disable transport security for client connections (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private boolean insecureTransport;

    @Option(
            names = {"-w", "--write-out"},
            defaultValue = "simple",
            description = "output format: simple, json or table (${DEFAULT-VALUE})",
            scope = ScopeType.INHERIT)
    private String writeOut = "";

    @Option(names = "--hex", description = "print byte strings as hex encoded strings", scope = ScopeType.INHERIT)
    private boolean hex;

    @Option(
            names = "--user",
            paramLabel = "<name[:password]>",
            description = "user to log in as; the password is asked for if it is not given",
            scope = ScopeType.INHERIT)
    private String user = "";

    @Option(
            names = "--password",
            description = "password of the user; with this, all of --user is the name",
            scope = ScopeType.INHERIT)
    private String password = "";

    /** Asked for at most once. */
    private @Nullable Credentials credentials;

    Session(Console console) {
        this.console = console;
    }

    Console console() {
        return console;
    }

    List<String> endpoints() {
        return endpoints;
    }

    /** Those of the flag, or the client URLs of all members. */
    List<String> endpoints(boolean ofCluster) {
        if (!ofCluster) {
            return endpoints;
        }
        try (AxolotlClient client = client()) {
            return client.cluster().members().await().members().stream()
                    .flatMap(member -> member.clientUrls().stream())
                    .toList();
        } catch (AxolotlException e) {
            throw new CtlFailure(
                    ExitCode.ERROR, "failed to fetch endpoints from etcd cluster member list: " + e.getMessage());
        }
    }

    AxolotlClient client() {
        return client(endpoints, RetryPolicy.DEFAULT);
    }

    /** For calls that wait for others: they end when the process does. */
    AxolotlClient patientClient() {
        return client(endpoints, RetryPolicy.DEFAULT, PATIENCE);
    }

    AxolotlClient client(List<String> at, RetryPolicy retries) {
        return client(at, retries, commandTimeout);
    }

    private AxolotlClient client(List<String> at, RetryPolicy retries, Duration requestTimeout) {
        try {
            ClientOptions.Builder builder = AxolotlClient.builder()
                    .endpoints(at)
                    .connectTimeout(dialTimeout)
                    .requestTimeout(requestTimeout)
                    .keepAlive(keepAliveTime, keepAliveTimeout)
                    .networkThreads(1)
                    .retryPolicy(retries)
                    // One write is not worth a session, and etcdctl sends it once.
                    .exactlyOnce(ExactlyOnce.OFF);
            tls(at).ifPresent(builder::tls);
            Credentials who = credentials();
            if (who != null) {
                builder.credentials(who.user(), who.password());
            }
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw CtlFailure.badArgs(String.valueOf(e.getMessage()));
        }
    }

    /** As etcdctl: a file, or that the transport is to be secure, means TLS for endpoints without a scheme too. */
    private Optional<TlsOptions> tls(List<String> at) {
        boolean isAskedFor = !caCert.isEmpty() || !cert.isEmpty() || !key.isEmpty() || !insecureTransport;
        boolean isHttps = at.stream().anyMatch(endpoint -> endpoint.startsWith("https://"));
        if (!isAskedFor && !(insecureSkipTlsVerify && isHttps)) {
            return Optional.empty();
        }
        return Optional.of(new TlsOptions(file(caCert), file(cert), file(key), insecureSkipTlsVerify));
    }

    private static Optional<Path> file(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
    }

    /** As etcdctl: all before the first colon is the name, unless the password has a flag of its own. */
    private @Nullable Credentials credentials() {
        if (credentials == null && !user.isEmpty()) {
            String given = Arguments.bytes(user).utf8();
            int colon = given.indexOf(':');
            if (!password.isEmpty()) {
                credentials = new Credentials(given, Arguments.bytes(password).utf8());
            } else if (colon >= 0) {
                credentials = new Credentials(given.substring(0, colon), given.substring(colon + 1));
            } else {
                credentials = new Credentials(given, PasswordInput.ask(console, "Password: "));
            }
        }
        return credentials;
    }

    AuthPrinter authPrinter() {
        return switch (writeOut) {
            case "simple" -> AuthPrinter.simple(console);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    KvPrinter kvPrinter() {
        return switch (writeOut) {
            case "simple" -> new SimplePrinter(console, hex);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    WatchPrinter watchPrinter() {
        return switch (writeOut) {
            case "simple" -> new SimplePrinter(console, hex);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    ClusterPrinter clusterPrinter() {
        return switch (writeOut) {
            case "simple" -> new SimplePrinter(console, hex);
            case "json" -> new JsonPrinter(console);
            case "table" -> new TablePrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    MaintenancePrinter maintenancePrinter() {
        return switch (writeOut) {
            case "simple" -> new SimplePrinter(console, hex);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    MemberPrinter memberPrinter() {
        return switch (writeOut) {
            case "simple" -> new SimplePrinter(console, hex);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    LeasePrinter leasePrinter() {
        return switch (writeOut) {
            case "simple" -> LeasePrinter.simple(console);
            case "json" -> new JsonPrinter(console);
            default -> throw unsupportedFormat();
        };
    }

    boolean isSimple() {
        return writeOut.equals("simple");
    }

    private CtlFailure unsupportedFormat() {
        return new CtlFailure(
                ExitCode.BAD_FEATURE,
                switch (writeOut) {
                    case "table", "fields", "protobuf" -> writeOut + " not supported as output format";
                    default -> "unsupported output format";
                });
    }
}
