package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which nodes a fault has to itself, so that faults that run at once neither start what another has killed nor destroy more than a
 * cluster can lose: of damaged nodes there is never more than a minority, and a node counts as damaged until it has caught up.
 * Safe for all threads.
 */
final class Claims {
    private final int nodes;
    private final Map<Integer, Claim> held = new HashMap<>();
    private final Set<Integer> damaged = new LinkedHashSet<>();

    /** Nodes that one fault has to itself. Closed when they are as they were. */
    final class Claim implements AutoCloseable {
        final List<Integer> nodes;

        private Claim(List<Integer> nodes) {
            this.nodes = List.copyOf(nodes);
        }

        /** The only one. */
        int node() {
            return nodes.get(0);
        }

        @Override
        public void close() {
            release(this);
        }
    }

    /** What lets the nodes go again if it cannot be done. */
    static Function<Claim, Injury> guarded(Function<Claim, Injury> inflict) {
        return claim -> {
            try {
                return inflict.apply(claim);
            } catch (RuntimeException e) {
                claim.close();
                throw e;
            }
        };
    }

    Claims(int nodes) {
        this.nodes = nodes;
    }

    /** Takes the first of these that is free. */
    synchronized Optional<Claim> one(List<Integer> candidates) {
        return candidates.stream()
                .filter(node -> !held.containsKey(node))
                .findFirst()
                .map(node -> take(List.of(node)));
    }

    /** Takes the first of these that is free, to destroy data of it, unless a minority is damaged already. */
    synchronized Optional<Claim> oneToDamage(List<Integer> candidates) {
        if (damaged.size() >= (nodes - 1) / 2) {
            return Optional.empty();
        }
        Optional<Claim> claim = one(candidates);
        claim.ifPresent(it -> damaged.addAll(it.nodes));
        return claim;
    }

    /** Takes all of these, if all are free. */
    synchronized Optional<Claim> all(Collection<Integer> wanted) {
        return wanted.stream().noneMatch(held::containsKey) ? Optional.of(take(List.copyOf(wanted))) : Optional.empty();
    }

    private Claim take(List<Integer> wanted) {
        Claim claim = new Claim(wanted);
        wanted.forEach(node -> held.put(node, claim));
        return claim;
    }

    private synchronized void release(Claim claim) {
        for (int node : claim.nodes) {
            if (held.get(node) == claim) {
                held.remove(node);
                damaged.remove(node);
            }
        }
    }

    synchronized boolean isHeld(int node) {
        return held.containsKey(node);
    }
}
