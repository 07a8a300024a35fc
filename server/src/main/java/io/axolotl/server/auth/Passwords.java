package io.axolotl.server.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.auth.User;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes passwords and checks them, by bcrypt. That is slow on purpose; so it happens on threads of its own, for log-ins as many as
 * half the processors, and what waits for them is bounded: who floods a member with log-ins takes no time from other calls. Nor does
 * he keep others from logging in, for those that wait from one address are bounded too; nor from changing passwords, which has a
 * thread and places of its own.
 *
 * <p>Safe for all threads. {@link #hash} and {@link #isRight} block; they are for tasks given to {@link #offerLogin} and {@link
 * #offerChange}.
 */
public final class Passwords implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Passwords.class);

    public static final int MIN_COST = 4;
    public static final int MAX_COST = 31;

    /** What bcrypt looks at, but for the 0 byte at the end; the rest would be as good as nothing. */
    public static final int MAX_BYTES = 71;

    private static final int MAX_WAITING = 128;
    private static final long CLOSE_PATIENCE_SECONDS = 2;

    private final int cost;
    private final ThreadPoolExecutor logins;
    private final ThreadPoolExecutor changes;
    private final WaitingPlaces places = new WaitingPlaces(MAX_WAITING);
    private volatile boolean isClosed;

    /** Of nobody: checked for users that are not there, so that they take as long as those that are. */
    private final byte[] nobodys;

    /** Something that hashes, for a caller who waits. */
    public interface Task {
        void run();

        /** It is not run: this member stops. */
        void dropped();
    }

    /** A task that holds a place while it waits. */
    private final class Waiting implements Runnable {
        private final Task task;
        private final @Nullable String from;

        Waiting(Task task, @Nullable String from) {
            this.task = task;
            this.from = from;
        }

        @Override
        public void run() {
            leave();
            try {
                task.run();
            } catch (RuntimeException e) {
                if (!isClosed) {
                    throw e;
                }
                log.debug("who waited for a hash was not answered, this node stops", e);
            }
        }

        void leave() {
            if (from != null) {
                places.giveBack(from);
            }
        }
    }

    /** @param cost of new hashes, as a power of two */
    public Passwords(String threadName, int cost, FatalHandler fatal) {
        this.cost = cost;
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.logins = threads(threadName, count, fatal);
        this.changes = threads(threadName + "-change", 1, fatal);
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        // Only its form and cost count: no password is behind it.
        this.nobodys = BCrypt.Version.VERSION_2A.formatter.createHashMessage(
                new BCrypt.HashData(cost, BCrypt.Version.VERSION_2A, salt, new byte[23]));
    }

    private static ThreadPoolExecutor threads(String name, int count, FatalHandler fatal) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                count,
                count,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                ProcessThreads.factory(name, fatal));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * Runs a task that checks a password, or returns false if too many wait.
     *
     * @param from whence it comes
     */
    public boolean offerLogin(String from, Task task) {
        if (!places.take(from)) {
            return false;
        }
        Waiting waiting = new Waiting(task, from);
        boolean isTaken = offer(logins, waiting);
        if (!isTaken) {
            waiting.leave();
        }
        return isTaken;
    }

    /** Runs a task that hashes a new password for somebody who may set it, or returns false if too many wait. */
    public boolean offerChange(Task task) {
        return offer(changes, new Waiting(task, null));
    }

    private static boolean offer(ThreadPoolExecutor threads, Waiting waiting) {
        try {
            threads.execute(waiting);
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

    /** Drops what waits, and waits for the hashes that are under way, but not for long: a costly one may take minutes. */
    @Override
    public void close() {
        isClosed = true;
        List<Runnable> waiting = new ArrayList<>(logins.shutdownNow());
        waiting.addAll(changes.shutdownNow());
        waiting.forEach(each -> ((Waiting) each).task.dropped());
        try {
            boolean isDone = logins.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)
                    && changes.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!isDone) {
                log.info("passwords that were being hashed are given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
