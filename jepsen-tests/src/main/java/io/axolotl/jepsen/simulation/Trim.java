package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is taken away from a seed's world to make it simpler, and the rest stays what it was: the failure that is left is the
 * same one with less around it. Immutable.
 *
 * @param seconds how long the cluster is hurt, in virtual seconds
 * @param mostFounders at most so many nodes found the cluster
 * @param mostClients at most so many clients
 * @param faults the numbers of the faults that happen, from 0 in the order in which the seed draws them; null for all
 */
record Trim(
        long seconds,
        int mostFounders,
        int mostClients,
        @Nullable NavigableSet<Integer> faults) {
    Trim {
        faults = faults == null ? null : Collections.unmodifiableNavigableSet(new TreeSet<>(faults));
    }

    /** The whole world. */
    static Trim of(long seconds) {
        return new Trim(seconds, Integer.MAX_VALUE, Integer.MAX_VALUE, null);
    }

    /** @param list as {@link #faultList} writes it: {@code 0,3,7-9}, or {@code none} */
    Trim withFaults(String list) {
        NavigableSet<Integer> kept = new TreeSet<>();
        for (String part : list.equals("none") ? new String[0] : list.split(",", -1)) {
            String[] range = part.split("-", 2);
            int last = Integer.parseInt(range[range.length - 1]);
            for (int fault = Integer.parseInt(range[0]); fault <= last; fault++) {
                kept.add(fault);
            }
        }
        return withFaults(kept);
    }

    Trim withFaults(Collection<Integer> kept) {
        return new Trim(seconds, mostFounders, mostClients, new TreeSet<>(kept));
    }

    Trim withSeconds(long other) {
        return new Trim(other, mostFounders, mostClients, faults);
    }

    Trim withFounders(int most) {
        return new Trim(seconds, most, mostClients, faults);
    }

    Trim withClients(int most) {
        return new Trim(seconds, mostFounders, most, faults);
    }

    boolean keeps(int fault) {
        return faults == null || faults.contains(fault);
    }

    /** What the command takes, without the seed. */
    String options() {
        List<String> options = new ArrayList<>();
        options.add("--seconds " + seconds);
        if (mostFounders != Integer.MAX_VALUE) {
            options.add("--nodes " + mostFounders);
        }
        if (mostClients != Integer.MAX_VALUE) {
            options.add("--clients " + mostClients);
        }
        if (faults != null) {
            options.add("--faults " + faultList());
        }
        return String.join(" ", options);
    }

    private String faultList() {
        return faults == null || faults.isEmpty()
                ? "none"
                : faults.stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
