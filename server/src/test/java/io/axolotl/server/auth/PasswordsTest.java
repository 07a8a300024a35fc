package io.axolotl.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.auth.User;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hashes of passwords, and what is done with them. */
class PasswordsTest {
    private final Queue<String> fatal = new ConcurrentLinkedQueue<>();
    private final Passwords passwords = new Passwords("password", Passwords.MIN_COST, (what, cause) -> fatal.add(what));

    @AfterEach
    void close() {
        passwords.close();
        assertThat(fatal).isEmpty();
    }

    private static User user(byte[] hash) {
        return new User("u", hash, List.of(), 1);
    }

    @Test
    @DisplayName("AU-7 a hash is bcrypt's own, with the cost that was asked for, another one each time")
    void hashesAreBcrypts() {
        byte[] hash = passwords.hash("pässword");
        assertThat(new String(hash, StandardCharsets.US_ASCII))
                .startsWith("$2a$04$")
                .hasSize(60);
        assertThat(passwords.hash("pässword")).isNotEqualTo(hash);
        assertThat(passwords.isRight(user(hash), "pässword")).isTrue();
        assertThat(passwords.isRight(user(hash), "passwort")).isFalse();
    }

    @Test
    @DisplayName("AU-2 a hash that another implementation of bcrypt has made is understood")
    void foreignHashesAreUnderstood() {
        // Published with crypt_blowfish.
        byte[] hash =
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".getBytes(StandardCharsets.US_ASCII);
        assertThat(passwords.isRight(user(hash), "U*U")).isTrue();
        assertThat(passwords.isRight(user(hash), "U*V")).isFalse();
    }

    @Test
    @DisplayName("AU-2 nobody, and a user without a password, have no right password")
    void nobodyIsRight() {
        assertThat(passwords.isRight(null, "")).isFalse();
        assertThat(passwords.isRight(user(new byte[0]), "")).isFalse();
        assertThat(passwords.isRight(user(passwords.hash("")), "")).isTrue();
        assertThat(passwords.isRight(user(passwords.hash("")), "x".repeat(100))).isFalse();
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Passwords.Task held(CountDownLatch gate, AtomicInteger dropped) {
        return new Passwords.Task() {
            @Override
            public void run() {
                await(gate);
            }

            @Override
            public void dropped() {
                dropped.incrementAndGet();
            }
        };
    }

    /** Log-ins from one address until one is refused. @return how many were taken */
    private int flood(String from, CountDownLatch gate, AtomicInteger dropped) {
        int taken = 0;
        while (taken < 10_000 && passwords.offerLogin(from, held(gate, dropped))) {
            taken++;
        }
        return taken;
    }

    @Test
    @DisplayName("what waits to be hashed is bounded; one address takes no more than a quarter of it")
    void waitingIsBounded() {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger dropped = new AtomicInteger();
        int one = flood("mallory", gate, dropped);
        assertThat(one).isBetween(32, 32 + Runtime.getRuntime().availableProcessors());
        assertThat(flood("alice", gate, dropped)).isBetween(20, 30);
        int all = 0;
        for (int i = 0; i < 1_000; i++) {
            all += flood("address" + i, gate, dropped);
        }
        assertThat(all).isBetween(1, 128);
        assertThat(passwords.offerChange(held(gate, dropped)))
                .as("who may set passwords has places of his own")
                .isTrue();
        gate.countDown();
    }

    @Test
    @DisplayName("a change of a password is hashed while log-ins take every thread and place that is theirs")
    void changesAreNotHeldUpByLogins() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger dropped = new AtomicInteger();
        int unused = flood("mallory", gate, dropped);
        CountDownLatch changed = new CountDownLatch(1);
        assertThat(passwords.offerChange(held(new CountDownLatch(0), dropped))).isTrue();
        assertThat(passwords.offerChange(new Passwords.Task() {
                    @Override
                    public void run() {
                        changed.countDown();
                    }

                    @Override
                    public void dropped() {}
                }))
                .isTrue();
        assertThat(changed.await(30, TimeUnit.SECONDS)).isTrue();
        gate.countDown();
    }

    @Test
    @DisplayName("who waits when a member stops is told so, once; a hash that ends later ends no process")
    void whoWaitsIsToldOfTheEnd() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger dropped = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicReference<Thread> thread = new AtomicReference<>();
        assertThat(passwords.offerLogin("one", new Passwords.Task() {
                    @Override
                    public void run() {
                        thread.set(Thread.currentThread());
                        begun.countDown();
                        // A hash pays no heed to interrupts.
                        boolean isOver = false;
                        while (!isOver) {
                            try {
                                stopped.await();
                                isOver = true;
                            } catch (InterruptedException e) {
                                isOver = false;
                            }
                        }
                        throw new RejectedExecutionException("event executor terminated");
                    }

                    @Override
                    public void dropped() {}
                }))
                .isTrue();
        begun.await();
        int waiting = flood("many", gate, dropped);
        gate.countDown();
        int running = Math.max(1, Runtime.getRuntime().availableProcessors() / 2) - 1;
        passwords.close();
        if (running == 0) {
            assertThat(dropped).hasValue(waiting);
        }
        assertThat(passwords.offerLogin("late", held(gate, dropped))).isFalse();
        stopped.countDown();
        Objects.requireNonNull(thread.get()).join();
    }
}
