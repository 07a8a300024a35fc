package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.judge.BankLie;
import io.axolotl.jepsen.chaos.judge.CompactionLie;
import io.axolotl.jepsen.chaos.judge.CounterLie;
import io.axolotl.jepsen.chaos.judge.Lie;
import io.axolotl.jepsen.chaos.judge.LockLie;
import io.axolotl.jepsen.chaos.judge.MembersLie;
import io.axolotl.jepsen.chaos.judge.Mutation;
import io.axolotl.jepsen.chaos.judge.SetLie;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.SharedCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
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
    private static final List<String> ALONE = List.of("register", "watch", "compaction", "membership", "mixed");

    /** By judge, a lie that this judge itself has to see, whatever the others of its workload see. */
    private static final Map<String, Lie> LIES = Map.ofEntries(
            Map.entry("linearizable keys", Mutation.VALUE_OF_NOBODY),
            Map.entry("linearizable store", RunLie.A_VALUE_OF_NOBODY_IN_A_LIST),
            Map.entry("one history", Mutation.REFUSED_BUT_SEEN),
            Map.entry("revisions in real time", RunLie.A_READ_OF_THE_FIRST_REVISION),
            Map.entry("set", SetLie.LOST_ELEMENT),
            Map.entry("list transactions", RunLie.A_LIST_READ_EMPTY),
            Map.entry("watches", RunLie.A_MESSAGE_LEFT_OUT),
            Map.entry("leases", RunLie.A_LEASED_KEY_LEFT),
            Map.entry("locks by fencing", LockLie.ONE_TOKEN_FOR_TWO),
            Map.entry("counters", CounterLie.LOST_INCREMENT),
            Map.entry("bank", BankLie.BELOW_ZERO),
            Map.entry("compaction", CompactionLie.REFUSED_THOUGH_THERE),
            Map.entry("members", MembersLie.HAS_A_STRANGER));

    /** Judges whose lies are about last reads, which are there when a run has ended. */
    private static final Set<String> OF_THE_LAST_READS = Set.of("set", "counters", "leases");

    private static final int ENOUGH_CALLS = 50;
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
        for (int i = 0; i < names.size(); i++) {
            while (System.nanoTime() < end || !isEnough(names.get(i), histories.get(i))) {
                LockSupport.parkNanos(50_000_000);
            }
        }
        running.forEach(Workload.Running::stop);
        running.forEach(Workload.Running::finish);
        running.forEach(Workload.Running::close);
        histories.forEach(History::close);
        for (String name : names) {
            requireValid(name);
        }
    }

    /** Whether there is something to judge, and to lie about. A busy machine takes longer. */
    private static boolean isEnough(String name, History history) {
        List<Call> calls = history.calls();
        boolean isChanged = !name.equals("membership")
                || calls.stream().anyMatch(call -> call.kind().equals("member-add") && call.isDone());
        return calls.size() >= ENOUGH_CALLS
                && isChanged
                && judgesOf(name)
                        .filter(judge -> !OF_THE_LAST_READS.contains(judge))
                        .allMatch(judge -> lie(judge, calls).isPresent());
    }

    private static Stream<String> judgesOf(String name) {
        return Workloads.named(name).judge(List.of()).stream().map(Verdict::judge);
    }

    private static Optional<List<Call>> lie(String judge, List<Call> calls) {
        return Objects.requireNonNull(LIES.get(judge), judge).of(calls, new SplittableRandom(1));
    }

    /** As read back from the file; and with a lie in it for each of its judges, which that one must see. */
    private void requireValid(String name) {
        List<Call> calls = History.read(folder.resolve(name + ".jsonl"));
        List<Verdict> verdicts = Workloads.named(name).judge(calls);
        assertThat(calls).as("calls of %s", name).hasSizeGreaterThanOrEqualTo(ENOUGH_CALLS);
        assertThat(verdicts)
                .as("verdicts of %s", name)
                .isNotEmpty()
                .allSatisfy(verdict -> assertThat(verdict.kind())
                        .as("%s: %s %s", verdict.judge(), verdict.summary(), verdict.evidence())
                        .isEqualTo(Verdict.Kind.VALID));
        judgesOf(name)
                .forEach(judge -> assertThat(
                                Workloads.named(name).judge(lie(judge, calls).orElseThrow()))
                        .as("verdicts of %s with the lie for \"%s\" in its history", name, judge)
                        .anyMatch(verdict -> verdict.judge().equals(judge) && verdict.isViolated()));
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
