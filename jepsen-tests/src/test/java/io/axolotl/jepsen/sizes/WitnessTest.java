package io.axolotl.jepsen.sizes;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of watchers, shown what it must see (WA-3: reliable, ordered, each event once). */
class WitnessTest {
    private static final WatchedKeys KEYS = new WatchedKeys("w/", 4);

    private final Witness witness = new Witness(KEYS, 1, 2, new long[] {0, 0, 5, 0});

    private static Event put(int key, long version, long revision) {
        return Event.newBuilder()
                .setKv(KeyValue.newBuilder()
                        .setKey(KEYS.key(key))
                        .setVersion(version)
                        .setModRevision(revision))
                .build();
    }

    @Test
    void everyChangeOnceInOrderIsClean() {
        witness.take(put(1, 1, 10));
        witness.take(put(2, 6, 11));
        witness.take(put(1, 2, 12));
        Witness.Verdict verdict = witness.verdict(new long[] {9, 2, 6, 9});
        assertThat(verdict.isClean()).as(verdict.toString()).isTrue();
        assertThat(verdict.received()).isEqualTo(3);
    }

    @Test
    @DisplayName("WA-3: a gap in the middle, and an end that never came, are missing")
    void changesThatDoNotComeAreMissing() {
        witness.take(put(1, 1, 10));
        witness.take(put(1, 4, 20));
        assertThat(witness.outstanding(new long[] {0, 5, 6, 0})).isEqualTo(2);
        assertThat(witness.verdict(new long[] {0, 5, 6, 0}).missing()).isEqualTo(4);
    }

    @Test
    void aChangeThatComesTwiceIsRepeated() {
        witness.take(put(1, 1, 10));
        witness.take(put(1, 1, 10));
        Witness.Verdict verdict = witness.verdict(new long[] {0, 1, 5, 0});
        assertThat(verdict.repeated()).isEqualTo(1);
        assertThat(verdict.missing()).isZero();
        assertThat(verdict.isClean()).isFalse();
    }

    @Test
    void anOlderRevisionAfterANewerOneIsOutOfOrder() {
        witness.take(put(2, 6, 11));
        witness.take(put(1, 1, 10));
        assertThat(witness.verdict(new long[] {0, 1, 6, 0}).disordered()).isEqualTo(1);
    }

    @Test
    void aKeyThatIsNotWatchedIsForeign() {
        witness.take(put(3, 1, 10));
        witness.take(
                Event.newBuilder(put(1, 1, 11)).setType(Event.EventType.DELETE).build());
        assertThat(witness.verdict(new long[] {0, 0, 5, 1}).foreign()).isEqualTo(2);
    }
}
