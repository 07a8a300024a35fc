package io.axolotl.server.launch;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.axolotl.server.config.LogOutput;
import io.axolotl.server.stage.ProcessLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Puts the log into the form and to the places that the settings name. What nobody sets is by {@link StandardLog}: our own
 * form, on stderr.
 *
 * <p>Whatever the form and the place, lines are written by a thread of their own: a pipe that nobody reads must not stop
 * the thread that keeps the terms and sends the heartbeats (pitfall 54). When the queue is full, lines are lost; the end of
 * the process writes what waits ({@link ProcessLog}), but does not wait longer than a second.
 *
 * <p>To be called once, by the thread that starts the process.
 */
public final class LogSetup {
    private static final String PATTERN = "%d{" + ProcessLog.TIME_PATTERN + "} %-5level %-14logger{0} %msg%n";

    private static final int QUEUE_LINES = 8_192;
    private static final int MAX_FLUSH_MILLIS = 1_000;

    private LogSetup() {}

    /**
     * @param level as logback spells it
     * @throws UncheckedIOException if a file cannot be written
     */
    public static void apply(LogOutput output, String level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(level));
        if (output.form() == LogOutput.Form.AXOLOTL && output.targets().equals(List.of(LogOutput.STDERR))) {
            return;
        }
        List<AsyncAppender> queues = output.targets().stream()
                .map(target -> queued(context, appender(target), encoder(context, output.form()), target))
                .toList();
        root.detachAndStopAllAppenders();
        queues.forEach(root::addAppender);
    }

    /** In our own form on stderr, from INFO on. */
    static void standard(LoggerContext context) {
        // They speak up only when something is wrong.
        context.getLogger("io.netty").setLevel(Level.WARN);
        context.getLogger("io.grpc").setLevel(Level.WARN);
        // A client that sends too large a message gets its answer; a stack trace for each would let it fill the disk.
        context.getLogger("io.grpc.netty.NettyServerStream").setLevel(Level.ERROR);
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(queued(
                context, appender(LogOutput.STDERR), encoder(context, LogOutput.Form.AXOLOTL), LogOutput.STDERR));
    }

    private static AsyncAppender queued(
            LoggerContext context,
            OutputStreamAppender<ILoggingEvent> appender,
            Encoder<ILoggingEvent> encoder,
            String target) {
        appender.setContext(context);
        appender.setName(target);
        appender.setEncoder(encoder);
        appender.start();
        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName("queue of " + target);
        queue.setQueueSize(QUEUE_LINES);
        queue.setDiscardingThreshold(0);
        queue.setNeverBlock(true);
        queue.setMaxFlushTime(MAX_FLUSH_MILLIS);
        queue.addAppender(appender);
        queue.start();
        return queue;
    }

    private static OutputStreamAppender<ILoggingEvent> appender(String target) {
        if (target.equals(LogOutput.STDERR) || target.equals(LogOutput.STDOUT)) {
            ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
            console.setTarget(target.equals(LogOutput.STDERR) ? "System.err" : "System.out");
            return console;
        }
        requireWritable(Path.of(target).toAbsolutePath());
        FileAppender<ILoggingEvent> file = new FileAppender<>();
        file.setFile(target);
        file.setAppend(true);
        return file;
    }

    /** Logback would only stay silent. */
    private static void requireWritable(Path file) {
        try {
            Files.createDirectories(file.resolveSibling(""));
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw new UncheckedIOException("the log cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogOutput.Form form) {
        Encoder<ILoggingEvent> encoder = switch (form) {
            case AXOLOTL -> pattern();
            case CAPNSLOG -> new CapnslogEncoder();
            case ZAP -> new ZapEncoder();
        };
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static PatternLayoutEncoder pattern() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(PATTERN);
        return encoder;
    }
}
