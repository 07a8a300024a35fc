package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.FaultWindow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one fault cost. Times are nanoseconds from its injection unless said otherwise; null is what did not happen. Immutable.
 *
 * @param number from 1, in the order of injection
 * @param members that it names, from 0; empty if it names none
 * @param overlaps numbers of the other faults of its episode: what is measured cannot be told apart from theirs
 * @param whyVoid why it does not count, else ""
 * @param detectionNanos TD: to the first decision that a member reported (an election, a leader)
 * @param electionNanos TE: from there to the new leader
 * @param newLeaderNanos to the first leader that was reported
 * @param services by view and kind; views without members are left out
 * @param redundancyNanos TRR: from its healing until every member that it names was reported as caught up
 * @param catchUp how they caught up, in words, else ""
 * @param catchUpBytes how much they were sent for that
 */
public record FaultCost(
        int number,
        FaultWindow fault,
        List<Integer> members,
        List<Integer> overlaps,
        String whyVoid,
        @Nullable Long detectionNanos,
        @Nullable Long electionNanos,
        @Nullable Long newLeaderNanos,
        List<Service> services,
        @Nullable Long redundancyNanos,
        String catchUp,
        long catchUpBytes) {
    public FaultCost {
        members = List.copyOf(members);
        overlaps = List.copyOf(overlaps);
        services = List.copyOf(services);
    }

    /** Of one view and kind; null if nobody was there to look. */
    public @Nullable Service service(View view, String kind) {
        return services.stream()
                .filter(service -> service.view() == view && service.kind().equals(kind))
                .findFirst()
                .orElse(null);
    }
}
