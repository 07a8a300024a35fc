package io.axolotl.jepsen.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.Bytes;
import io.axolotl.client.KeyValue;
import io.axolotl.client.WatchEvent;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("WA-3: the judge of watches sees what is missing, comes twice, or comes in another order")
class EventJudgeTest {
    private final EventJudge judge = new EventJudge();

    private void put(String key, long revision, long version) {
        judge.told(new WatchEvent(
                false, new KeyValue(Bytes.of(key), 1, revision, version, Bytes.of("v"), 0), Optional.empty()));
    }

    @Test
    void aWholeHistoryIsRight() {
        put("a", 2, 1);
        put("b", 2, 1);
        put("a", 5, 2);
        judge.fenced(3);
        judge.fenced(3);
        judge.fenced(7);
        assertThat(judge.violation()).isEmpty();
        assertThat(judge.version(Bytes.of("a"))).isEqualTo(2);
        assertThat(judge.events()).isEqualTo(3);
    }

    @Test
    void aMissingEventIsSeenAtTheNext() {
        put("a", 2, 1);
        put("a", 4, 3);
        assertThat(judge.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("after version 1"));
    }

    @Test
    void anEventThatComesTwiceIsSeen() {
        put("a", 2, 1);
        put("a", 2, 1);
        assertThat(judge.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("revision 2 of a"));
    }

    @Test
    void anEventOfThePastIsSeen() {
        put("a", 3, 1);
        put("b", 2, 1);
        assertThat(judge.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("came after revision 3"));
    }

    @Test
    @DisplayName("N10: a write of an earlier holder after one of a later holder is seen")
    void anOldTokenAfterANewOneIsSeen() {
        judge.fenced(7);
        judge.fenced(3);
        assertThat(judge.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("fencing token 3"));
    }
}
