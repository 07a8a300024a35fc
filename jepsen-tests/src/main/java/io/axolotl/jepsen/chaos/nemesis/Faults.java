package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.process.Target;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All faults by their names. Constants; safe for all threads. */
public final class Faults {
    private static final Map<String, Fault> ALL = Stream.of(
                    ProcessFaults.all(), NetworkFaults.all(), DiskFaults.all(), DamageFaults.all(), UpkeepFaults.all())
            .flatMap(List::stream)
            .collect(Collectors.toMap(
                    Fault::id,
                    fault -> fault,
                    (one, other) -> {
                        throw new IllegalStateException("two faults are called " + one.id());
                    },
                    LinkedHashMap::new));

    /**
     * What of the faults asked for can be played. Immutable.
     *
     * @param skipped by the name of the fault, the reason in words for people
     */
    public record Choice(List<Fault> possible, Map<String, String> skipped) {
        public Choice {
            possible = List.copyOf(possible);
            skipped = Map.copyOf(skipped);
        }

        /**
         * Of those that were asked for by name, and are possible.
         *
         * @param windows what was played
         */
        public List<String> neverPlayed(List<String> asked, List<FaultWindow> windows) {
            return possible.stream()
                    .map(Fault::id)
                    .filter(asked::contains)
                    .filter(id ->
                            windows.stream().noneMatch(window -> window.id().equals(id)))
                    .toList();
        }

        /** Without those after which a member may have to join anew. */
        public Choice withoutJoins(String reason) {
            List<Fault> left = new ArrayList<>();
            Map<String, String> more = new LinkedHashMap<>(skipped);
            for (Fault fault : possible) {
                if (DamageFaults.all().stream().anyMatch(it -> it.id().equals(fault.id()))) {
                    more.put(fault.id(), reason);
                } else {
                    left.add(fault);
                }
            }
            return new Choice(left, more);
        }

        /** What they need of the machine. */
        public Set<Ability> needs() {
            Set<Ability> needs = EnumSet.noneOf(Ability.class);
            possible.forEach(fault -> needs.addAll(fault.needs()));
            return needs;
        }
    }

    private Faults() {}

    /** As the command line takes them, without {@link Schedule#MIX}. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** @throws IllegalArgumentException naming the known ones */
    public static Fault named(String name) {
        Fault fault = ALL.get(name);
        if (fault == null) {
            throw new IllegalArgumentException("there is no fault '" + name + "'; known are " + Schedule.MIX + ", "
                    + String.join(", ", ALL.keySet()));
        }
        return fault;
    }

    /** Whether a fault makes disks fail, or destroys what is on them. */
    public static boolean hurtsDisks(String name) {
        return Stream.of(DiskFaults.all(), DamageFaults.all())
                .flatMap(List::stream)
                .anyMatch(fault -> fault.id().equals(name));
    }

    /** Whether a fault leaves processes without memory: they may say so, and end. */
    public static boolean hurtsMemory(String name) {
        return named(name).needs().contains(Ability.MEMORY_ROOMS);
    }

    /**
     * Sorts out what cannot be played here.
     *
     * @param asked names, {@link Schedule#MIX} for all
     * @throws IllegalArgumentException if there is no fault of a name
     */
    public static Choice choose(List<String> asked, Target target, int nodes, Map<Ability, String> missing) {
        List<Fault> possible = new ArrayList<>();
        Map<String, String> skipped = new LinkedHashMap<>();
        boolean isMix = asked.contains(Schedule.MIX);
        List<String> names = isMix
                ? names()
                : asked.stream().map(name -> named(name).id()).distinct().toList();
        asked.stream().filter(name -> !name.equals(Schedule.MIX)).forEach(Faults::named);
        for (String name : names) {
            Fault fault = named(name);
            Optional<String> obstacle = fault.obstacle(target, nodes, missing);
            obstacle.ifPresentOrElse(reason -> skipped.put(name, reason), () -> possible.add(fault));
        }
        return new Choice(possible, skipped);
    }
}
