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

    private static List<AtomicLong> clients(int count) {
        List<AtomicLong> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new AtomicLong());
        }
        return clients;
    }

    /** Each asks in its turn, until nobody is given any more. */
    private static void takeInTurns(Bound bound, List<AtomicLong> clients, long amount) {
        boolean isGiven = true;
        while (isGiven) {
            isGiven = false;
            for (AtomicLong held : clients) {
                isGiven |= bound.take(held, new AtomicLong(), amount, LIMIT) == Bound.Outcome.TAKEN;
            }
            assertThat(bound.taken()).isLessThanOrEqualTo(LIMIT);
        }
    }

    private static long fairPart(int clients) {
        return Bound.SHARE * LIMIT / (Bound.SHARE * clients + 1);
    }

    @Property(tries = 100)
    @Label("greedy clients come to equal parts, and one that has nothing yet is always let in")
    void greedyClientsLeaveRoom(
            @ForAll @IntRange(min = 1, max = 20) int greedy, @ForAll @IntRange(min = 1_000, max = 9_000) int amount) {
        Bound bound = new Bound();
        List<AtomicLong> clients = clients(greedy);
        takeInTurns(bound, clients, amount);
        long fair = fairPart(greedy);
        assertThat(clients).allSatisfy(held -> assertThat(held.get()).isBetween(fair - amount, fair + amount));
        assertThat(bound.take(new AtomicLong(), new AtomicLong(), amount, LIMIT))
                .isEqualTo(Bound.Outcome.TAKEN);
    }

    @Property(tries = 100)
    @Label("one that took all it could while it was alone comes down to its part as others ask and it gives back")
    void whoCameFirstComesDown(
            @ForAll @IntRange(min = 1, max = 10) int others, @ForAll @IntRange(min = 1_000, max = 9_000) int amount) {
        Bound bound = new Bound();
        AtomicLong first = new AtomicLong();
        takeInTurns(bound, List.of(first), amount);
        assertThat(first.get()).isBetween(fairPart(1) - amount, fairPart(1) + amount);
        List<AtomicLong> later = clients(others);
        for (long i = 0; i < LIMIT / amount; i++) {
            bound.giveBack(first, new AtomicLong(), Math.min(first.get(), amount));
            takeInTurns(bound, later, amount);
            Bound.Outcome unused = bound.take(first, new AtomicLong(), amount, LIMIT);
        }
        assertThat(first.get()).isLessThanOrEqualTo(fairPart(others + 1) + 2L * amount);
    }

    @Property(tries = 500)
    @Label("what is given back is free again, to the last byte")
    void nothingIsLost(@ForAll @Size(max = 50) List<@IntRange(min = 1, max = 200_000) Integer> amounts) {
        Bound bound = new Bound();
        AtomicLong held = new AtomicLong();
        List<Integer> taken = new ArrayList<>();
        for (int amount : amounts) {
            if (bound.take(held, new AtomicLong(), amount, LIMIT) == Bound.Outcome.TAKEN) {
                taken.add(amount);
            }
        }
        assertThat(held.get())
                .isEqualTo(taken.stream().mapToLong(Integer::longValue).sum());
        taken.forEach(amount -> bound.giveBack(held, new AtomicLong(), amount));
        assertThat(held.get()).isZero();
        assertThat(bound.taken()).isZero();
    }

    @Property(tries = 100)
    @Label(
            "a host with many connections comes to no more than its share, and one of another host to as much as any of them")
    void manyConnectionsAreNoWayToHaveAll(
            @ForAll @IntRange(min = 10, max = 200) int greedy, @ForAll @IntRange(min = 100, max = 900) int amount) {
        Bound bound = new Bound();
        AtomicLong host = new AtomicLong();
        List<AtomicLong> clients = clients(greedy);
        boolean isGiven = true;
        while (isGiven) {
            isGiven = false;
            for (AtomicLong held : clients) {
                isGiven |= bound.take(held, host, amount, LIMIT) == Bound.Outcome.TAKEN;
            }
        }
        assertThat(host.get())
                .isLessThanOrEqualTo(Bound.HOST_SHARE * LIMIT / (Bound.HOST_SHARE + 1) + amount)
                .isEqualTo(clients.stream().mapToLong(AtomicLong::get).sum());

        AtomicLong other = new AtomicLong();
        AtomicLong otherHost = new AtomicLong();
        while (bound.take(other, otherHost, amount, LIMIT) == Bound.Outcome.TAKEN) {
            assertThat(bound.taken()).isLessThanOrEqualTo(LIMIT);
        }
        assertThat(other.get()).as("three quarters of what was left").isGreaterThan(LIMIT / 16 * 3 / 4 - 2L * amount);
        for (AtomicLong held : clients) {
            bound.giveBack(held, host, held.get());
        }
        assertThat(host).hasValue(0);
    }
}
