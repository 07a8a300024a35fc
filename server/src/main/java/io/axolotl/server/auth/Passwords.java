package io.axolotl.server.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.auth.User;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords and checks them, by bcrypt. That is slow on purpose; so it happens on threads of its own, as many as half the
 * processors, and what waits for them is bounded: who floods a member with log-ins takes no time from other calls.
 *
 * <p>Safe for all threads. {@link #hash} and {@link #isRight} block; they are for tasks given to {@link #offer}.
 */
public final class Passwords implements AutoCloseable {
    public static final int MIN_COST = 4;
    public static final int MAX_COST = 31;

    /** What bcrypt looks at, but for the 0 byte at the end; the rest would be as good as nothing. */
    public static final int MAX_BYTES = 71;

    private static final int MAX_WAITING = 128;

    private final int cost;
    private final ThreadPoolExecutor threads;

    /** Of nobody: checked for users that are not there, so that they take as long as those that are. */
    private final byte[] nobodys;

    /** @param cost of new hashes, as a power of two */
    public Passwords(String threadName, int cost, FatalHandler fatal) {
        this.cost = cost;
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.threads = new ThreadPoolExecutor(
                count,
                count,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                ProcessThreads.factory(threadName, fatal));
        this.threads.allowCoreThreadTimeOut(true);
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        // Only its form and cost count: no password is behind it.
        this.nobodys = BCrypt.Version.VERSION_2A.formatter.createHashMessage(
                new BCrypt.HashData(cost, BCrypt.Version.VERSION_2A, salt, new byte[23]));
    }

    /** Runs a task that hashes, or returns false if too many wait. */
    public boolean offer(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** Whether bcrypt can take it as a whole. */
    public static boolean isShortEnough(String password) {
        return password.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    /** What is kept of a password. */
    public byte[] hash(String password) {
        byte[] secret = password.getBytes(StandardCharsets.UTF_8);
        try {
            return BCrypt.withDefaults().hash(cost, secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /**
     * Takes as long for a user that is not there.
     *
     * @param user null if there is none of the name that was given
     */
    public boolean isRight(@Nullable User user, String password) {
        byte[] secret = password.getBytes(StandardCharsets.UTF_8);
        boolean canBe = user != null && user.hasPassword() && secret.length <= MAX_BYTES;
        byte[] checked = canBe && user != null ? user.passwordHash() : nobodys;
        byte[] shown = canBe ? secret : new byte[0];
        try {
            return BCrypt.verifyer().verify(shown, checked).verified && canBe;
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** Hashes that are under way are finished, none is begun. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
