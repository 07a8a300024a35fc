package io.axolotl.jepsen.sizes;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Many distinct keys in an order that has nothing to do with their numbers, and for each the value that it must have, which does not
 * compress. Immutable.
 *
 * @param size how many
 */
record KeySpace(long size, int valueBytes) {
    static final ByteString FROM = ByteString.copyFromUtf8("k/");
    static final ByteString TO = ByteString.copyFromUtf8("k0");
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int PREFIX_BYTES = 2;
    private static final int HEX_DIGITS = 16;

    /** @param number from 0 to the size */
    ByteString key(long number) {
        byte[] key = new byte[PREFIX_BYTES + HEX_DIGITS];
        FROM.copyTo(key, 0);
        long mixed = mix(number);
        for (int digit = 0; digit < HEX_DIGITS; digit++) {
            key[PREFIX_BYTES + digit] = HEX[(int) (mixed >>> (60 - 4 * digit)) & 15];
        }
        return ByteString.copyFrom(key);
    }

    ByteString value(long number) {
        byte[] value = new byte[valueBytes];
        new SplittableRandom(number).nextBytes(value);
        return ByteString.copyFrom(value);
    }

    /** Never equal for two numbers: each step can be undone. */
    private static long mix(long number) {
        long mixed = number + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** A number for a pair; the sum over all pairs tells whether they are the right ones, in whatever order. */
    static long fingerprint(ByteString key, ByteString value) {
        return mix(((long) key.hashCode() << 32) ^ (value.hashCode() & 0xffffffffL));
    }

    static long fingerprint(KeyValue pair) {
        return fingerprint(pair.getKey(), pair.getValue());
    }

    /** The sum over all. */
    long fingerprint() {
        long sum = 0;
        for (long number = 0; number < size; number++) {
            sum += fingerprint(key(number), value(number));
        }
        return sum;
    }
}
