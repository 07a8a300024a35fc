/**
 * How a caller proves to be a user: passwords, and the tokens that are given for them (AU-2, AU-3). What a user may do is not
 * decided here but in {@code storage.auth}.
 *
 * <p>{@link io.axolotl.server.auth.Passwords} hashes and checks by bcrypt, on threads of its own, few at a time: so many guesses
 * a second and not more, and no other call waits for them. {@link io.axolotl.server.auth.LoginThrottle} makes each further guess
 * of one caller at one user wait longer.
 *
 * <p>{@link io.axolotl.server.auth.Tokens} has two kinds. {@link io.axolotl.server.auth.SimpleTokens} are drawn at random; the log
 * carries their hash to every member, so that any member honours a token that any other gave, without asking a leader. {@link
 * io.axolotl.server.auth.JwtTokens} are signed, and need nobody's memory.
 *
 * <p>Passwords and tokens appear in no log line, no metric and no error.
 *
 * <p>Called by {@code server.api}; knows nothing of the wire. Everything here is safe for all threads.
 */
@NullMarked
package io.axolotl.server.auth;

import org.jspecify.annotations.NullMarked;
