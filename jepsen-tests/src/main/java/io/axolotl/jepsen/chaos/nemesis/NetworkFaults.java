package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.environment.Link;
import io.axolotl.jepsen.chaos.environment.LinkRules;
import io.axolotl.jepsen.chaos.environment.LinkState;
import io.axolotl.jepsen.chaos.environment.LinkTally;
import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.ToLongFunction;

/** What is done to links between members. Clients still reach everybody, except where it says that they do not. */
final class NetworkFaults {
    private NetworkFaults() {}

    static List<Fault> all() {
        return List.of(
                cuts("halves", List.of("N3"), 3, NetworkFaults::halves),
                cuts("isolated-leader", List.of("N1"), 3, NetworkFaults::isolatedLeader),
                cuts("no-majority", List.of("N4"), 2, NetworkFaults::noMajority).withoutQuorum(),
                cuts("partial-cut", List.of("N5"), 3, NetworkFaults::partial),
                cuts("bridge", List.of("N6"), 5, NetworkFaults::bridge),
                cuts("majority-ring", List.of("N5"), 5, NetworkFaults::ring),
                cuts("one-way", List.of("N7", "N8"), 3, NetworkFaults::oneWay),
                Fault.of("flapping", List.of("N10"), NetworkFaults::flap)
                        .needing(Ability.LINKS)
                        .from(2)
                        .lasting(0, 1_000),
                Fault.of("slow-links", List.of("N12"), NetworkFaults::slow)
                        .needing(Ability.SLOW_LINKS)
                        .from(2),
                packets("lossy-links", List.of("N11"), 30, LinkState::lossy, LinkTally::lost, "% lost"),
                packets(
                        "reordered-links",
                        List.of("N14"),
                        30,
                        LinkState::reordered,
                        LinkTally::overtaken,
                        "% overtaken by others"),
                // No entry of its own: what arrives twice is dropped by TCP, and no message is.
                packets("doubled-links", List.of(), 50, LinkState::doubled, LinkTally::doubled, "% arrive twice"),
                // TCP notices, and has them sent again.
                packets(
                        "corrupt-links",
                        List.of("N11"),
                        20,
                        LinkState::corrupt,
                        LinkTally::corrupt,
                        "a bit flipped in %"),
                Fault.of("narrow-links", List.of("N18"), NetworkFaults::narrow)
                        .needing(Ability.SLOW_LINKS)
                        .from(2),
                // Connections that are there stay open, and nothing comes through.
                Fault.of("client-cut", List.of("N16", "N20"), NetworkFaults::clientCut)
                        .needing(Ability.CLIENT_LINKS));
    }

    /** Which links are cut, and who is hurt by it. */
    private record Severed(String victims, Collection<Link> links) {}

    /** Says which. */
    private interface Cut {
        Optional<Severed> draw(Scene scene, SplittableRandom chance);
    }

    private static Fault cuts(String id, List<String> catalogue, int leastNodes, Cut cut) {
        Fault.Action action = (scene, chance) -> cut.draw(scene, chance)
                .map(severed -> hurt(
                                scene,
                                severed.victims,
                                severed.links,
                                LinkState.CUT,
                                "cut: " + describe(scene, severed.links))
                        .shownBy(Effects.silent(scene, severed.links)));
        return Fault.of(id, catalogue, action)
                .needing(Ability.LINKS)
                .from(leastNodes)
                .lasting(3_000, 8_000);
    }

    private static Injury hurt(Scene scene, String victims, Collection<Link> links, LinkState state, String what) {
        LinkRules.Rule rule = scene.environment().network().links().impose(links, state);
        return new Injury(victims, what, rule::close);
    }

    /** {@code n1>n2} is what n1 sends to n2, {@code n1-n2} both directions. */
    private static String describe(Scene scene, Collection<Link> links) {
        if (links.size() == scene.size() * (scene.size() - 1)) {
            return "all links";
        }
        List<String> words = new ArrayList<>();
        for (Link link : links) {
            boolean isBoth = links.contains(new Link(link.to(), link.from()));
            if (!isBoth || link.from() < link.to()) {
                words.add(scene.name(link.from()) + (isBoth ? "-" : ">") + scene.name(link.to()));
            }
        }
        return String.join(" ", words);
    }

    private static Optional<Severed> halves(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.oftenLeaderFirst(chance);
        int minority = (scene.size() - 1) / 2;
        return Optional.of(new Severed(
                scene.names(order.subList(0, minority)),
                Link.between(order.subList(0, minority), order.subList(minority, order.size()))));
    }

    private static Optional<Severed> isolatedLeader(Scene scene, SplittableRandom chance) {
        return scene.leader()
                .map(leader -> new Severed(scene.name(leader), Link.between(List.of(leader), others(scene, leader))));
    }

    private static Optional<Severed> noMajority(Scene scene, SplittableRandom chance) {
        return Optional.of(new Severed("all", Link.all(scene.size())));
    }

    private static List<Integer> others(Scene scene, int one) {
        return scene.all().stream().filter(number -> number != one).toList();
    }

    private static Optional<Severed> partial(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.oftenLeaderFirst(chance);
        return Optional.of(new Severed(scene.names(order.subList(0, 2)), Link.between(order.get(0), order.get(1))));
    }

    /** Two halves that one node alone sees both of. */
    private static Optional<Severed> bridge(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.shuffled(chance);
        int half = (order.size() - 1) / 2;
        return Optional.of(
                new Severed("all", Link.between(order.subList(1, 1 + half), order.subList(1 + half, order.size()))));
    }

    /** Everybody sees a majority, and no two the same one. */
    private static Optional<Severed> ring(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.shuffled(chance);
        int size = order.size();
        int reach = size / 2 / 2;
        List<Link> cut = new ArrayList<>();
        for (Link link : Link.all(size)) {
            int distance = Math.abs(link.from() - link.to());
            if (Math.min(distance, size - distance) > reach) {
                cut.add(new Link(order.get(link.from()), order.get(link.to())));
            }
        }
        return Optional.of(new Severed("all", cut));
    }

    /** One node is deaf or mute, for all or for one. */
    private static Optional<Severed> oneWay(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.oftenLeaderFirst(chance);
        int victim = order.get(0);
        boolean isDeaf = chance.nextBoolean();
        List<Integer> others = chance.nextInt(4) == 0 ? order.subList(1, 2) : order.subList(1, order.size());
        return Optional.of(new Severed(
                scene.name(victim),
                others.stream()
                        .map(other -> isDeaf ? new Link(other, victim) : new Link(victim, other))
                        .toList()));
    }

    /** Links are cut one by one and come back in another order, again and again. */
    private static Optional<Injury> flap(Scene scene, SplittableRandom chance) {
        long since = System.nanoTime();
        int rounds = 3 + chance.nextInt(4);
        List<LinkRules.Rule> cut = new ArrayList<>();
        Effect.Seen seen = Effect.Seen.NOT_YET;
        try {
            for (int round = 0; round < rounds; round++) {
                for (int victim : scene.shuffled(chance)) {
                    List<Link> links = Link.between(List.of(victim), others(scene, victim));
                    cut.add(scene.environment().network().links().impose(links, LinkState.CUT));
                    Scene.rest(50 + chance.nextInt(200));
                }
                if (round == 0) {
                    // One is enough: each look takes half a second, in which all of them stay cut.
                    seen = Effects.silent(scene, Link.all(scene.size()).subList(0, 1))
                            .look();
                }
                while (!cut.isEmpty()) {
                    cut.remove(chance.nextInt(cut.size())).close();
                    Scene.rest(50 + chance.nextInt(200));
                }
                Scene.rest(chance.nextInt(1_000));
            }
        } finally {
            cut.forEach(LinkRules.Rule::close);
        }
        Effect.Seen known = seen;
        return Optional.of(
                new Injury("all", rounds + " times cut one by one and mended in another order", since, () -> {})
                        .shownBy(() -> known));
    }

    /** Of some links: all, those of one node, or one direction. */
    private static Severed some(Scene scene, SplittableRandom chance) {
        List<Integer> order = scene.oftenLeaderFirst(chance);
        String one = scene.name(order.get(0));
        List<Integer> others = order.subList(1, order.size());
        return switch (chance.nextInt(3)) {
            case 0 -> new Severed("all", Link.all(scene.size()));
            case 1 -> new Severed(one, Link.between(List.of(order.get(0)), others));
            default ->
                new Severed(
                        one,
                        others.stream()
                                .map(other -> new Link(order.get(0), other))
                                .toList());
        };
    }

    /**
     * Does something to packets of some links.
     *
     * @param share of the packets to which it is done, 0 to 1
     * @param count of what it has been done to, which has to grow
     */
    private static Optional<Injury> spoil(
            Scene scene,
            SplittableRandom chance,
            LinkState state,
            double share,
            ToLongFunction<LinkTally> count,
            String what) {
        Severed some = some(scene, chance);
        Effect effect = Effects.counted(scene, some.links, count, share);
        return Optional.of(hurt(scene, some.victims, some.links, state, what + ": " + describe(scene, some.links))
                .shownBy(effect));
    }

    /**
     * Does something to a few packets in a hundred.
     *
     * @param state with such a share of them
     * @param what in words, with a % for so many percent of the packets
     */
    private static Fault packets(
            String id,
            List<String> catalogue,
            int mostPercent,
            DoubleFunction<LinkState> state,
            ToLongFunction<LinkTally> count,
            String what) {
        Fault.Action action = (scene, chance) -> {
            int percent = 1 + chance.nextInt(mostPercent);
            double share = percent / 100.0;
            return spoil(
                    scene, chance, state.apply(share), share, count, what.replace("%", percent + " % of the packets"));
        };
        return Fault.of(id, catalogue, action).needing(Ability.LOSSY_LINKS).from(2);
    }

    private static Optional<Injury> slow(Scene scene, SplittableRandom chance) {
        int delay = 20 + chance.nextInt(230);
        int jitter = chance.nextInt(delay);
        return spoil(
                scene,
                chance,
                LinkState.slow(Duration.ofMillis(delay), Duration.ofMillis(jitter)),
                1,
                LinkTally::late,
                delay + " ms late, and up to " + jitter + " ms more");
    }

    private static Optional<Injury> narrow(Scene scene, SplittableRandom chance) {
        int kilobytes = 30 + chance.nextInt(600);
        return spoil(
                scene,
                chance,
                LinkState.narrow(kilobytes * 1_000L),
                1,
                LinkTally::late,
                kilobytes + " kB a second at most");
    }

    private static Optional<Injury> clientCut(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            int victim = claim.node();
            scene.environment().network().cutClients(victim, true);
            return new Injury(scene.name(victim), "clients are cut off, peers are not", () -> {
                        scene.environment().network().cutClients(victim, false);
                        claim.close();
                    })
                    .shownBy(Effects.unreachable(scene.node(victim)));
        }));
    }
}
