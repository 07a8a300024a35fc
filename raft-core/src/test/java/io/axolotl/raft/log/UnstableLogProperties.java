package io.axolotl.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The ring buffer against a plain list. */
class UnstableLogProperties {
    @Property(tries = 500)
    void ringDoesWhatAListDoes(
            @ForAll @IntRange(min = 1, max = 50) int firstIndex,
            @ForAll @Size(max = 200) List<@IntRange(max = 9) Integer> deeds) {
        UnstableLog ring = new UnstableLog(firstIndex);
        List<Entry> list = new ArrayList<>();
        long first = firstIndex;
        for (int deed : deeds) {
            if (deed < 6) {
                Entry entry = Entry.noOp(new EntryId(1, first + list.size()));
                ring.append(entry);
                list.add(entry);
            } else if (deed == 9) {
                first += 3;
                ring.reset(first);
                list.clear();
            } else if (list.isEmpty()) {
                assertThatThrownBy(ring::removeFirst).isInstanceOf(IllegalArgumentException.class);
            } else if (deed == 6) {
                assertThat(ring.removeLast()).isEqualTo(list.remove(list.size() - 1));
            } else {
                assertThat(ring.removeFirst()).isEqualTo(list.remove(0));
                first++;
            }
            assertThat(ring.firstIndex()).isEqualTo(first);
            assertThat(ring.endIndex()).isEqualTo(first + list.size());
            for (int i = 0; i < list.size(); i++) {
                assertThat(ring.get(first + i)).isEqualTo(list.get(i));
            }
        }
        long end = ring.endIndex();
        assertThatThrownBy(() -> ring.get(end)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ring.append(Entry.noOp(new EntryId(1, end + 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
