package io.axolotl.jepsen.chaos.environment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One direction between two nodes: what the one sends to the other. Immutable.
 *
 * @param from number of the sender, from 0
 * @param to number of the receiver, another one
 */
public record Link(int from, int to) {
    public Link {
        if (from == to || from < 0 || to < 0) {
            throw new IllegalArgumentException("there is no link from node " + from + " to node " + to);
        }
    }

    /** All links of a cluster. */
    public static List<Link> all(int nodes) {
        List<Link> links = new ArrayList<>();
        for (int from = 0; from < nodes; from++) {
            for (int to = 0; to < nodes; to++) {
                if (from != to) {
                    links.add(new Link(from, to));
                }
            }
        }
        return links;
    }

    /** Both directions between two nodes. */
    public static List<Link> between(int one, int other) {
        return List.of(new Link(one, other), new Link(other, one));
    }

    /** Both directions between every node of the one group and every node of the other. */
    public static List<Link> between(Collection<Integer> ones, Collection<Integer> others) {
        return ones.stream()
                .flatMap(one -> others.stream().flatMap(other -> between(one, other).stream()))
                .toList();
    }
}
