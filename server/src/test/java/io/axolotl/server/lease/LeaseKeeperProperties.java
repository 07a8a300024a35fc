package io.axolotl.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.lease.LeaseWorld.Keeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

/** Leases under leaders that come, go, linger in their belief, and stand still. */
class LeaseKeeperProperties {
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @Property(tries = 300)
    @Label("I9, GU-5, C8, P7: no lease ends before its TTL since its grant or its last answered renewal, and all end")
    void neverTooEarly(@ForAll long seed) {
        Random random = new Random(seed);
        LeaseWorld world = new LeaseWorld(2 + random.nextInt(6));
        List<Keeper> members = List.of(world.member(), world.member(), world.member());
        Keeper leader = members.get(0);
        world.elect(leader);
        Map<Long, Long> ttls = new TreeMap<>();
        Map<Long, Long> earliestEnds = new TreeMap<>();
        long nextId = 1;
        for (int step = 0; step < 60; step++) {
            int chance = random.nextInt(10);
            if (chance < 2) {
                long ttl = 2 + random.nextInt(20);
                world.grant(nextId, ttl);
                ttls.put(nextId, ttl);
                earliestEnds.put(nextId, world.elapsedNanos() + TimeUnit.SECONDS.toNanos(ttl));
                nextId++;
            } else if (chance < 5 && !ttls.isEmpty()) {
                long id = new ArrayList<>(ttls.keySet()).get(random.nextInt(ttls.size()));
                Keeper asked = members.get(random.nextInt(3));
                if (asked.renew(id).equals(List.of(new LeaseAnswer.Alive(ttls.get(id), ttls.get(id))))) {
                    earliestEnds.put(id, world.elapsedNanos() + TimeUnit.SECONDS.toNanos(ttls.get(id)));
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
            for (long id : ttls.keySet()) {
                boolean mayBeOver = world.elapsedNanos() + SLACK_NANOS >= earliestEnds.get(id);
                assertThat(world.exists(id) || mayBeOver).as("lease %s", id).isTrue();
            }
        }
        world.pass(60);
        assertThat(world.leases()).isZero();
    }
}
