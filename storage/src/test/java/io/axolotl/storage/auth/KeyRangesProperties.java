package io.axolotl.storage.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Ranges of permissions, held against every single key of a small world. */
class KeyRangesProperties {
    private static final byte[] ALPHABET = {0, 'a', 'b', 'c', (byte) 0xff};
    private static final byte[] SINGLE = {};
    private static final byte[] OPEN = {0};

    /** All keys of up to three bytes, and some behind each bound of those. */
    private static final List<byte[]> WORLD = world();

    private record Asked(byte[] key, byte[] rangeEnd) {
        KeyRanges.Span span() {
            return KeyRanges.span(key, rangeEnd);
        }

        /** What RG-2 says, in the plainest words. */
        boolean holds(byte[] candidate) {
            if (rangeEnd.length == 0) {
                return Arrays.equals(candidate, key);
            }
            boolean isOpen = rangeEnd.length == 1 && rangeEnd[0] == 0;
            return Arrays.compareUnsigned(candidate, key) >= 0
                    && (isOpen || Arrays.compareUnsigned(candidate, rangeEnd) < 0);
        }

        @Override
        public String toString() {
            return Arrays.toString(key) + " to " + Arrays.toString(rangeEnd);
        }
    }

    private static List<byte[]> world() {
        List<byte[]> all = new ArrayList<>();
        List<byte[]> last = List.of(new byte[0]);
        for (int length = 1; length <= 4; length++) {
            List<byte[]> next = new ArrayList<>();
            for (byte[] prefix : last) {
                for (byte letter : ALPHABET) {
                    byte[] key = Arrays.copyOf(prefix, length);
                    key[length - 1] = letter;
                    next.add(key);
                }
            }
            all.addAll(next);
            last = next;
        }
        return all;
    }

    @Provide
    Arbitrary<byte[]> keys() {
        return Arbitraries.integers()
                .between(0, ALPHABET.length - 1)
                .list()
                .ofMinSize(1)
                .ofMaxSize(2)
                .map(letters -> {
                    byte[] key = new byte[letters.size()];
                    for (int i = 0; i < key.length; i++) {
                        key[i] = ALPHABET[letters.get(i)];
                    }
                    return key;
                });
    }

    @Provide
    Arbitrary<Asked> ranges() {
        Arbitrary<byte[]> ends = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(2, Arbitraries.just(SINGLE)),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(OPEN)),
                net.jqwik.api.Tuple.of(5, keys()));
        return Combinators.combine(keys(), ends).as(Asked::new);
    }

    @Provide
    Arbitrary<List<Asked>> permissions() {
        return ranges().list().ofMaxSize(6);
    }

    @Property(tries = 2000)
    @Label("AU-10 a range is allowed if and only if each of its keys is, by whichever permissions")
    void aRangeIsCoveredIfEachOfItsKeysIs(@ForAll("permissions") List<Asked> given, @ForAll("ranges") Asked asked) {
        KeyRanges ranges = KeyRanges.of(given.stream().map(Asked::span).toList());
        List<byte[]> wanted = WORLD.stream().filter(asked::holds).toList();
        boolean isAllowed =
                wanted.stream().allMatch(key -> given.stream().anyMatch(permission -> permission.holds(key)));
        // Keys beyond the world: an open end needs an open permission, whatever is in the world.
        boolean needsOpen = asked.rangeEnd.length == 1 && asked.rangeEnd[0] == 0;
        boolean hasOpen = given.stream().anyMatch(one -> one.rangeEnd.length == 1 && one.rangeEnd[0] == 0);
        boolean isEmpty =
                !needsOpen && asked.rangeEnd.length > 0 && Arrays.compareUnsigned(asked.key, asked.rangeEnd) >= 0;
        boolean covers = ranges.covers(asked.key, asked.rangeEnd);
        if (covers && !isEmpty) {
            assertThat(isAllowed && (!needsOpen || hasOpen)).isTrue();
        }
        if (isAllowed && !isEmpty && (!needsOpen || hasOpen)) {
            assertThat(covers).isTrue();
        }
        if (isEmpty && covers) {
            assertThat(ranges.covers(asked.key, SINGLE)).isTrue();
        }
    }

    @Property(tries = 1000)
    @Label("AU-10 gaps are exactly the keys that are not covered, in order and apart")
    void gapsAreWhatIsNotCovered(@ForAll("permissions") List<Asked> given) {
        KeyRanges ranges = KeyRanges.of(given.stream().map(Asked::span).toList());
        List<KeyRanges.Span> gaps = ranges.gaps();
        for (byte[] key : WORLD) {
            boolean isInGap = gaps.stream()
                    .anyMatch(gap -> Arrays.compareUnsigned(gap.from(), key) <= 0
                            && (gap.to() == null || Arrays.compareUnsigned(key, gap.to()) < 0));
            assertThat(isInGap).isEqualTo(!ranges.covers(key, SINGLE));
        }
    }

    @Example
    @Label("GHSA-xg4h-6gfc-h4m8 a permission for one key is none for all keys from it on")
    void oneKeyIsNotAllFromItOn() {
        KeyRanges one = KeyRanges.of(List.of(KeyRanges.span(new byte[] {'k'}, SINGLE)));
        assertThat(one.covers(new byte[] {'k'}, SINGLE)).isTrue();
        assertThat(one.covers(new byte[] {'k'}, OPEN)).isFalse();
        assertThat(one.covers(new byte[] {'k'}, new byte[] {'l'})).isFalse();
    }

    @Example
    @Label("AU-10 ranges that touch are one")
    void rangesThatTouchAreOne() {
        KeyRanges joined = KeyRanges.of(List.of(
                KeyRanges.span(new byte[] {'a'}, new byte[] {'b'}),
                KeyRanges.span(new byte[] {'b'}, new byte[] {'c'})));
        assertThat(joined.covers(new byte[] {'a'}, new byte[] {'c'})).isTrue();
        assertThat(joined.gaps()).hasSize(2);
    }
}
