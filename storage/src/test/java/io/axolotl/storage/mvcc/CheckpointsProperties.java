package io.axolotl.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Two members' checkpoints tell where their histories part, by bisection as by looking at each. */
class CheckpointsProperties {
    private static Checkpoints of(int from, int to, int differsFrom) {
        List<Long> indexes = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            indexes.add(64L * i);
        }
        long[] at = indexes.stream().mapToLong(Long::longValue).toArray();
        long[] digests =
                indexes.stream().mapToLong(i -> i >= 64L * differsFrom ? -i : i).toArray();
        return new Checkpoints(at, digests);
    }

    @Property(tries = 500)
    void theFirstDifferenceIsFound(
            @ForAll @IntRange(min = 1, max = 40) int oneFrom,
            @ForAll @IntRange(min = 0, max = 60) int oneLength,
            @ForAll @IntRange(min = 1, max = 40) int otherFrom,
            @ForAll @IntRange(min = 0, max = 60) int otherLength,
            @ForAll @IntRange(min = 1, max = 120) int parting) {
        Checkpoints one = of(oneFrom, oneFrom + oneLength, parting);
        Checkpoints other = of(otherFrom, otherFrom + otherLength, Integer.MAX_VALUE / 128);
        long differs = Checkpoints.NOWHERE;
        long equal = Checkpoints.NOWHERE;
        for (int i = Math.max(oneFrom, otherFrom); i <= Math.min(oneFrom + oneLength, otherFrom + otherLength); i++) {
            if (i < parting) {
                equal = 64L * i;
            } else if (differs == Checkpoints.NOWHERE) {
                differs = 64L * i;
            }
        }
        assertThat(one.differsFrom(other)).isEqualTo(differs);
        assertThat(other.differsFrom(one)).isEqualTo(differs);
        assertThat(one.equalThrough(other)).isEqualTo(equal);
    }

    @Test
    void unorderedIndexesAreRefused() {
        assertThatThrownBy(() -> new Checkpoints(new long[] {128, 64}, new long[2]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
