package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Pending;
import io.axolotl.client.UnknownOutcomeException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * A lease that is renewed until it is closed or has run out: what a lock or an election hangs on. Closing revokes it, by a
 * thread that was interrupted too, and so does the end of the process by a signal: whatever hangs on it is gone at once, not
 * when the time to live is over.
 *
 * <p>Safe for all threads.
 */
final class SessionLease implements AutoCloseable {
    private static final int RENEWALS_PER_TTL = 3;

    private final AxolotlClient client;
    private final long id;
    private final long ttlNanos;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread renewer;
    private final Thread atSignal;

    /** Guarded by this. */
    private boolean isRevoked;

    /** Until something is held, a signal means that it was not had. */
    private volatile IntSupplier atSignalFirst = () -> ExitCode.ERROR;

    /** @param afterSignal given the exit code when a signal ends the process and the lease has been revoked */
    SessionLease(AxolotlClient client, long ttlSeconds, IntConsumer afterSignal) {
        this.client = client;
        var granted = client.leases().grant(ttlSeconds).await();
        this.id = granted.id();
        this.ttlNanos = TimeUnit.SECONDS.toNanos(granted.ttlSeconds());
        this.renewer = new Thread(this::renew, "session-lease");
        this.renewer.setDaemon(true);
        this.atSignal = new Thread(
                () -> {
                    int exitCode = atSignalFirst.getAsInt();
                    revoke();
                    afterSignal.accept(exitCode);
                },
                "session-lease-signal");
        this.renewer.start();
        Runtime.getRuntime().addShutdownHook(atSignal);
    }

    /** What a signal has done before the lease is revoked; returns the exit code of the process. */
    void atSignal(IntSupplier first) {
        atSignalFirst = first;
    }

    long id() {
        return id;
    }

    /**
     * Waits for a call whose effect hangs on this lease. If that is given up, nothing of it will stay, whatever the member made of
     * it: that is no unknown outcome.
     */
    static <T> T await(Pending<T> call) throws InterruptedException {
        try {
            return call.await();
        } catch (UnknownOutcomeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("given up");
            }
            throw e;
        }
    }

    private void renew() {
        long aliveNanos = System.nanoTime();
        try {
            while (!closing.await(ttlNanos / RENEWALS_PER_TTL, TimeUnit.NANOSECONDS)) {
                long askedNanos = System.nanoTime();
                try {
                    if (!client.leases().keepAliveOnce(id).await().isAlive()) {
                        break;
                    }
                    aliveNanos = askedNanos;
                } catch (AxolotlException e) {
                    if (System.nanoTime() - aliveNanos >= ttlNanos) {
                        break;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.countDown();
    }

    /** Waits until the lease has run out. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Whoever comes second waits for the first: until then nobody may close the client. */
    private synchronized void revoke() {
        if (!isRevoked) {
            isRevoked = true;
            closing.countDown();
            // Known or not, there is nothing more to do about it: it runs out.
            var unused = client.leases().revoke(id).awaitOutcome();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atSignal);
        } catch (IllegalStateException e) {
            // The process is ending, and the thread for that revokes too.
        }
        boolean wasInterrupted = Thread.interrupted();
        try {
            revoke();
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
