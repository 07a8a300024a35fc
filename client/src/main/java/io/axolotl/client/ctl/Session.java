package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Credentials;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.TlsOptions;
import io.axolotl.client.transport.NettyTransport;
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
final class Session implements AutoCloseable {
    /** Durations in Go's spelling. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return GoDuration.parse(text);
        }
    }

    private static final Duration PATIENCE = Duration.ofDays(365);

    private final Surroundings surroundings;
    private final Clients clients;

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
            completionCandidates = Forms.class,
            description = "output format: ${COMPLETION-CANDIDATES}; not every command has all (${DEFAULT-VALUE})",
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

    @Option(
            names = "--debug",
            description = "log what the connections do and all that they send, passwords too, to standard error",
            scope = ScopeType.INHERIT)
    private boolean debug;

    @Option(
            names = {"-d", "--discovery-srv"},
            paramLabel = "<domain>",
            description = "refused: name the members with --endpoints",
            scope = ScopeType.INHERIT)
    private String discoverySrv = "";

    @Option(
            names = "--discovery-srv-name",
            paramLabel = "<name>",
            description = "no effect without --discovery-srv",
            scope = ScopeType.INHERIT)
    private String unusedDiscoverySrvName = "";

    @Option(
            names = "--insecure-discovery",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "no effect without --discovery-srv",
            scope = ScopeType.INHERIT)
    private boolean unusedInsecureDiscovery;

    private @Nullable Runnable endOfListening;

    /** Asked for at most once. */
    private @Nullable Credentials credentials;

    Session(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.clients = new Clients(surroundings.lender());
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Console console() {
        return surroundings.console();
    }

    boolean isInShell() {
        return surroundings.lender() != null;
    }

    /** For the end by a signal. A shell has more to put in order. */
    void endProcess(int exitCode) {
        if (!isInShell()) {
            console().out().flush();
            Runtime.getRuntime().halt(exitCode);
        }
    }

    Clients clients() {
        return clients;
    }

    @Override
    public synchronized void close() {
        clients.close();
        if (endOfListening != null) {
            endOfListening.run();
        }
    }

    List<String> endpoints() {
        return endpoints;
    }

    /** Those of the flag, or the client URLs of all members. */
    List<String> endpoints(boolean ofCluster) {
        if (!ofCluster) {
            return endpoints;
        }
        try {
            return client().cluster().members().await().members().stream()
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
        if (!discoverySrv.isEmpty()) {
            throw CtlFailure.badArgs("--discovery-srv is not supported; name the members with --endpoints");
        }
        // A shell listens for its commands, too.
        if (debug && !isInShell()) {
            listen();
        }
        try {
            return clients.client(new Clients.Wish(
                    at,
                    retries,
                    requestTimeout,
                    dialTimeout,
                    keepAliveTime,
                    keepAliveTimeout,
                    tls(at),
                    Optional.ofNullable(credentials())));
        } catch (IllegalArgumentException e) {
            throw CtlFailure.badArgs(String.valueOf(e.getMessage()));
        }
    }

    /** Of another cluster, where nobody has to log in. */
    AxolotlClient otherCluster(List<String> at, Optional<TlsOptions> security) {
        try {
            return clients.client(new Clients.Wish(
                    at,
                    RetryPolicy.DEFAULT,
                    commandTimeout,
                    dialTimeout,
                    keepAliveTime,
                    keepAliveTimeout,
                    security,
                    Optional.empty()));
        } catch (IllegalArgumentException e) {
            throw CtlFailure.badArgs(String.valueOf(e.getMessage()));
        }
    }

    /** All of this process is heard, and the clients of a session are made by one thread after the other or all at once. */
    private synchronized void listen() {
        if (endOfListening == null) {
            endOfListening = NettyTransport.loudLogs(console().err());
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

    static Optional<Path> file(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
    }

    /**
     * As etcdctl: all before the first colon is the name, unless the password has a flag of its own. Who the shell has logged in is
     * used by commands that say nothing of it.
     */
    synchronized @Nullable Credentials credentials() {
        if (user.isEmpty() && password.isEmpty()) {
            return surroundings.credentials();
        }
        if (credentials == null && !user.isEmpty()) {
            String given = Arguments.text(user);
            int colon = given.indexOf(':');
            if (!password.isEmpty()) {
                credentials = new Credentials(given, Arguments.text(password));
            } else if (colon >= 0) {
                credentials = new Credentials(given.substring(0, colon), given.substring(colon + 1));
            } else {
                credentials = new Credentials(given, PasswordInput.ask(console(), "Password: "));
            }
        }
        return credentials;
    }

    /**
     * What prints answers in the form that was asked for.
     *
     * @param kind the interface for these answers
     * @throws CtlFailure if they have no such form
     */
    <P> P printer(Class<P> kind) {
        return Forms.printer(kind, writeOut, console(), hex);
    }

    boolean isSimple() {
        return writeOut.equals(Forms.SIMPLE);
    }
}
