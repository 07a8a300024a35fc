package io.axolotl.server.auth;

import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.NodeService.TokenListener;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that mean nothing by themselves: random letters, a dot, and the index of the log entry that has given them to their
 * user. Each member that applies the entry knows the token from then on, and forgets it when nobody has shown it here for the
 * time to live. After a restart, or once a snapshot has hidden the entry, a member does not know it; clients log in again.
 *
 * <p>The entry has the letters' SHA-256 alone. What the index is for: who it is given to may show it at once to a member that
 * has not come as far, and that one then knows to wait.
 *
 * <p>Safe for all threads.
 */
public final class SimpleTokens implements Tokens, TokenListener {
    /** Of 52 letters each: 136 bits. etcd's 16 are 91. */
    private static final int LETTERS = 24;

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int MAX_TOKEN_LENGTH = 64;

    /** Beyond these the oldest are forgotten. */
    static final int MAX_SESSIONS = 100_000;

    private final long ttlNanos;
    private final LongSupplier clock;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentSkipListMap<Long, Session> sessions = new ConcurrentSkipListMap<>();
    private final AtomicLong sweptNanos;

    /** The store shows an entry before this has been told of its token. */
    private volatile long toldThrough;

    private static final class Session {
        private final String user;
        private final byte[] hash;
        private volatile long usedNanos;

        Session(String user, byte[] hash, long usedNanos) {
            this.user = user;
            this.hash = hash;
            this.usedNanos = usedNanos;
        }
    }

    /** @param clock monotonic, as {@code System.nanoTime} */
    public SimpleTokens(long ttlNanos, LongSupplier clock) {
        this.ttlNanos = ttlNanos;
        this.clock = clock;
        this.sweptNanos = new AtomicLong(clock.getAsLong());
    }

    @Override
    public void assigned(CommandResult.TokenAssigned token) {
        long now = clock.getAsLong();
        sessions.put(token.index(), new Session(token.user(), token.tokenHash(), now));
        if (sessions.size() > MAX_SESSIONS) {
            sessions.pollFirstEntry();
        }
        long swept = sweptNanos.get();
        // Spread: each goes at most a tenth of its time late, and is looked at ten times.
        if (now - swept > ttlNanos / 10 && sweptNanos.compareAndSet(swept, now)) {
            sessions.values().removeIf(session -> isOver(session, now));
        }
    }

    @Override
    public void toldThrough(long index) {
        toldThrough = index;
    }

    private boolean isOver(Session session, long now) {
        return now - session.usedNanos > ttlNanos;
    }

    int size() {
        return sessions.size();
    }

    @Override
    public @Nullable Caller bearer(String token, AuthState auth) {
        long index = indexOf(token);
        Session session = index > 0 ? sessions.get(index) : null;
        if (session == null) {
            return null;
        }
        long now = clock.getAsLong();
        boolean isRight = MessageDigest.isEqual(session.hash, hashOf(token.substring(0, token.indexOf('.'))));
        if (!isRight) {
            return null;
        }
        if (isOver(session, now) || !auth.honours(session.user, index)) {
            sessions.remove(index, session);
            return null;
        }
        session.usedNanos = now;
        return Caller.user(session.user, auth.revision());
    }

    @Override
    public boolean isAhead(String token, KvStateMachine state) {
        return indexOf(token) > toldThrough;
    }

    @Override
    public boolean isRenewing() {
        return true;
    }

    /** 0 if it is no token of this kind. */
    private static long indexOf(String token) {
        int dot = token.indexOf('.');
        if (dot != LETTERS || token.length() > MAX_TOKEN_LENGTH) {
            return 0;
        }
        try {
            return Long.parseLong(token, dot + 1, token.length(), 10);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    @Override
    public void issue(User user, AuthState auth, Proposer proposer, Consumer<Issued> then) {
        StringBuilder letters = new StringBuilder(LETTERS);
        for (int i = 0; i < LETTERS; i++) {
            letters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        String secret = letters.toString();
        proposer.propose(
                new Command.AssignToken(user.name(), user.credentialIndex(), hashOf(secret)),
                outcome -> then.accept(issued(secret, outcome)));
    }

    private static Issued issued(String secret, ProposalResult outcome) {
        if (outcome instanceof ProposalResult.Done done) {
            if (done.result() instanceof CommandResult.TokenAssigned assigned) {
                return new Issued.Token(secret + "." + assigned.index(), assigned.revision());
            } else if (done.result() instanceof CommandResult.Refused refused) {
                return new Issued.Refused(refused.why());
            }
        } else if (outcome instanceof ProposalResult.Refused refused) {
            return new Issued.Failed(refused.why());
        } else if (outcome instanceof ProposalResult.Unknown unknown) {
            // Nobody has the letters, so nothing has come of it.
            return new Issued.Failed(unknown.why());
        }
        throw new AssertionError("the giving of a token came to " + outcome);
    }

    private static byte[] hashOf(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
