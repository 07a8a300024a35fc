package io.axolotl.server;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what libraries say through {@code java.util.logging} (grpc does) to the same place as all else. */
final class JavaLogging {
    /**
     * gRPC tells of each connection that fails, with a stack trace; whoever can connect could fill the disk with that. What
     * matters of it we say ourselves. Held here, since java.util.logging forgets the level of a logger that nobody holds.
     */
    private static final java.util.logging.Logger CONNECTIONS =
            java.util.logging.Logger.getLogger("io.grpc.netty.NettyServerTransport");

    private JavaLogging() {}

    static void route() {
        LogManager.getLogManager().reset();
        java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
        root.setLevel(Level.INFO);
        CONNECTIONS.setLevel(Level.WARNING);
        root.addHandler(new ToSlf4j());
    }

    private static final class ToSlf4j extends Handler {
        @Override
        public void publish(LogRecord record) {
            Logger log = LoggerFactory.getLogger(record.getLoggerName() == null ? "java" : record.getLoggerName());
            if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
                log.error(record.getMessage(), record.getThrown());
            } else if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                log.warn(record.getMessage(), record.getThrown());
            } else {
                log.info(record.getMessage(), record.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
