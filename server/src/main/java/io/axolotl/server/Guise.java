package io.axolotl.server;

import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.Customs;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.launch.StopSignals.StopSignal;
import java.util.Optional;

/**
 * What differs between the server under its own name and under etcd's: what it is told by and what it prints, and how it
 * ends. What it does in between is the same.
 *
 * <p>Called by whatever thread has come that far in the life of the process; implementations are stateless.
 */
interface Guise {
    Customs customs();

    /** What {@code --version} prints, with the end of the last line. */
    String version();

    /** The lines on stderr for a command line that cannot be followed. */
    String refusal(ConfigException e);

    /** The exit code for it. */
    int exitCode(ConfigException e);

    /** The settings are good; nothing has been opened yet. */
    void starting(ServerConfig config);

    /** All ports are open; calls that need a quorum wait for one. */
    void listening(ServerConfig config, Server server);

    /** Every kind of call is served: scripts that start etcd wait for what is said here. */
    void ready(ServerConfig config, Server server);

    /** The end in good order has begun. */
    void stopping(Optional<StopSignal> signal);

    /** Ends the process at once; everything is done. */
    void end(int exitCode, Optional<StopSignal> signal);
}
