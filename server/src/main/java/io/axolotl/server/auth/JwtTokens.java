package io.axolotl.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signed tokens that name their user, the auth revision that they were given under, and when they end (AU-3). Whoever has the
 * public key honours them; they need no entry in the log and survive every restart. Any change of users or roles makes them old.
 *
 * <p>Safe for all threads.
 */
public final class JwtTokens implements Tokens {
    private static final String USER = "username";
    private static final String REVISION = "revision";
    private static final int MAX_TOKEN_LENGTH = 8 << 10;

    /** To check a signature costs as much as the rest of a call. */
    private static final int MAX_KNOWN = 1_024;

    /** A call looks at its token several times, on threads that others need. */
    private static final int MAX_REFUTED = 256;

    private final JWSAlgorithm algorithm;
    private final @Nullable JWSSigner signer;
    private final JWSVerifier verifier;
    private final Duration ttl;
    private final InstantSource clock;

    /** What was found to be rightly signed. Guarded by itself, as the next one is. */
    private final Map<String, Claims> known = bounded(MAX_KNOWN);

    /** What was found to be none, and so can never be one. */
    private final Map<String, Boolean> refuted = bounded(MAX_REFUTED);

    private record Claims(String user, long authRevision, long expiresMillis) {}

    /**
     * @param keys with a private one if this member is to give tokens too
     * @param clock wall time, which members must agree on as well as the time to live asks for
     */
    public JwtTokens(JwtKeys keys, Duration ttl, InstantSource clock) {
        this.algorithm = keys.algorithm();
        this.signer = keys.signer();
        this.verifier = keys.verifier();
        this.ttl = ttl;
        this.clock = clock;
    }

    private static <V> Map<String, V> bounded(int max) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > max;
            }
        };
    }

    @Override
    public @Nullable Caller bearer(String token, AuthState auth) {
        Claims claims = claims(token);
        return claims == null || claims.expiresMillis <= clock.millis()
                ? null
                : Caller.user(claims.user, claims.authRevision);
    }

    @Override
    public boolean isAhead(String token, KvStateMachine state) {
        Claims claims = claims(token);
        return claims != null && claims.authRevision > state.auth().revision();
    }

    @Override
    public boolean isRenewing() {
        return false;
    }

    private @Nullable Claims claims(String token) {
        if (token.length() > MAX_TOKEN_LENGTH) {
            return null;
        }
        synchronized (known) {
            Claims before = known.get(token);
            if (before != null) {
                return before;
            }
        }
        synchronized (refuted) {
            if (refuted.get(token) != null) {
                return null;
            }
        }
        Claims found = verified(token);
        if (found != null) {
            synchronized (known) {
                known.put(token, found);
            }
        } else {
            synchronized (refuted) {
                refuted.put(token, true);
            }
        }
        return found;
    }

    /** The algorithm is ours to choose, not the token's: one that names another is none (RFC 8725 §3.1). */
    private @Nullable Claims verified(String token) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            if (!algorithm.equals(jwt.getHeader().getAlgorithm()) || !jwt.verify(verifier)) {
                return null;
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            String user = claims.getStringClaim(USER);
            Long revision = claims.getLongClaim(REVISION);
            Date expires = claims.getExpirationTime();
            return user == null || revision == null || revision <= 0 || expires == null
                    ? null
                    : new Claims(user, revision, expires.toInstant().toEpochMilli());
        } catch (ParseException | JOSEException | IllegalArgumentException notOfOurs) {
            return null;
        }
    }

    @Override
    public void issue(User user, AuthState auth, Proposer proposer, Consumer<Issued> then) {
        JWSSigner own = signer;
        if (own == null) {
            // This member only honours what others give.
            then.accept(new Issued.Refused(Refusal.INVALID_AUTH_MANAGEMENT));
            return;
        }
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .claim(USER, user.name())
                .claim(REVISION, auth.revision())
                .expirationTime(Date.from(clock.instant().plus(ttl)))
                .build();
        SignedJWT jwt = new SignedJWT(new JWSHeader.Builder(algorithm).build(), claims);
        try {
            jwt.sign(own);
        } catch (JOSEException e) {
            throw new IllegalStateException("the key for tokens cannot sign, though it could at the start", e);
        }
        then.accept(new Issued.Token(jwt.serialize(), 0));
    }
}
