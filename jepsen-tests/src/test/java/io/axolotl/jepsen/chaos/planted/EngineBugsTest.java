package io.axolotl.jepsen.chaos.planted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EngineBugsTest {
    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** As rev has them: main and sub. */
    private static byte[] revision(long main) {
        return ByteBuffer.allocate(12).putLong(main).putInt(0).array();
    }

    private static void put(KvEngine engine, Space space, byte[] key, byte[] value) {
        try (AtomicWrite write = engine.newWrite()) {
            write.put(space, key, value);
            engine.write(write);
        }
    }

    private static List<String> keys(EngineCursor open) {
        List<String> found = new ArrayList<>();
        try (EngineCursor cursor = open) {
            while (cursor.next()) {
                assertThat(cursor.firstValueByte()).isEqualTo(cursor.value()[0]);
                found.add(new String(cursor.key(), UTF_8));
            }
        }
        return found;
    }

    @Test
    @DisplayName(
            "watch-skips: who reads history to its end misses every twentieth revision, who reads a part of it misses none")
    void historyHasHoles() {
        try (KvEngine engine = new EngineBugs.SkipsHistory(MemoryEngine.inMemory())) {
            for (long main = 1; main <= 45; main++) {
                put(engine, Space.REV, revision(main), bytes("x"));
            }
            try (EngineView view = engine.view()) {
                assertThat(keys(view.scan(Space.REV, revision(1), null)))
                        .hasSize(43)
                        .doesNotContain(new String(revision(20), UTF_8), new String(revision(40), UTF_8));
                assertThat(keys(view.scan(Space.REV, revision(1), revision(46))))
                        .hasSize(45);
            }
        }
    }

    @Test
    @DisplayName("range-ends-early: a range lacks its last key, a single key and the rest of the engine do not")
    void aRangeLacksItsLastKey() {
        try (KvEngine engine = new RangeBugs.EndsRangesEarly(MemoryEngine.inMemory())) {
            List.of("a", "b", "c").forEach(key -> put(engine, Space.IDX, bytes(key), bytes("x")));
            try (EngineView view = engine.view()) {
                assertThat(keys(view.scan(Space.IDX, bytes("a"), bytes("d")))).containsExactly("a", "b");
                assertThat(keys(view.scan(Space.IDX, bytes("a"), bytes("b")))).isEmpty();
                assertThat(keys(view.scan(Space.IDX, bytes("x"), bytes("y")))).isEmpty();
                assertThat(view.get(Space.IDX, bytes("c"))).isEqualTo(bytes("x"));
            }
            assertThat(keys(engine.scan(Space.IDX, bytes("a"), bytes("d")))).containsExactly("a", "b", "c");
        }
    }

    @Test
    @DisplayName(
            "range-half-old: of a range that is read again the second half is what it was, a single key and another range are not")
    void aRangeIsOfTwoMoments() {
        try (KvEngine engine = new RangeBugs.KeepsHalfOfRanges(MemoryEngine.inMemory())) {
            List.of("a", "b", "c", "d").forEach(key -> put(engine, Space.IDX, bytes(key), bytes("1")));
            assertThat(values(engine, "a", "e")).containsExactly("1", "1", "1", "1");
            List.of("a", "b", "c", "d").forEach(key -> put(engine, Space.IDX, bytes(key), bytes("2")));
            assertThat(values(engine, "a", "e")).containsExactly("2", "2", "1", "1");
            assertThat(values(engine, "a", "e")).containsExactly("2", "2", "2", "2");
            assertThat(values(engine, "c", "e")).containsExactly("2", "2");
            try (EngineView view = engine.view()) {
                assertThat(view.get(Space.IDX, bytes("d"))).isEqualTo(bytes("2"));
                assertThat(keys(view.scan(Space.IDX, bytes("a"), bytes("e")))).containsExactly("a", "b", "c", "d");
            }
        }
    }

    @Test
    @DisplayName("range-half-old: what a later view has shown is not mixed into an earlier one")
    void aRangeIsNeverOfTheFuture() {
        try (KvEngine engine = new RangeBugs.KeepsHalfOfRanges(MemoryEngine.inMemory())) {
            List.of("a", "b").forEach(key -> put(engine, Space.IDX, bytes(key), bytes("1")));
            try (EngineView early = engine.view()) {
                List.of("a", "b").forEach(key -> put(engine, Space.IDX, bytes(key), bytes("2")));
                assertThat(values(engine, "a", "e")).containsExactly("2", "2");
                assertThat(values(early, "a", "e")).containsExactly("1", "1");
            }
        }
    }

    private static List<String> values(KvEngine engine, String from, String toExclusive) {
        try (EngineView view = engine.view()) {
            return values(view, from, toExclusive);
        }
    }

    private static List<String> values(EngineView view, String from, String toExclusive) {
        List<String> found = new ArrayList<>();
        try (EngineCursor cursor = view.scan(Space.IDX, bytes(from), bytes(toExclusive))) {
            while (cursor.next()) {
                found.add(new String(cursor.value(), UTF_8));
            }
        }
        return found;
    }

    @Test
    @DisplayName("member-differs: of some keys another value is kept, of others and of tombstones what was given")
    void someValuesChange() {
        byte[] given = {2, 1, 0, 0, 1, '8'};
        byte[] other = {2, 1, 0, 0, 1, '9'};
        byte[] tombstone = {1, 1, 0};
        int changed = 0;
        try (KvEngine engine = new EngineBugs.ChangesValues(MemoryEngine.inMemory())) {
            for (int i = 0; i < 40; i++) {
                byte[] key = bytes("k" + i);
                put(engine, Space.IDX, key, given);
                byte[] kept = engine.get(Space.IDX, key);
                assertThat(kept).isIn(given, other);
                changed += Arrays.equals(kept, other) ? 1 : 0;
                put(engine, Space.IDX, key, tombstone);
                assertThat(engine.get(Space.IDX, key)).isEqualTo(tombstone);
                put(engine, Space.META, key, given);
                assertThat(engine.get(Space.META, key)).isEqualTo(given);
            }
        }
        assertThat(changed).isBetween(5, 20);
    }
}
