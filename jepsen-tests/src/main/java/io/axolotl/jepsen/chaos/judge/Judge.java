package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;

/** Judges histories of one promise. Stateless. */
@FunctionalInterface
public interface Judge {
    /**
     * Says what it thinks of a whole history. Calls that do not concern it are left out.
     *
     * @throws IllegalArgumentException if a call that does is not of the form that its workload writes
     */
    Verdict judge(List<Call> calls);
}
