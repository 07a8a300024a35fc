package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.nemesis.Effect.Seen;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EffectTest {
    private static final long PAUSE = 5;

    private long now;

    private Seen await(Effect effect, long until) {
        return effect.await(() -> now >= until, nanos -> now += nanos, PAUSE);
    }

    @Test
    @DisplayName("it is looked at until it is seen, and no longer")
    void looksUntilItIsSeen() {
        Iterator<Seen> looks = List.of(Seen.NOT_YET, Seen.HIDDEN, Seen.YES).iterator();
        assertThat(await(looks::next, 100)).isEqualTo(Seen.YES);
        assertThat(looks.hasNext()).isFalse();
        assertThat(now).isEqualTo(2 * PAUSE);
    }

    @Test
    @DisplayName("what is not seen by the end was not felt, and one look is always taken")
    void theLastLookCounts() {
        assertThat(await(() -> Seen.NOT_YET, 12)).isEqualTo(Seen.NOT_YET);
        assertThat(now).isEqualTo(3 * PAUSE);
        assertThat(await(Effect.known(true), 0)).isEqualTo(Seen.YES);
        assertThat(await(Effect.known(false), 0)).isEqualTo(Seen.NOT_YET);
    }

    @Test
    @DisplayName("whoever cannot be looked at any more is hidden, and is looked at again")
    void whoIsGoneIsHidden() {
        assertThat(await(
                        Effect.of(() -> {
                            throw new IllegalStateException("it is gone");
                        }),
                        12))
                .isEqualTo(Seen.HIDDEN);
        assertThat(now).isEqualTo(3 * PAUSE);
    }

    @Test
    @DisplayName("a fault that could be looked at and was not felt leaves a run undecided, by its name")
    void anUnfeltFaultIsUndecided() {
        Teeth teeth = new Teeth();
        assertThat(teeth.verdict().kind()).isEqualTo(Verdict.Kind.VALID);
        assertThat(teeth.note("pause of n1", Seen.YES)).isEqualTo(", felt");
        assertThat(teeth.note("flip-wal of n2", Seen.HIDDEN)).isEmpty();
        assertThat(teeth.verdict().kind()).isEqualTo(Verdict.Kind.VALID);
        assertThat(teeth.verdict().summary())
                .isEqualTo("1 of the 1 faults that could be looked at were felt, 1 could not be looked at");
        assertThat(teeth.note("slow-disk of n3", Seen.NOT_YET)).isEqualTo(", NOT felt");
        assertThat(teeth.verdict().kind()).isEqualTo(Verdict.Kind.UNDECIDED);
        assertThat(teeth.verdict().evidence()).containsExactly("slow-disk of n3 was not felt");
    }
}
