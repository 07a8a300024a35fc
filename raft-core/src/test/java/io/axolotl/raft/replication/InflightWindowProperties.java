package io.axolotl.raft.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Pitfall 62: the window against a plain list of what is in flight. */
class InflightWindowProperties {
    private record Sent(long lastIndex, long bytes, long atNanos) {}

    @Property(tries = 1000)
    void windowDoesWhatAListDoes(
            @ForAll @IntRange(min = 1, max = 20) int maxMessages,
            @ForAll @IntRange(min = 1, max = 500) int maxBytes,
            @ForAll @Size(max = 150) List<@IntRange(max = 999) Integer> deeds) {
        InflightWindow window = new InflightWindow(maxMessages, maxBytes);
        List<Sent> list = new ArrayList<>();
        long next = 0;
        for (int i = 0; i < deeds.size(); i++) {
            int deed = deeds.get(i);
            if (deed % 20 == 0) {
                window.clear();
                list.clear();
            } else if (deed % 4 == 0) {
                long freed = next - deed % 30;
                window.freeTo(freed);
                list.removeIf(sent -> sent.lastIndex() <= freed);
            } else {
                long bytes = deed;
                long inFlight = list.stream().mapToLong(Sent::bytes).sum();
                boolean fits = list.isEmpty() || (list.size() < maxMessages && inFlight + bytes <= maxBytes);
                assertThat(window.fits(bytes)).isEqualTo(fits);
                if (fits) {
                    next += 1 + deed % 5;
                    window.add(next, bytes, i);
                    list.add(new Sent(next, bytes, i));
                } else {
                    long index = next + 1;
                    long now = i;
                    assertThatThrownBy(() -> window.add(index, bytes, now)).isInstanceOf(AssertionError.class);
                }
            }
            compare(window, list, maxMessages, maxBytes);
        }
    }

    private static void compare(InflightWindow window, List<Sent> list, int maxMessages, long maxBytes) {
        assertThat(window.count()).isEqualTo(list.size());
        assertThat(window.isEmpty()).isEqualTo(list.isEmpty());
        long inFlight = list.stream().mapToLong(Sent::bytes).sum();
        assertThat(window.isFull()).isEqualTo(!list.isEmpty() && (list.size() >= maxMessages || inFlight >= maxBytes));
        if (list.isEmpty()) {
            assertThatThrownBy(window::oldestSentNanos).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(window::oldestLastIndex).isInstanceOf(IllegalStateException.class);
        } else {
            assertThat(window.oldestLastIndex()).isEqualTo(list.get(0).lastIndex());
            assertThat(window.oldestSentNanos()).isEqualTo(list.get(0).atNanos());
        }
    }
}
