package io.axolotl.server.launch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Lines as etcd up to 3.4 writes them: local time to the microsecond, a letter for the level, the package, the text.
 *
 * <p>Confined to the thread that writes the log.
 */
public final class CapnslogEncoder extends EncoderBase<ILoggingEvent> {
    /** Marks a line as more than information and less than a warning. */
    public static final Marker NOTICE = MarkerFactory.getMarker("NOTICE");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneId.systemDefault());

    private final ThrowableProxyConverter throwables = new ThrowableProxyConverter();

    @Override
    public void start() {
        throwables.start();
        super.start();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String text = TIME.format(event.getInstant()) + " " + letter(event) + " | " + packageOf(event.getLoggerName())
                + ": " + event.getFormattedMessage() + "\n" + throwables.convert(event);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static char letter(ILoggingEvent event) {
        if (event.getMarkerList() != null && event.getMarkerList().contains(NOTICE)) {
            return 'N';
        }
        Level level = event.getLevel();
        if (level == Level.ERROR) {
            return 'E';
        }
        if (level == Level.WARN) {
            return 'W';
        }
        return level == Level.INFO ? 'I' : 'D';
    }

    /** {@code server/peer} for a class of that package; names without dots stay. */
    static String packageOf(String logger) {
        String name = logger.startsWith("io.axolotl.") ? logger.substring("io.axolotl.".length()) : logger;
        int last = name.lastIndexOf('.');
        return last < 0 ? name : name.substring(0, last).replace('.', '/');
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
