package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

@Label("RG-2, MV-7: ranges of keys")
final class KeyRangeProperties {
    /** Few different bytes, the last one often: prefixes that meet, and ends that carry over. */
    @Provide
    Arbitrary<Bytes> keys() {
        return Arbitraries.of((byte) 0, (byte) 1, (byte) 'a', (byte) 0x7f, (byte) 0x80, (byte) 0xfe, (byte) 0xff)
                .array(byte[].class)
                .ofMaxSize(5)
                .map(Bytes::copyOf);
    }

    private static boolean contains(KeyRange range, Bytes key) {
        boolean endless = range.end().equals(Bytes.copyOf(new byte[1]));
        return range.key().compareTo(key) <= 0 && (endless || key.compareTo(range.end()) < 0);
    }

    @Property
    void aPrefixRangeHoldsExactlyTheKeysThatStartWithIt(@ForAll("keys") Bytes prefix, @ForAll("keys") Bytes key) {
        // The empty key does not exist, and no range needs to hold it.
        if (!key.isEmpty()) {
            assertThat(contains(KeyRange.prefix(prefix), key)).isEqualTo(key.startsWith(prefix));
        }
    }

    @Property
    void aRangeFromAKeyHoldsAllThatAreNotBelowIt(@ForAll("keys") Bytes from, @ForAll("keys") Bytes key) {
        if (!key.isEmpty()) {
            assertThat(contains(KeyRange.from(from), key)).isEqualTo(from.compareTo(key) <= 0);
        }
    }

    @Property
    void bytesAreOrderedUnsigned(@ForAll("keys") Bytes a, @ForAll("keys") Bytes b) {
        assertThat(Integer.signum(a.compareTo(b)))
                .isEqualTo(Integer.signum(java.util.Arrays.compareUnsigned(a.toByteArray(), b.toByteArray())));
        assertThat(a.equals(b)).isEqualTo(a.compareTo(b) == 0);
        if (a.equals(b)) {
            assertThat(a).hasSameHashCodeAs(b);
        }
    }

    @Example
    void theEndOfAPrefixSkipsBytesThatCannotGrow() {
        assertThat(KeyRange.prefix("ab")).isEqualTo(KeyRange.between(Bytes.of("ab"), Bytes.of("ac")));
        assertThat(KeyRange.prefix(Bytes.copyOf(new byte[] {'a', (byte) 0xff, (byte) 0xff}))
                        .end())
                .isEqualTo(Bytes.of("b"));
        assertThat(KeyRange.prefix(Bytes.copyOf(new byte[] {(byte) 0xff})).end())
                .isEqualTo(Bytes.copyOf(new byte[1]));
        assertThat(KeyRange.prefix("")).isEqualTo(KeyRange.all());
    }

    @Example
    void bytesReadAsTextOrHexadecimal() {
        assertThat(Bytes.of("é")).hasToString("é");
        assertThat(Bytes.copyOf(new byte[] {(byte) 0xff, 1})).hasToString("0xff01");
    }
}
