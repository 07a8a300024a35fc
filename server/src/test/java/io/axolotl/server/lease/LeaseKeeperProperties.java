package io.axolotl.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.lease.LeaseWorld.Keeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leases under leaders that come, go, linger in their belief, and stand still. */
class LeaseKeeperProperties {
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What the client of a lease knows. */
    private static final class Held {
        private final long id;
        private final long ttlSeconds;
        private long earliestEndNanos;

        Held(long id, long ttlSeconds) {
            this.id = id;
            this.ttlSeconds = ttlSeconds;
        }

        void hasAllFrom(long nowNanos) {
            earliestEndNanos = nowNanos + TimeUnit.SECONDS.toNanos(ttlSeconds);
        }
    }

    @Property(tries = 300)
    @Label("I9, GU-5, C8, P7: no lease ends before its TTL since its grant or its last answered renewal, and all end")
    void neverTooEarly(@ForAll long seed) {
        live(seed, world -> {});
    }

    @Test
    @DisplayName("P7: the property sees an old leader that ends leases which another has renewed, within fifty worlds")
    void anExpiryOfAnOldLeaderIsSeen() {
        assertThat(LongStream.rangeClosed(1, 50).anyMatch(seed -> {
                    try {
                        live(seed, LeaseWorld::overlookTerms);
                        return false;
                    } catch (AssertionError ended) {
                        return String.valueOf(ended.getMessage()).contains("[lease ");
                    }
                }))
                .isTrue();
    }

    private static void live(long seed, Consumer<LeaseWorld> bug) {
        Random random = new Random(seed);
        LeaseWorld world = new LeaseWorld(2 + random.nextInt(6));
        bug.accept(world);
        List<Keeper> members = List.of(world.member(), world.member(), world.member());
        Keeper leader = members.get(0);
        world.elect(leader);
        List<Held> held = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            int chance = random.nextInt(10);
            if (chance < 2) {
                Held granted = new Held(held.size() + 1L, 2L + random.nextInt(20));
                world.grant(granted.id, granted.ttlSeconds);
                granted.hasAllFrom(world.elapsedNanos());
                held.add(granted);
            } else if (chance < 5 && !held.isEmpty()) {
                Held one = held.get(random.nextInt(held.size()));
                Keeper asked = members.get(random.nextInt(3));
                if (asked.renew(one.id).equals(List.of(new LeaseAnswer.Alive(one.ttlSeconds, one.ttlSeconds)))) {
                    one.hasAllFrom(world.elapsedNanos());
                }
            } else if (chance == 5) {
                Keeper before = leader;
                leader = members.get(random.nextInt(3));
                if (random.nextBoolean() && before != leader) {
                    world.elect(leader, before);
                } else {
                    world.elect(leader);
                }
            } else if (chance == 6) {
                world.pause(random.nextInt(5));
            }
            world.pass(Duration.ofMillis(100L * random.nextInt(30)));
            for (Held one : held) {
                boolean mayBeOver = world.elapsedNanos() + SLACK_NANOS >= one.earliestEndNanos;
                assertThat(world.exists(one.id) || mayBeOver)
                        .as("lease %s", one.id)
                        .isTrue();
            }
        }
        world.pass(60);
        assertThat(world.leases()).isZero();
    }
}
