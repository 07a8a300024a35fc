package io.axolotl.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys of signed tokens, by the sign methods that etcd names: RS, PS, ES and HS with 256, 384 or 512 bits.
 *
 * @param signer null on a member that is not to give tokens
 */
public record JwtKeys(JWSAlgorithm algorithm, @Nullable JWSSigner signer, JWSVerifier verifier) {
    /** Why keys cannot be used; the text is for people and has none of the key in it. */
    public static final class UnusableException extends Exception {
        UnusableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Reads keys.
     *
     * @param method as {@code RS256}
     * @param publicKey PEM of a public key or certificate; unused for HS
     * @param privateKey PEM in PKCS#8, or PKCS#1 for RSA; for HS the shared secret as it is
     * @throws UnusableException if a file cannot be read, or the keys do not fit the method or each other
     */
    public static JwtKeys read(String method, @Nullable Path publicKey, @Nullable Path privateKey)
            throws UnusableException {
        JWSAlgorithm algorithm = JWSAlgorithm.parse(method);
        try {
            if (JWSAlgorithm.Family.HMAC_SHA.contains(algorithm)) {
                byte[] secret = bytes(required(privateKey, "priv-key", method));
                return new JwtKeys(algorithm, new MACSigner(secret), new MACVerifier(secret));
            } else if (JWSAlgorithm.Family.RSA.contains(algorithm)) {
                return rsa(algorithm, publicKey, privateKey);
            } else if (JWSAlgorithm.Family.EC.contains(algorithm) && !JWSAlgorithm.ES256K.equals(algorithm)) {
                return ec(algorithm, publicKey, privateKey);
            }
        } catch (JOSEException | GeneralSecurityException | IllegalArgumentException e) {
            throw new UnusableException("the keys do not fit sign-method " + method + ": " + e.getMessage(), e);
        }
        throw new UnusableException(
                "sign-method " + method + " is not known; give one of RS, PS, ES or HS with 256, 384 or 512", null);
    }

    private static JwtKeys rsa(JWSAlgorithm algorithm, @Nullable Path publicKey, @Nullable Path privateKey)
            throws UnusableException, GeneralSecurityException {
        PrivateKey own = privateKey == null ? null : PemKeys.privateKey(text(privateKey), "RSA");
        PublicKey shown;
        if (publicKey != null) {
            shown = PemKeys.publicKey(text(publicKey), "RSA");
        } else if (own instanceof RSAPrivateCrtKey pair) {
            shown = java.security.KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(pair.getModulus(), pair.getPublicExponent()));
        } else {
            throw new UnusableException("sign-method " + algorithm + " needs pub-key or priv-key", null);
        }
        return checked(new JwtKeys(
                algorithm, own == null ? null : new RSASSASigner(own), new RSASSAVerifier((RSAPublicKey) shown)));
    }

    private static JwtKeys ec(JWSAlgorithm algorithm, @Nullable Path publicKey, @Nullable Path privateKey)
            throws UnusableException, GeneralSecurityException, JOSEException {
        Path shown = required(publicKey, "pub-key", algorithm.getName());
        return checked(new JwtKeys(
                algorithm,
                privateKey == null ? null : new ECDSASigner((ECPrivateKey) PemKeys.privateKey(text(privateKey), "EC")),
                new ECDSAVerifier((ECPublicKey) PemKeys.publicKey(text(shown), "EC"))));
    }

    /** A member whose keys do not belong together would give tokens that nobody honours: better not to start. */
    private static JwtKeys checked(JwtKeys keys) throws UnusableException {
        JWSSigner own = keys.signer;
        if (own == null) {
            return keys;
        }
        com.nimbusds.jose.JWSHeader header = new com.nimbusds.jose.JWSHeader(keys.algorithm);
        byte[] sample = "axolotl".getBytes(StandardCharsets.US_ASCII);
        try {
            if (keys.verifier.verify(header, sample, own.sign(header, sample))) {
                return keys;
            }
        } catch (JOSEException e) {
            throw new UnusableException("the keys do not fit sign-method " + keys.algorithm + ": " + e.getMessage(), e);
        }
        throw new UnusableException("pub-key and priv-key are not of one pair", null);
    }

    private static Path required(@Nullable Path file, String option, String method) throws UnusableException {
        if (file == null) {
            throw new UnusableException("sign-method " + method + " needs " + option, null);
        }
        return file;
    }

    private static String text(Path file) throws UnusableException {
        return new String(bytes(file), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(Path file) throws UnusableException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UnusableException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "keys for " + algorithm;
    }
}
