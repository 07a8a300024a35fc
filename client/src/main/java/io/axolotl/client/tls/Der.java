package io.axolotl.client.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The forms of DER (X.690) that certificates, revocation lists and keys are made of. No state. */
public final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;

    /** From this year on a time is written with four digits (RFC 5280 part 4.1.2.5). */
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    private Der() {}

    public static byte[] sequence(byte[]... parts) {
        return of(SEQUENCE, parts);
    }

    public static byte[] set(byte[]... parts) {
        return of(SET, parts);
    }

    public static byte[] integer(BigInteger value) {
        return of(INTEGER, value.toByteArray());
    }

    public static byte[] bool(boolean value) {
        return of(BOOLEAN, new byte[] {(byte) (value ? 0xff : 0)});
    }

    public static byte[] octets(byte[] bytes) {
        return of(OCTET_STRING, bytes);
    }

    public static byte[] utf8(String text) {
        return of(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    /** @param unusedBits of the last byte */
    public static byte[] bits(byte[] bytes, int unusedBits) {
        return of(BIT_STRING, new byte[] {(byte) unusedBits}, bytes);
    }

    /** @param dotted as in {@code 2.5.4.3} */
    public static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(40 * Integer.parseInt(arcs[0]) + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >>> shift != 0) {
                    out.write(0x80 | ((arc >>> shift) & 0x7f));
                }
            }
            out.write(arc & 0x7f);
        }
        return of(OBJECT_IDENTIFIER, out.toByteArray());
    }

    public static byte[] time(Instant instant) {
        boolean isLong = instant.atOffset(ZoneOffset.UTC).getYear() >= FIRST_GENERALIZED_YEAR;
        String text = DateTimeFormatter.ofPattern(isLong ? "uuuuMMddHHmmss'Z'" : "uuMMddHHmmss'Z'", Locale.ROOT)
                .format(instant.atOffset(ZoneOffset.UTC));
        return of(isLong ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A tagged value around another one. */
    public static byte[] explicit(int number, byte[] value) {
        return of(CONTEXT | CONSTRUCTED | number, value);
    }

    /** A tagged value in the place of a simple one's tag. */
    public static byte[] implicit(int number, byte[] content) {
        return of(CONTEXT | number, content);
    }

    private static byte[] of(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >>> (8 * i));
            }
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
