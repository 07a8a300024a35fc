package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.judge.Judge;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A workload that is a play of a crowd and a list of judges. Immutable.
 *
 * @param play a new one for each run
 */
record Played(
        String name, double reachableShare, Crowd.Settings settings, Supplier<Crowd.Play> play, List<Judge> judges)
        implements Workload {
    private static final int STACK_LINES = 5;

    Played {
        judges = List.copyOf(judges);
    }

    @Override
    public Running start(Target target, History history, long seed, double callsPerSecond) {
        return Crowd.start(target, history, seed, callsPerSecond, settings, play.get());
    }

    @Override
    public List<Verdict> judge(List<Call> calls) {
        return judges.stream().map(judge -> judged(judge, calls)).toList();
    }

    /** A wrong answer can be such that a judge cannot read it: then the others are heard all the same. */
    private static Verdict judged(Judge judge, List<Call> calls) {
        try {
            return judge.judge(calls);
        } catch (RuntimeException e) {
            return new Verdict(
                    judge.getClass().getSimpleName(),
                    Verdict.Kind.UNDECIDED,
                    "the history cannot be read: " + e,
                    Arrays.stream(e.getStackTrace())
                            .limit(STACK_LINES)
                            .map(Object::toString)
                            .toList());
        }
    }
}
