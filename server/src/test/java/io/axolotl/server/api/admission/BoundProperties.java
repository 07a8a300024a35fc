package io.axolotl.server.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Pitfall 62: what is bounded stays bounded, and nobody takes all of it. */
class BoundProperties {
    private static final long LIMIT = 1_000_000;

    /** Takes as often as it is given. */
    private static void takeAll(Bound bound, AtomicLong held, long amount) {
        while (bound.take(held, amount, LIMIT) == Bound.Outcome.TAKEN) {
            assertThat(bound.taken()).isLessThanOrEqualTo(LIMIT);
        }
    }

    @Property(tries = 100)
    @Label(
            "each of several greedy clients comes to at least a third of its fair part, none to twice of it, and one that has nothing yet is always let in")
    void greedyClientsLeaveRoom(
            @ForAll @IntRange(min = 1, max = 20) int greedy, @ForAll @IntRange(min = 1_000, max = 9_000) int amount) {
        Bound bound = new Bound();
        List<AtomicLong> clients = new ArrayList<>();
        for (int i = 0; i < greedy; i++) {
            clients.add(new AtomicLong());
        }
        // The first takes all it can; then they give back and take in turns, as clients do.
        for (int round = 0; round < 60; round++) {
            for (AtomicLong held : clients) {
                bound.giveBack(held, Math.min(held.get(), held.get() / amount / 4 * amount));
                takeAll(bound, held, amount);
            }
        }
        long fair = Bound.SHARE * LIMIT / (Bound.SHARE * greedy + 1);
        assertThat(clients).allSatisfy(held -> assertThat(held.get()).isBetween(fair / 3, 2 * fair));
        assertThat(bound.take(new AtomicLong(), amount, LIMIT)).isEqualTo(Bound.Outcome.TAKEN);
    }

    @Property(tries = 500)
    @Label("what is given back is free again, to the last byte")
    void nothingIsLost(@ForAll @Size(max = 50) List<@IntRange(min = 1, max = 200_000) Integer> amounts) {
        Bound bound = new Bound();
        AtomicLong held = new AtomicLong();
        List<Integer> taken = new ArrayList<>();
        for (int amount : amounts) {
            if (bound.take(held, amount, LIMIT) == Bound.Outcome.TAKEN) {
                taken.add(amount);
            }
        }
        assertThat(held.get())
                .isEqualTo(taken.stream().mapToLong(Integer::longValue).sum());
        taken.forEach(amount -> bound.giveBack(held, amount));
        assertThat(held.get()).isZero();
        assertThat(bound.taken()).isZero();
    }
}
