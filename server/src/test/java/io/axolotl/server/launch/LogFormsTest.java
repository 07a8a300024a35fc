package io.axolotl.server.launch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Lines in etcd's two forms. */
class LogFormsTest {
    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    private Logger logger(String name) {
        said.start();
        Logger logger = context.getLogger(name);
        logger.setLevel(Level.TRACE);
        logger.addAppender(said);
        return logger;
    }

    private String line(Encoder<ILoggingEvent> encoder) {
        encoder.setContext(context);
        encoder.start();
        return new String(encoder.encode(said.list.get(said.list.size() - 1)), StandardCharsets.UTF_8);
    }

    @Test
    void capnslogHasTimeLetterPackageAndText() {
        String time = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6} ";
        logger("embed").info("ready to serve {}", "client requests");
        assertThat(line(new CapnslogEncoder())).matches(time + "I \\| embed: ready to serve client requests\n");
        logger("io.axolotl.server.peer.PeerLink").warn("slow");
        assertThat(line(new CapnslogEncoder())).matches(time + "W \\| server/peer: slow\n");
        logger("embed").info(CapnslogEncoder.NOTICE, "serving");
        assertThat(line(new CapnslogEncoder())).matches(time + "N \\| embed: serving\n");
        logger("embed").error("broken", new IllegalStateException("cause"));
        assertThat(line(new CapnslogEncoder()))
                .contains("E | embed: broken\n")
                .contains("java.lang.IllegalStateException: cause\n");
        logger("embed").debug("detail");
        assertThat(line(new CapnslogEncoder())).contains(" D | embed: detail");
    }

    @Test
    void zapIsOneObjectALineWhateverTheTextHolds() {
        logger("embed")
                .atInfo()
                .addKeyValue("address", "127.0.0.1:2379")
                .addKeyValue("count", 3)
                .log("a \"quoted\" text\nof two lines \u0001 <&>");
        String line = line(new ZapEncoder());
        assertThat(line).endsWith("}\n").doesNotContain("\n{").hasLineCount(1).contains("<&>");
        JsonObject parsed = JsonParser.parseString(line).getAsJsonObject();
        assertThat(parsed.keySet()).containsExactly("level", "ts", "caller", "msg", "address", "count");
        assertThat(parsed.get("level").getAsString()).isEqualTo("info");
        assertThat(parsed.get("msg").getAsString()).isEqualTo("a \"quoted\" text\nof two lines \u0001 <&>");
        assertThat(parsed.get("ts").getAsString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[-+]\\d{4})");
    }

    @Test
    void zapKeepsAStackTraceInItsLine() {
        logger("io.axolotl.server.Node").error("broken", new IllegalStateException("cause"));
        JsonObject parsed = JsonParser.parseString(line(new ZapEncoder())).getAsJsonObject();
        assertThat(parsed.get("caller").getAsString()).isEqualTo("server/Node");
        assertThat(parsed.get("stacktrace").getAsString()).contains("IllegalStateException: cause");
    }
}
