package io.axolotl.server.tls;

import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the files of certificates every second. Confined to its thread.
 */
public final class CredentialsWatch implements Stage {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<PortTls> ports;

    public CredentialsWatch(List<PortTls> ports) {
        this.ports = List.copyOf(ports);
    }

    @Override
    public boolean runOnce() {
        ports.forEach(PortTls::refresh);
        return false;
    }

    @Override
    public long maxParkNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void wakes(Waker waker) {
        // Looks by the clock alone.
    }
}
