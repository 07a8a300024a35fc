package io.axolotl.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.auth.User;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hashes of passwords, and what is done with them. */
class PasswordsTest {
    private final Passwords passwords = new Passwords("password", Passwords.MIN_COST, (what, cause) -> {
        throw new AssertionError(what, cause);
    });

    @AfterEach
    void close() {
        passwords.close();
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

    @Test
    @DisplayName("what waits to be hashed is bounded")
    void waitingIsBounded() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        int taken = 0;
        while (taken < 10_000
                && passwords.offer(() -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })) {
            taken++;
        }
        gate.countDown();
        assertThat(taken).isBetween(1, 1_000);
    }
}
