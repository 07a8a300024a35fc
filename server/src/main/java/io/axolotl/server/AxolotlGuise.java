package io.axolotl.server;

import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.Customs;
import io.axolotl.server.config.InitialCluster.FoundingMember;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.launch.StopSignals.StopSignal;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server under its own name: it speaks to people, and ends with 0 when a signal asked it to and all went well.
 *
 * <p>Stateless.
 */
final class AxolotlGuise implements Guise {
    private static final int BAD_USAGE = 2;

    private static final Logger log = LoggerFactory.getLogger(ServerMain.class);

    @Override
    public Customs customs() {
        return Customs.AXOLOTL;
    }

    @Override
    public String version() {
        return AxolotlVersion.text();
    }

    @Override
    public String refusal(ConfigException e) {
        return "axolotl: " + e.getMessage();
    }

    @Override
    public int exitCode(ConfigException e) {
        return BAD_USAGE;
    }

    @Override
    public void starting(ServerConfig config) {
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

    @Override
    public void listening(ServerConfig config, Server server) {
        log.info("listening for clients on {} (gRPC and HTTP)", server.clientAddresses());
    }

    @Override
    public void ready(ServerConfig config, Server server) {
        log.info("ready to serve client requests");
    }

    @Override
    public void stopping(Optional<StopSignal> signal) {
        log.info("stopping");
    }

    /** Not as the Java machine would, which reports the signal as its exit code: all was done in order. */
    @Override
    public void end(int exitCode, Optional<StopSignal> signal) {
        Runtime.getRuntime().halt(exitCode);
    }
}
