package io.axolotl.testkit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What Axolotl logs in this process while a cluster runs, in a file, from INFO on; the program's own log shows what it showed before. Nothing
 * at all where slf4j does not lead to logback. With several clusters at a time each file has the lines of all. Safe for all
 * threads.
 */
final class KitLog implements AutoCloseable {
    private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %-14logger{0} [%thread] %msg%n";

    /** How many are open, and what was before the first. Guarded by the class. */
    private static int openCount;

    private static @Nullable Level levelBefore;
    private static boolean wasAdditive;
    private static @Nullable Rest rest;

    private final FileAppender<ILoggingEvent> appender;

    private KitLog(FileAppender<ILoggingEvent> appender) {
        this.appender = appender;
    }

    static AutoCloseable open(Path file) {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext context ? open(context, file) : () -> {};
    }

    private static synchronized KitLog open(LoggerContext context, Path file) {
        Logger axolotl = axolotl(context);
        if (openCount++ == 0) {
            levelBefore = axolotl.getLevel();
            wasAdditive = axolotl.isAdditive();
            Level shown = axolotl.getEffectiveLevel();
            rest = new Rest(context.getLogger(Logger.ROOT_LOGGER_NAME), shown);
            rest.setContext(context);
            rest.start();
            if (wasAdditive) {
                axolotl.setAdditive(false);
                axolotl.addAppender(rest);
            }
            if (shown.isGreaterOrEqual(Level.INFO)) {
                axolotl.setLevel(Level.INFO);
            }
        }
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setName(file.toString());
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        appender.start();
        axolotl.addAppender(appender);
        return new KitLog(appender);
    }

    private static Logger axolotl(LoggerContext context) {
        return context.getLogger("io.axolotl");
    }

    @Override
    public void close() {
        synchronized (KitLog.class) {
            Logger axolotl = axolotl((LoggerContext) LoggerFactory.getILoggerFactory());
            axolotl.detachAppender(appender);
            appender.stop();
            if (--openCount == 0) {
                axolotl.setLevel(levelBefore);
                axolotl.setAdditive(wasAdditive);
                axolotl.detachAppender(rest);
            }
        }
    }

    /** Hands what was shown before on to where it was shown. */
    private static final class Rest extends AppenderBase<ILoggingEvent> {
        private final Logger root;
        private final Level shown;

        Rest(Logger root, Level shown) {
            this.root = root;
            this.shown = shown;
        }

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(shown)) {
                root.callAppenders(event);
            }
        }
    }
}
