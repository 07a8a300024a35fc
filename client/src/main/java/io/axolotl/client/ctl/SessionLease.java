package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A lease that is renewed until it is closed or has run out: what a lock or an election hangs on. Closing revokes it, and so
 * does the end of the process by a signal, which lets go of whatever hangs on it.
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

    /** @param beforeExit run when a signal ends the process, which then ends with success */
    SessionLease(AxolotlClient client, long ttlSeconds, Runnable beforeExit) {
        this.client = client;
        var granted = client.leases().grant(ttlSeconds).await();
        this.id = granted.id();
        this.ttlNanos = TimeUnit.SECONDS.toNanos(granted.ttlSeconds());
        this.renewer = new Thread(this::renew, "session-lease");
        this.renewer.setDaemon(true);
        this.atSignal = new Thread(
                () -> {
                    revoke();
                    beforeExit.run();
                    Runtime.getRuntime().halt(ExitCode.SUCCESS);
                },
                "session-lease-signal");
        this.renewer.start();
        Runtime.getRuntime().addShutdownHook(atSignal);
    }

    long id() {
        return id;
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

    private void revoke() {
        closing.countDown();
        // Known or not, there is nothing more to do about it: it runs out.
        var unused = client.leases().revoke(id).awaitOutcome();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atSignal);
        // Who was interrupted lets go all the same: others wait for what hangs on the lease.
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
