package io.axolotl.jepsen.chaos.planted;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.NodeConfig;
import io.axolotl.server.Server;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.launch.LogSetup;
import io.axolotl.server.stage.FatalHandler;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.logging.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server process with a bug: {@code PlantedServerMain BUG FLAGS…}, the flags being those of the server. For {@code axolotl chaos
 * --plant} alone; no launcher and no distribution knows it.
 */
public final class PlantedServerMain {
    private static final int CANNOT_START = 1;

    private static final Logger log = LoggerFactory.getLogger(PlantedServerMain.class);

    private PlantedServerMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        PlantedServerBug bug = PlantedServerBug.named(arguments[0]);
        ServerConfig config = config(Arrays.asList(arguments).subList(1, arguments.length));
        LogSetup.apply(config.logOutput(), config.logLevel());
        // What libraries say of connections that break is as good as what the server says of them.
        LogManager.getLogManager().reset();
        FatalHandler fatal = FatalHandler.haltingProcess();
        Server server;
        try {
            server = Server.start(
                    config,
                    bug.in(NodeConfig.Surroundings.real(new MetricRegistry(), config.dataDir(), fatal), config.name()),
                    UnaryOperator.identity());
        } catch (RuntimeException e) {
            log.error("cannot start: {}", e.getMessage());
            Runtime.getRuntime().halt(CANNOT_START);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "planted-stop"));
        log.warn("this server has a bug: {}", bug.sentence());
        // All threads of the server are daemons; this one keeps the process until a signal ends it.
        new CountDownLatch(1).await();
    }

    private static ServerConfig config(List<String> flags) {
        var request = new ServerConfigReader("a server with a bug").read(flags, System.getenv());
        if (request instanceof ServerConfigReader.Request.Start start) {
            return start.config();
        }
        throw new IllegalArgumentException(flags + " do not start a server");
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
