package io.axolotl.server.stage;

import ch.qos.logback.classic.LoggerContext;
import java.io.PrintStream;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The end of the log. Lines are written by a thread of their own, so that a pipe that nobody reads does not hold up the
 * one that logs; before the process ends, those that still wait have to be written.
 *
 * <p>Safe for all threads.
 */
public final class ProcessLog {
    /** How a line of the log in our own form tells its time, so that the last one does not stand out. */
    public static final String TIME_PATTERN = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX";

    /** Made early: where memory has run out there is none left to make it. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(TIME_PATTERN);

    private ProcessLog() {}

    /**
     * Writes what waits, for as long as the log allows it to take, and ends logging: whatever is logged afterwards is
     * dropped. To be called right before the process ends, and only then.
     */
    public static void finish() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
    }

    /**
     * Ends logging, and then writes a last line that no full queue can swallow, and what is known of it.
     *
     * @param details asked for when the line is out
     */
    static void lastWords(String line, @Nullable Throwable cause, Supplier<String> details) {
        finish();
        PrintStream err = System.err;
        String now = OffsetDateTime.now(ZoneId.systemDefault()).format(TIME);
        err.println(now + " ERROR FatalHandler   " + line);
        if (cause != null) {
            cause.printStackTrace(err);
        }
        err.println("threads at that moment:" + details.get());
        err.flush();
    }
}
