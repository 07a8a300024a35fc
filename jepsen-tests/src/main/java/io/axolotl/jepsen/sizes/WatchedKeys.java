package io.axolotl.jepsen.sizes;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import java.util.Locale;

/**
 * Numbered keys in the order of their numbers. Immutable.
 *
 * @param prefix that no other keys of the store have
 */
record WatchedKeys(String prefix, int count) {
    private static final int DIGITS = 8;
    private static final int PAGE_KEYS = 5_000;

    ByteString key(int number) {
        return ByteString.copyFromUtf8(prefix + String.format(Locale.ROOT, "%0" + DIGITS + "d", number));
    }

    /** Its number, or -1 if it is none of these. */
    int number(ByteString key) {
        if (key.size() != prefix.length() + DIGITS
                || !key.substring(0, prefix.length()).toStringUtf8().equals(prefix)) {
            return -1;
        }
        int number = 0;
        for (int at = prefix.length(); at < key.size(); at++) {
            int digit = key.byteAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number < count ? number : -1;
    }

    /** How often each has been changed, as the store says; they were never deleted. */
    long[] versions(KVGrpc.KVBlockingStub kv) {
        long[] versions = new long[count];
        for (int from = 0; from < count; from += PAGE_KEYS) {
            RangeResponse page = kv.range(RangeRequest.newBuilder()
                    .setKey(key(from))
                    .setRangeEnd(key(Math.min(count, from + PAGE_KEYS)))
                    .setKeysOnly(true)
                    .build());
            for (KeyValue found : page.getKvsList()) {
                versions[number(found.getKey())] = found.getVersion();
            }
        }
        return versions;
    }
}
