package io.axolotl.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.InitialCluster.FoundingMember;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
import io.axolotl.server.recovery.MemberRemovedException;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessLog;
import io.axolotl.server.stage.ProcessThreads;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server process: reads its settings, starts a {@link Server}, and ends it when it is told to.
 *
 * <p>Exit codes: 0 after SIGTERM or SIGINT, once everything is finished, and for a member that was removed from its cluster,
 * as with etcd; 1 if the server could not start; 2 if it was
 * asked in a way that it does not understand; {@link FatalHandler#EXIT_CODE} if it had to stop itself. Whatever the
 * reason, the last lines on stderr tell it.
 */
public final class ServerMain {
    private static final int CANNOT_START = 1;
    private static final int BAD_USAGE = 2;

    private static final Logger log = LoggerFactory.getLogger(ServerMain.class);

    private ServerMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        Request request;
        try {
            request = new ServerConfigReader(AxolotlVersion.text()).read(List.of(arguments), System.getenv());
        } catch (ConfigException e) {
            System.err.println("axolotl: " + e.getMessage());
            System.exit(BAD_USAGE);
            return;
        }
        if (request instanceof Request.Print print) {
            System.out.print(print.text());
            return;
        }
        run((Request.Start) request);
    }

    private static void run(Request.Start start) throws InterruptedException {
        ServerConfig config = start.config();
        setUpLogging(config.logLevel());
        FatalHandler fatal = FatalHandler.haltingProcess();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> fatal.fatal("thread " + thread.getName() + " died: " + e, e));
        start.warnings().forEach(log::warn);
        greet(config);
        Server server;
        try {
            server = Server.start(config, fatal);
        } catch (RecoveryFailedException e) {
            boolean isRemoved = e.getCause() instanceof MemberRemovedException;
            log.error("cannot start: {}", e.getMessage());
            log.debug("where it failed", e);
            ProcessLog.finish();
            // As etcd: a supervisor that restarts what has failed leaves a removed member alone.
            System.exit(isRemoved ? 0 : CANNOT_START);
            return;
        } catch (UncheckedIOException | ConfigException e) {
            log.error("cannot start: {}", e.getMessage());
            log.debug("where it failed", e);
            ProcessLog.finish();
            System.exit(CANNOT_START);
            return;
        }
        stopOnSignal(server);
        var unused = server.removal().thenAccept(why -> {
            log.error("stopping: {}", why);
            System.exit(0);
        });
        log.info("listening for clients on {} (gRPC and HTTP)", server.clientAddresses());
        announceReadiness(config, server, fatal);
        // All threads of the server are daemons; this one keeps the process until a signal ends it.
        new CountDownLatch(1).await();
    }

    private static void greet(ServerConfig config) {
        log.info(
                "axolotl {} on Java {}, {} processors, heap of at most {} MiB",
                AxolotlVersion.number(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20);
        log.info(
                "{} {} of {}",
                config.isNewCluster() ? "founding member" : "joining as",
                config.name(),
                config.initialCluster().members().stream()
                        .map(FoundingMember::name)
                        .collect(Collectors.joining(", ")));
        log.info(
                "data in {}, peers on {}, heartbeat {} ms, election timeout {} ms",
                config.dataDir().toAbsolutePath(),
                config.listenPeerUrls(),
                config.heartbeatIntervalMillis(),
                config.electionTimeoutMillis());
    }

    /** Scripts that start etcd wait for this line; it is said when every kind of call is served. */
    private static void announceReadiness(ServerConfig config, Server server, FatalHandler fatal) {
        ProcessThreads.named(
                        "axolotl-ready",
                        () -> {
                            try {
                                while (!server.awaitReady(10, TimeUnit.SECONDS)) {
                                    log.warn(
                                            "not ready yet: no leader is known; are enough of {} running?",
                                            config.initialCluster().members().stream()
                                                    .map(member -> member.name() + "=" + member.peerUrl())
                                                    .toList());
                                }
                                log.info("ready to serve client requests");
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        fatal)
                .start();
    }

    /**
     * The JVM answers SIGTERM and SIGINT by running this hook, and would then report the signal as its exit code. All is
     * done in order when the hook ends, so the code is 0.
     */
    private static void stopOnSignal(Server server) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            log.info("stopping");
                            int exitCode = 0;
                            try {
                                server.stop();
                                log.info("stopped");
                            } catch (InterruptedException | RuntimeException e) {
                                log.error("the server did not stop in good order; what it had acknowledged is safe", e);
                                exitCode = CANNOT_START;
                            }
                            ProcessLog.finish();
                            Runtime.getRuntime().halt(exitCode);
                        },
                        "axolotl-stop"));
    }

    private static void setUpLogging(String level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.valueOf(level));
        JavaLogging.route();
    }
}
