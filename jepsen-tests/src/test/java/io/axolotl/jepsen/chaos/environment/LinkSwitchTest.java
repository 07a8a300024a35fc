package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkSwitchTest {
    private static final Link LINK = new Link(0, 2);

    private final Wire wire = new Wire();
    private final BlockingQueue<String> deaths = new LinkedBlockingQueue<>();
    private final LinkSwitch carrying = new LinkSwitch(wire, new LinkQueue(1), deaths::add);

    /** What is put in is read; an empty packet breaks it. */
    private static final class Wire implements PacketDevice {
        private final BlockingQueue<byte[]> in = new LinkedBlockingQueue<>();
        private final BlockingQueue<byte[]> out = new LinkedBlockingQueue<>();
        private volatile boolean isDeaf;

        @Override
        public int read(byte[] into) throws IOException {
            try {
                byte[] next = in.take();
                if (next.length == 0) {
                    throw new IOException("planted");
                }
                System.arraycopy(next, 0, into, 0, next.length);
                return next.length;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void write(byte[] frame) throws IOException {
            if (isDeaf) {
                throw new IOException("planted too");
            }
            out.add(frame);
        }
    }

    /** As the sender addresses it: to the switch. */
    private static byte[] packet(Link link) {
        byte[] frame = new byte[60];
        String[] address = LinkSwitch.address(link).split(":", -1);
        for (int i = 0; i < address.length; i++) {
            frame[i] = (byte) Integer.parseInt(address[i], 16);
        }
        return frame;
    }

    @AfterEach
    void close() {
        carrying.close();
        wire.in.add(new byte[0]);
    }

    @Test
    @DisplayName("a packet goes on to whom it was meant for, and one that was not led here does not")
    void packetsGoOn() throws Exception {
        carrying.start();
        wire.in.add(new byte[60]);
        wire.in.add(packet(LINK));
        byte[] sent = wire.out.take();
        assertThat(sent).startsWith(2, 0, 0, 0, 1, 3).hasSize(60);
        assertThat(carrying.tally(LINK).taken()).isEqualTo(1);
        carrying.set(LINK, LinkState.lossy(1));
        wire.in.add(packet(LINK));
        carrying.set(new Link(1, 2), LinkState.WHOLE);
        wire.in.add(packet(new Link(1, 2)));
        byte[] next = wire.out.take();
        assertThat(next).startsWith(2, 0, 0, 0, 1, 3);
        assertThat(carrying.tally(LINK).lost()).isEqualTo(1);
        assertThat(deaths).isEmpty();
    }

    @Test
    void aReaderThatDiesIsTold() throws Exception {
        carrying.start();
        wire.in.add(new byte[0]);
        assertThat(deaths.take()).contains("planted");
    }

    @Test
    void aWriterThatDiesIsToldOnce() throws Exception {
        wire.isDeaf = true;
        carrying.start();
        wire.in.add(packet(LINK));
        assertThat(deaths.take()).contains("planted too");
        wire.in.add(new byte[0]);
        assertThat(deaths.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    @DisplayName("an error that nobody thought of is told like any other")
    void anyDeathIsTold() throws Exception {
        LinkSwitch broken = new LinkSwitch(
                new PacketDevice() {
                    @Override
                    public int read(byte[] into) {
                        throw new AssertionError("planted");
                    }

                    @Override
                    public void write(byte[] frame) {}
                },
                new LinkQueue(1),
                deaths::add);
        broken.start();
        assertThat(List.of(deaths.take())).singleElement().asString().contains("AssertionError: planted");
    }

    @Test
    void whoIsClosedDiesInSilence() throws Exception {
        carrying.start();
        carrying.close();
        wire.in.add(new byte[0]);
        assertThat(deaths.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }
}
