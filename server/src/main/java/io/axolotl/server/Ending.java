package io.axolotl.server;

import io.axolotl.server.launch.ServiceManager;
import io.axolotl.server.launch.StopSignals;
import io.axolotl.server.stage.ProcessLog;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the process ends when a signal asks it to, from the first moment of its start: the Java machine answers SIGTERM, SIGINT and
 * SIGHUP by running this hook, and the process ends when it does. A server that runs is stopped in good order; a start is broken
 * off where it stands, as by a crash, which every start can take up from.
 *
 * <p>Safe for all threads.
 */
final class Ending {
    private static final Logger log = LoggerFactory.getLogger(Ending.class);

    private final Guise guise;
    private final ServiceManager manager;
    private final StopSignals signals;
    private final AtomicReference<@Nullable Server> running = new AtomicReference<>();

    private Ending(Guise guise, ServiceManager manager, StopSignals signals) {
        this.guise = guise;
        this.manager = manager;
        this.signals = signals;
    }

    /** From now on. */
    static Ending onSignals(Guise guise, ServiceManager manager) {
        Ending ending = new Ending(guise, manager, StopSignals.listen());
        Runtime.getRuntime().addShutdownHook(new Thread(ending::run, "axolotl-stop"));
        return ending;
    }

    /** The start is over. */
    void started(Server server) {
        running.set(server);
    }

    /** Null while it starts. */
    @Nullable Server running() {
        return running.get();
    }

    /** The start has failed, and has said why: nothing is to be stopped. */
    static void cannotStart(int exitCode) {
        ProcessLog.finish();
        Runtime.getRuntime().halt(exitCode);
    }

    private void run() {
        guise.stopping(signals.received());
        manager.stopping();
        int exitCode = 0;
        Server server = running.get();
        try {
            if (server == null) {
                log.info("stopped before the start was over");
            } else {
                server.stop();
                log.info("stopped");
            }
        } catch (InterruptedException | RuntimeException e) {
            log.error("the server did not stop in good order; what it had acknowledged is safe", e);
            exitCode = ServerMain.CANNOT_START;
        }
        ProcessLog.finish();
        guise.end(exitCode, signals.received());
    }
}
