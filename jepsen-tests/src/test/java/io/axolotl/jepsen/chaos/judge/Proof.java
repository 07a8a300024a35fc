package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/** What every judge has to show on made histories: true ones pass, and those with one lie in them do not. */
final class Proof {
    private static final int HISTORIES = Integer.getInteger("axolotl.judge.histories", 40);

    private Proof() {}

    /** @param history of a seed */
    static void of(Judge judge, LongFunction<List<Call>> history, Lie... lies) {
        Map<Lie, int[]> seen = new LinkedHashMap<>();
        for (Lie lie : lies) {
            seen.put(lie, new int[2]);
        }
        for (long seed = 0; seed < HISTORIES; seed++) {
            List<Call> calls = history.apply(seed);
            Verdict verdict = judge.judge(calls);
            assertThat(verdict.kind())
                    .as("true history of seed %d: %s", seed, verdict)
                    .isEqualTo(Verdict.Kind.VALID);
            for (Map.Entry<Lie, int[]> entry : seen.entrySet()) {
                Optional<List<Call>> bent = entry.getKey().of(calls, new SplittableRandom(seed));
                if (bent.isPresent()) {
                    entry.getValue()[0]++;
                    entry.getValue()[1] += judge.judge(bent.get()).isViolated() ? 1 : 0;
                }
            }
        }
        seen.forEach((lie, counts) -> {
            assertThat(counts[0]).as("lies of %s", lie).isGreaterThan(HISTORIES / 2);
            assertThat(counts[1]).as("%s seen", lie).isEqualTo(counts[0]);
        });
    }
}
