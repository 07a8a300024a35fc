package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.process.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One kind of thing that is done to a cluster, and undone. Immutable.
 *
 * @param id as on the command line
 * @param catalogue ids of the fault catalogue that it stands for
 * @param needs what the machine has to be able to do
 * @param leastNodes of a cluster in which it makes sense
 * @param leastHoldMillis how long it lasts at least, and at most
 * @param senseless the systems for which it makes no sense, and why
 * @param keepsQuorum whether a connected majority can serve meanwhile
 */
public record Fault(
        String id,
        List<String> catalogue,
        Set<Ability> needs,
        int leastNodes,
        long leastHoldMillis,
        long mostHoldMillis,
        Map<Target, String> senseless,
        boolean keepsQuorum,
        Action action) {
    /** What is done. */
    public interface Action {
        /**
         * Does it to somebody who is there for it.
         *
         * @param chance all that is drawn
         * @return nothing if there is nobody for it right now: nothing was done
         */
        Optional<Injury> inflict(Scene scene, SplittableRandom chance);
    }

    /**
     * A fault that is there.
     *
     * @param target who has it
     * @param detail in words
     * @param sinceNanos when it began, by {@link System#nanoTime}
     * @param heal undoes it; it may take a while and says by an exception that it could not
     * @param effect tells whether it is felt, while it is there
     */
    public record Injury(String target, String detail, long sinceNanos, Runnable heal, Effect effect) {
        /** One that nobody can look at. */
        Injury(String target, String detail, long sinceNanos, Runnable heal) {
            this(target, detail, sinceNanos, heal, Effect.HIDDEN);
        }

        /** Since now. */
        Injury(String target, String detail, Runnable heal) {
            this(target, detail, System.nanoTime(), heal);
        }

        /** The same, of which somebody can tell whether it is felt. */
        Injury shownBy(Effect other) {
            return new Injury(target, detail, sinceNanos, heal, other);
        }
    }

    public Fault {
        catalogue = List.copyOf(catalogue);
        needs = Set.copyOf(needs);
        senseless = Map.copyOf(senseless);
    }

    /** One that everybody can have, in any cluster, for two to six seconds. */
    static Fault of(String id, List<String> catalogue, Action action) {
        return new Fault(id, catalogue, Set.of(), 1, 2_000, 6_000, Map.of(), true, action);
    }

    Fault needing(Ability... abilities) {
        return new Fault(
                id,
                catalogue,
                Set.of(abilities),
                leastNodes,
                leastHoldMillis,
                mostHoldMillis,
                senseless,
                keepsQuorum,
                action);
    }

    Fault from(int nodes) {
        return new Fault(id, catalogue, needs, nodes, leastHoldMillis, mostHoldMillis, senseless, keepsQuorum, action);
    }

    Fault lasting(long leastMillis, long mostMillis) {
        return new Fault(id, catalogue, needs, leastNodes, leastMillis, mostMillis, senseless, keepsQuorum, action);
    }

    Fault notOn(Target target, String why) {
        return new Fault(
                id,
                catalogue,
                needs,
                leastNodes,
                leastHoldMillis,
                mostHoldMillis,
                Map.of(target, why),
                keepsQuorum,
                action);
    }

    Fault withoutQuorum() {
        return new Fault(id, catalogue, needs, leastNodes, leastHoldMillis, mostHoldMillis, senseless, false, action);
    }

    /** Why it is left out there, in words for people; nothing if it is not. */
    public Optional<String> obstacle(Target target, int nodes, Map<Ability, String> missing) {
        String reason = senseless.get(target);
        if (reason != null) {
            return Optional.of(reason);
        }
        if (nodes < leastNodes) {
            return Optional.of("it needs " + leastNodes + " nodes");
        }
        return needs.stream()
                .filter(missing::containsKey)
                .sorted()
                .map(missing::get)
                .findFirst();
    }
}
