package io.axolotl.jepsen.chaos.judge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which transaction must come before which, in Adya's words, and the cycles in it. Nodes are numbers from 0 on.
 *
 * <p>Filled first and asked then; confined to one thread.
 */
final class Dependencies {
    /** Why one comes before another. */
    enum Kind {
        /** It wrote the version that the other's write follows. */
        WW,
        /** It wrote the version that the other read. */
        WR,
        /** It read the version that the other's write follows. */
        RW,
        /** The same client was answered before it began the other. */
        PROCESS,
        /** It was answered before the other began. */
        REALTIME
    }

    /** @param why in words */
    record Edge(int from, int to, Kind kind, String why) {}

    /**
     * Edges that close a circle.
     *
     * @param anomaly its class, such as {@code G-single-realtime}
     */
    record Cycle(String anomaly, List<Edge> edges) {}

    private final List<List<Edge>> edges = new ArrayList<>();

    Dependencies(int nodes) {
        for (int node = 0; node < nodes; node++) {
            edges.add(new ArrayList<>());
        }
    }

    /** To itself nothing comes before. */
    void add(int from, int to, Kind kind, String why) {
        if (from != to) {
            edges.get(from).add(new Edge(from, to, kind, why));
        }
    }

    int nodes() {
        return edges.size();
    }

    /**
     * The worst cycle of each strongly connected part: with the fewest kinds of edges, since what only real time forbids is
     * allowed by weaker promises.
     */
    List<Cycle> cycles() {
        int[] part = parts();
        int parts = Arrays.stream(part).max().orElse(-1) + 1;
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            members.add(new ArrayList<>());
        }
        for (int node = 0; node < part.length; node++) {
            members.get(part[node]).add(node);
        }
        List<Cycle> cycles = new ArrayList<>();
        for (List<Integer> each : members) {
            if (each.size() > 1) {
                worst(each, part).ifPresent(cycles::add);
            }
        }
        return cycles;
    }

    private Optional<Cycle> worst(List<Integer> members, int[] part) {
        Set<Kind> order = EnumSet.noneOf(Kind.class);
        for (String suffix : List.of("", "-process", "-realtime")) {
            if (suffix.equals("-process")) {
                order.add(Kind.PROCESS);
            } else if (suffix.equals("-realtime")) {
                order.add(Kind.REALTIME);
            }
            Optional<Cycle> found = through("G0" + suffix, Kind.WW, with(order, Kind.WW), members, part)
                    .or(() -> through("G1c" + suffix, Kind.WR, with(order, Kind.WW, Kind.WR), members, part))
                    .or(() -> through("G-single" + suffix, Kind.RW, with(order, Kind.WW, Kind.WR), members, part))
                    .or(() -> through("G2" + suffix, Kind.RW, with(order, Kind.WW, Kind.WR, Kind.RW), members, part));
            if (found.isPresent()) {
                return found;
            }
        }
        throw new AssertionError("a strongly connected part of " + members.size() + " nodes has no cycle");
    }

    private static Set<Kind> with(Set<Kind> order, Kind... kinds) {
        Set<Kind> all = EnumSet.copyOf(List.of(kinds));
        all.addAll(order);
        return all;
    }

    /** A shortest cycle of one edge of this kind and a way back over those kinds. */
    private Optional<Cycle> through(String anomaly, Kind first, Set<Kind> back, List<Integer> members, int[] part) {
        for (int node : members) {
            for (Edge edge : edges.get(node)) {
                if (edge.kind == first && part[edge.to] == part[node]) {
                    List<Edge> way = way(edge.to, node, back, part);
                    if (way != null) {
                        List<Edge> all = new ArrayList<>(List.of(edge));
                        all.addAll(way);
                        return Optional.of(new Cycle(anomaly, all));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable List<Edge> way(int from, int to, Set<Kind> kinds, int[] part) {
        @Nullable Edge[] cameBy = new Edge[edges.size()];
        Deque<Integer> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            int node = next.remove();
            for (Edge edge : edges.get(node)) {
                boolean isNew = edge.to != from && cameBy[edge.to] == null;
                if (isNew && kinds.contains(edge.kind) && part[edge.to] == part[from]) {
                    cameBy[edge.to] = edge;
                    if (edge.to == to) {
                        return traced(cameBy, from, to);
                    }
                    next.add(edge.to);
                }
            }
        }
        return null;
    }

    private static List<Edge> traced(@Nullable Edge[] cameBy, int from, int to) {
        List<Edge> way = new ArrayList<>();
        int node = to;
        while (node != from) {
            Edge edge = cameBy[node];
            if (edge == null) {
                throw new AssertionError("the way back is broken at " + node);
            }
            way.add(edge);
            node = edge.from;
        }
        Collections.reverse(way);
        return way;
    }

    /** Tarjan's algorithm, without recursion: the number of the strongly connected part of each node. */
    private int[] parts() {
        int count = edges.size();
        int[] part = new int[count];
        int[] found = new int[count];
        int[] low = new int[count];
        int[] tried = new int[count];
        Arrays.fill(part, -1);
        Arrays.fill(found, -1);
        Deque<Integer> open = new ArrayDeque<>();
        Deque<Integer> path = new ArrayDeque<>();
        int clock = 0;
        int parts = 0;
        for (int root = 0; root < count; root++) {
            if (found[root] >= 0) {
                continue;
            }
            path.push(root);
            while (!path.isEmpty()) {
                int node = path.element();
                if (found[node] < 0) {
                    found[node] = clock;
                    low[node] = clock++;
                    open.push(node);
                }
                if (tried[node] < edges.get(node).size()) {
                    int to = edges.get(node).get(tried[node]++).to;
                    if (found[to] < 0) {
                        path.push(to);
                    } else if (part[to] < 0) {
                        low[node] = Math.min(low[node], found[to]);
                    }
                    continue;
                }
                path.pop();
                if (!path.isEmpty()) {
                    int parent = path.element();
                    low[parent] = Math.min(low[parent], low[node]);
                }
                if (low[node] == found[node]) {
                    int member;
                    do {
                        member = open.pop();
                        part[member] = parts;
                    } while (member != node);
                    parts++;
                }
            }
        }
        return part;
    }
}
