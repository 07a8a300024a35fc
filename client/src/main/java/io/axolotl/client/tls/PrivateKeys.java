package io.axolotl.client.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * Private keys from their files: PKCS#8, and the two older forms that are usual with etcd, which Java does not read
 * by itself (port-sharing trap 3). No state.
 */
final class PrivateKeys {
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");
    private static final byte[] ZERO = Der.integer(BigInteger.ZERO);
    private static final byte[] RSA = Der.sequence(Der.oid("1.2.840.113549.1.1.1"), new byte[] {5, 0});

    private PrivateKeys() {}

    /** @param owner whose public key tells the curve of an older elliptic key */
    static PrivateKey read(String file, List<Pem.Block> blocks, PublicKey owner) throws TlsFileException {
        for (Pem.Block block : blocks) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return read(file, block, owner);
            }
        }
        throw new TlsFileException(file + " has no private key (a block PRIVATE KEY); give the file of the key");
    }

    private static PrivateKey read(String file, Pem.Block block, PublicKey owner) throws TlsFileException {
        if (block.isEncrypted() || block.label().equals("ENCRYPTED PRIVATE KEY")) {
            throw new TlsFileException(
                    file + " has a private key that is protected by a password, and nobody is there to"
                            + " type it; write it without (openssl pkey -in FILE -out NEW) and let only the server's user read it");
        }
        byte[] pkcs8 = switch (block.label()) {
            case "RSA PRIVATE KEY" -> Der.sequence(ZERO, RSA, Der.octets(block.der()));
            case "EC PRIVATE KEY" -> Der.sequence(ZERO, algorithmOf(file, owner), Der.octets(block.der()));
            default -> block.der();
        };
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // Of another kind: the next is asked.
            } catch (GeneralSecurityException e) {
                throw new AssertionError("every Java platform has " + algorithm, e);
            }
        }
        throw new TlsFileException(
                file + " has a private key of a kind that is not read here, or it is damaged; use an RSA,"
                        + " elliptic or Ed25519 key in PKCS#8 form (openssl pkey -in FILE -out NEW)");
    }

    /** The algorithm's part of the public key (RFC 5280 part 4.1.2.7), which names the curve. */
    private static byte[] algorithmOf(String file, PublicKey owner) throws TlsFileException {
        byte[] info = owner.getEncoded();
        if (!owner.getAlgorithm().equals("EC")) {
            throw mismatch(file);
        }
        int start = 2 + ((info[1] & 0x80) == 0 ? 0 : info[1] & 0x7f);
        int length = 2 + info[start + 1];
        byte[] algorithm = new byte[length];
        System.arraycopy(info, start, algorithm, 0, length);
        return algorithm;
    }

    /** Signs and verifies: whether both halves belong together. */
    static void requirePair(String file, PrivateKey key, PublicKey owner) throws TlsFileException {
        if (!isPair(key, owner)) {
            throw mismatch(file);
        }
    }

    private static boolean isPair(PrivateKey key, PublicKey owner) {
        if (!key.getAlgorithm().equals(owner.getAlgorithm())) {
            return false;
        }
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        byte[] text = {'p', 'a', 'i', 'r'};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(owner);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherCurve) {
            return false;
        }
    }

    private static TlsFileException mismatch(String file) {
        return new TlsFileException(
                "the private key in " + file
                        + " does not match the certificate: it belongs to another one; give the two files that were made together");
    }
}
