package io.axolotl.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Strangers must not fill the disk with the log of their failures. */
class RejectionLogTest {
    private static final long SECOND = 1_000_000_000L;

    private final Logger logger = (Logger) LoggerFactory.getLogger(RejectionLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong clock = new AtomicLong(7);
    private final RejectionLog log = new RejectionLog("clients", clock::get);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
    }

    private void reject() {
        log.rejected(
                InetSocketAddress.createUnresolved("10.0.0.9", 4711),
                new SSLHandshakeException("Empty client certificate chain"));
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void oneLineASecondTellsOfAll() {
        for (int i = 0; i < 1000; i++) {
            reject();
        }
        assertThat(said()).singleElement().asString().contains("10.0.0.9", "shows no client certificate");
        clock.addAndGet(SECOND);
        reject();
        assertThat(said()).hasSize(2).last().asString().endsWith("(and 999 others since the last such line)");
        clock.addAndGet(SECOND);
        reject();
        assertThat(said()).hasSize(3).last().asString().endsWith("one is required");
    }
}
