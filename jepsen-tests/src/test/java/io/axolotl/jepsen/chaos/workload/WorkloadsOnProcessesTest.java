package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.process.Ports;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.SharedCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every workload for some two seconds on three real processes without a fault, and its judges on what it has written. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@ExtendWith(SharedCluster.class)
class WorkloadsOnProcessesTest {
    /** These compact, each for itself: what one forgets another would miss. */
    private static final List<String> ALONE = List.of("register", "watch", "compaction", "mixed");

    private static final double CALLS_PER_SECOND = 100;
    private static final double CALLS_PER_SECOND_TOGETHER = 30;

    @TempDir
    private Path folder;

    private static Target target(ProcessCluster cluster) {
        return new Target("axolotl", cluster.endpoints());
    }

    private void run(List<String> names, Target target, double callsPerSecond, long nanos) {
        List<History> histories = new ArrayList<>();
        List<Workload.Running> running = new ArrayList<>();
        for (String name : names) {
            History history = History.inFile(System.nanoTime(), folder.resolve(name + ".jsonl"));
            histories.add(history);
            running.add(Workloads.named(name).start(target, history, 1, callsPerSecond));
        }
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        running.forEach(Workload.Running::stop);
        running.forEach(Workload.Running::finish);
        running.forEach(Workload.Running::close);
        histories.forEach(History::close);
        for (String name : names) {
            requireValid(name);
        }
    }

    /** As read back from the file. */
    private void requireValid(String name) {
        List<Call> calls = History.read(folder.resolve(name + ".jsonl"));
        List<Verdict> verdicts = Workloads.named(name).judge(calls);
        assertThat(calls).as("calls of %s", name).hasSizeGreaterThan(20);
        assertThat(verdicts)
                .as("verdicts of %s", name)
                .isNotEmpty()
                .allSatisfy(verdict -> assertThat(verdict.kind())
                        .as("%s: %s %s", verdict.judge(), verdict.summary(), verdict.evidence())
                        .isEqualTo(Verdict.Kind.VALID));
        System.out.println(name + ": " + calls.size() + " calls; "
                + verdicts.stream().map(Verdict::summary).toList());
    }

    @Test
    @DisplayName("I4, I5, I8, I9, I10, I15: every workload on a well cluster is found valid")
    void everyWorkloadIsValidOnAWellCluster(ProcessCluster cluster) {
        List<String> together = new ArrayList<>(Workloads.names());
        together.removeAll(ALONE);
        run(together, target(cluster), CALLS_PER_SECOND_TOGETHER, 2_000_000_000L);
        for (String name : ALONE) {
            run(List.of(name), target(cluster), CALLS_PER_SECOND, 1_500_000_000L);
        }
    }
}
