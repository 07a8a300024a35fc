package io.axolotl.server.auth;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys from PEM, in the forms that openssl writes. Stateless. */
final class PemKeys {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** SEQUENCE of the version 0, and the algorithm rsaEncryption without parameters (RFC 5208, RFC 8017 A.1). */
    private static final byte[] RSA_IN_PKCS8 = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    private record Block(String label, byte[] bytes) {}

    private PemKeys() {}

    static PublicKey publicKey(String pem, String algorithm) throws GeneralSecurityException {
        Block block = block(pem, "PUBLIC KEY", "CERTIFICATE");
        if (block.label.equals("CERTIFICATE")) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                    .getPublicKey();
        }
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(block.bytes));
    }

    static PrivateKey privateKey(String pem, String algorithm) throws GeneralSecurityException {
        Block block = algorithm.equals("RSA")
                ? block(pem, "PRIVATE KEY", "RSA PRIVATE KEY")
                : block(pem, "PRIVATE KEY", "PRIVATE KEY");
        byte[] pkcs8 = block.label.equals("RSA PRIVATE KEY") ? wrapped(block.bytes) : block.bytes;
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    private static Block block(String pem, String label, String other) throws InvalidKeySpecException {
        Matcher matcher = BLOCK.matcher(pem);
        while (matcher.find()) {
            if (matcher.group(1).equals(label) || matcher.group(1).equals(other)) {
                return new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2)));
            }
        }
        throw new InvalidKeySpecException(
                "there is no \"" + label + "\" in the file; \"openssl pkcs8 -topk8 -nocrypt\" and"
                        + " \"openssl pkey -pubout\" write what is needed");
    }

    private static byte[] wrapped(byte[] pkcs1) {
        byte[] key = tagged(OCTET_STRING, pkcs1);
        byte[] body = new byte[RSA_IN_PKCS8.length + key.length];
        System.arraycopy(RSA_IN_PKCS8, 0, body, 0, RSA_IN_PKCS8.length);
        System.arraycopy(key, 0, body, RSA_IN_PKCS8.length, key.length);
        return tagged(SEQUENCE, body);
    }

    /** DER: lengths of 128 bytes and more take bytes of their own. */
    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            int lengthBytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + Byte.SIZE - 1) / Byte.SIZE;
            out.write(0x80 | lengthBytes);
            for (int i = lengthBytes - 1; i >= 0; i--) {
                out.write(content.length >>> (i * Byte.SIZE));
            }
        }
        out.write(content, 0, content.length);
        return out.toByteArray();
    }
}
