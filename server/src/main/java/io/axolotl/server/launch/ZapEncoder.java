package io.axolotl.server.launch;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * A JSON object a line with the keys that etcd's have from 3.5 on: level, ts, caller, msg, and whatever pairs the line
 * carries. The caller is the class; there are no line numbers.
 *
 * <p>Confined to the thread that writes the log.
 */
public final class ZapEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXX").withZone(ZoneId.systemDefault());

    private final ThrowableProxyConverter throwables = new ThrowableProxyConverter();

    @Override
    public void start() {
        throwables.start();
        super.start();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringWriter line = new StringWriter();
        try (JsonWriter json = new JsonWriter(line)) {
            json.setHtmlSafe(false);
            json.beginObject()
                    .name("level")
                    .value(event.getLevel().toString().toLowerCase(Locale.ROOT))
                    .name("ts")
                    .value(TIME.format(event.getInstant()))
                    .name("caller")
                    .value(callerOf(event.getLoggerName()))
                    .name("msg")
                    .value(event.getFormattedMessage());
            List<KeyValuePair> pairs = event.getKeyValuePairs();
            if (pairs != null) {
                for (KeyValuePair pair : pairs) {
                    json.name(pair.key).value(String.valueOf(pair.value));
                }
            }
            if (event.getThrowableProxy() != null) {
                json.name("stacktrace").value(throwables.convert(event));
            }
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a writer in memory failed", e);
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String callerOf(String logger) {
        return (logger.startsWith("io.axolotl.") ? logger.substring("io.axolotl.".length()) : logger).replace('.', '/');
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
