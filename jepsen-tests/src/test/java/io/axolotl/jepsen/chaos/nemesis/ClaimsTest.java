package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private static final List<Integer> ALL = List.of(0, 1, 2);
    private final Claims claims = new Claims(3);

    @Test
    @DisplayName("a node belongs to one fault, until that lets it go")
    void aNodeBelongsToOneFault() {
        Claims.Claim first = claims.one(ALL).orElseThrow();
        assertThat(first.node()).isZero();
        assertThat(claims.one(ALL).orElseThrow().node()).isEqualTo(1);
        assertThat(claims.all(ALL)).isEmpty();
        first.close();
        first.close();
        assertThat(claims.isHeld(0)).isFalse();
        assertThat(claims.one(ALL).orElseThrow().node()).isZero();
    }

    @Test
    @DisplayName("data of no more than a minority is destroyed at a time")
    void neverMoreThanAMinorityIsDamaged() {
        Claims.Claim damaged = claims.oneToDamage(ALL).orElseThrow();
        assertThat(claims.oneToDamage(ALL)).isEmpty();
        // To kill the others is another matter.
        assertThat(claims.all(List.of(1, 2))).isPresent();
        damaged.close();
        assertThat(claims.oneToDamage(ALL).orElseThrow().node()).isZero();
        Claims five = new Claims(5);
        assertThat(five.oneToDamage(List.of(0, 1, 2, 3, 4))).isPresent();
        assertThat(five.oneToDamage(List.of(0, 1, 2, 3, 4))).isPresent();
        assertThat(five.oneToDamage(List.of(0, 1, 2, 3, 4))).isEmpty();
    }

    @Test
    @DisplayName("of a cluster of one nothing may be destroyed")
    void aSingleNodeIsNeverDamaged() {
        assertThat(new Claims(1).oneToDamage(List.of(0))).isEmpty();
    }
}
