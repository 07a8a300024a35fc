package io.axolotl.jepsen.chaos.runner;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.kv.Told;
import java.util.ArrayList;
import java.util.List;

/** How early a judge would have found what it finds in a whole history. Stateless. */
final class FirstSight {
    private FirstSight() {}

    /**
     * The end of the shortest beginning of the history in which the judge finds something wrong, as near as halving tells it.
     *
     * @param judge one of the workload's, who finds something in the whole of it
     * @return since the start of the run
     */
    static long nanos(Workload workload, String judge, List<Call> calls) {
        long[] ends = calls.stream()
                .mapToLong(Call::returnedNanos)
                .sorted()
                .distinct()
                .toArray();
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            boolean isSeen = workload.judge(until(ends[middle], calls)).stream()
                    .anyMatch(verdict -> verdict.judge().equals(judge) && verdict.isViolated());
            if (isSeen) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return ends[low];
    }

    /** What was known then: of a call that had not ended it was unknown what comes of it. */
    static List<Call> until(long nanos, List<Call> calls) {
        List<Call> known = new ArrayList<>();
        for (Call call : calls) {
            if (call.returnedNanos() <= nanos) {
                known.add(call);
            } else if (call.invokedNanos() <= nanos && !Told.isTold(call)) {
                known.add(new Call(
                        call.id(),
                        call.client(),
                        call.endpoint(),
                        call.kind(),
                        call.input(),
                        new JsonObject(),
                        Outcome.UNKNOWN,
                        "it has not ended",
                        call.invokedNanos(),
                        nanos));
            }
        }
        return known;
    }
}
