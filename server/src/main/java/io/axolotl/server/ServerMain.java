package io.axolotl.server;

import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
import io.axolotl.server.launch.LogSetup;
import io.axolotl.server.launch.ServiceManager;
import io.axolotl.server.recovery.MemberRemovedException;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server process: reads its settings, starts a {@link Server}, and ends it when it is told to.
 *
 * <p>Exit codes, under its own name: 0 after SIGTERM, SIGINT or SIGHUP, once everything is finished,
 * and for a member that was removed from its cluster, as with etcd; 1 if the server could not start; 2 if it was asked in a way
 * that it does not understand; 3 if the Java machine ran out of memory, of which it tells itself; {@link
 * FatalHandler#EXIT_CODE} if it had to stop itself. Whatever the reason, the last lines on stderr tell it.
 */
public final class ServerMain {
    static final int CANNOT_START = 1;

    /** What the watchdog within this process looks at, it looks at twice a second. */
    private static final Duration WATCHED_WITHIN = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(ServerMain.class);

    private ServerMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        run(arguments, new AxolotlGuise());
    }

    static void run(String[] arguments, Guise guise) throws InterruptedException {
        FatalHandler fatal = FatalHandler.haltingProcess();
        Forerun forerun = Forerun.begin(fatal);
        Request request;
        try {
            request =
                    new ServerConfigReader(guise.version(), guise.customs()).read(List.of(arguments), System.getenv());
        } catch (ConfigException e) {
            System.err.println(guise.refusal(e));
            System.exit(guise.exitCode(e));
            return;
        }
        if (request instanceof Request.Print print) {
            System.out.print(print.text());
            return;
        }
        run((Request.Start) request, guise, forerun, fatal);
    }

    private static void run(Request.Start start, Guise guise, Forerun forerun, FatalHandler fatal)
            throws InterruptedException {
        ServerConfig config = start.config();
        try {
            LogSetup.apply(config.logOutput(), config.logLevel());
        } catch (UncheckedIOException e) {
            System.err.println("cannot start: " + e.getMessage());
            System.exit(CANNOT_START);
            return;
        }
        JavaLogging.route();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> fatal.fatal("thread " + thread.getName() + " died: " + e, e));
        start.warnings().forEach(log::warn);
        guise.starting(config);
        ServiceManager manager =
                ServiceManager.of(System.getenv(), ProcessHandle.current().pid());
        Ending ending = Ending.onSignals(guise, manager);
        manager.accompany(ProcessThreads.factory("axolotl-notify", fatal), () -> {
            Server started = ending.running();
            return started != null && started.node().isWatched(WATCHED_WITHIN);
        });
        forerun.await();
        Server server;
        try {
            server = Server.start(config, fatal);
        } catch (RecoveryFailedException e) {
            boolean isRemoved = e.getCause() instanceof MemberRemovedException;
            log.error("cannot start: {}", e.getMessage());
            log.debug("where it failed", e);
            // As etcd: a supervisor that restarts what has failed leaves a removed member alone.
            Ending.cannotStart(isRemoved ? 0 : CANNOT_START);
            return;
        } catch (UncheckedIOException | ConfigException e) {
            log.error("cannot start: {}", e.getMessage());
            log.debug("where it failed", e);
            Ending.cannotStart(CANNOT_START);
            return;
        }
        ending.started(server);
        var unused = server.removal().thenAccept(why -> {
            log.error("stopping: {}", why);
            System.exit(0);
        });
        guise.listening(config, server);
        announceReadiness(config, server, guise, manager, fatal);
        // All threads of the server are daemons; this one keeps the process until a signal ends it.
        new CountDownLatch(1).await();
    }

    /** Scripts that start etcd wait for this; it is said when every kind of call is served. */
    private static void announceReadiness(
            ServerConfig config, Server server, Guise guise, ServiceManager manager, FatalHandler fatal) {
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
                                    manager.status("not ready yet: no leader is known");
                                }
                                guise.ready(config, server);
                                manager.ready();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        fatal)
                .start();
    }
}
