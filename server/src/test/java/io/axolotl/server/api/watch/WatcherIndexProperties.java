package io.axolotl.server.api.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The index of watchers against asking each of them. */
class WatcherIndexProperties {
    /** Adds a watcher of this span, or, if {@code isRemoval}, removes one that is there. */
    record Change(boolean isRemoval, int which, ByteString key, ByteString end) {}

    @Property(tries = 2000)
    @Label("B.7: an event finds exactly the watchers whose key or range holds its key, whatever was added and removed")
    void findsWhoeverIsConcernedAndNobodyElse(@ForAll("changes") List<Change> changes) {
        WatcherIndex<Integer> index = new WatcherIndex<>();
        Map<Integer, KeySpan> naive = new HashMap<>();
        int next = 0;
        for (Change change : changes) {
            if (change.isRemoval() && !naive.isEmpty()) {
                List<Integer> present = new ArrayList<>(naive.keySet());
                Integer gone = present.get(change.which() % present.size());
                index.remove(Objects.requireNonNull(naive.remove(gone)), gone);
            } else {
                KeySpan span = KeySpan.of(change.key(), change.end());
                if (!span.isEmpty()) {
                    naive.put(next, span);
                    index.add(span, next++);
                }
            }
        }

        assertThat(index.size()).isEqualTo(naive.size());
        assertThat(index.isEmpty()).isEqualTo(naive.isEmpty());
        for (Change change : changes) {
            for (ByteString text :
                    List.of(change.key(), change.end(), change.key().concat(change.end()))) {
                byte[] key = text.toByteArray();
                List<Integer> found = new ArrayList<>();
                index.forEachOn(key, found::add);
                List<Integer> expected = naive.entrySet().stream()
                        .filter(watcher -> watcher.getValue().contains(key))
                        .map(Map.Entry::getKey)
                        .toList();
                assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        // Few bytes, some of them above 0x7f, so that ranges meet, nest and compare as unsigned.
        Arbitrary<ByteString> keys = Arbitraries.of((byte) 0, (byte) 1, (byte) 'a', (byte) 0x80, (byte) 0xff)
                .list()
                .ofMaxSize(3)
                .map(bytes -> {
                    byte[] array = new byte[bytes.size()];
                    for (int i = 0; i < array.length; i++) {
                        array[i] = bytes.get(i);
                    }
                    return ByteString.copyFrom(array);
                });
        return Combinators.combine(
                        Arbitraries.integers().between(0, 9).map(n -> n < 3),
                        Arbitraries.integers().between(0, 1000),
                        keys,
                        keys)
                .as(Change::new)
                .list()
                .ofMaxSize(60);
    }
}
