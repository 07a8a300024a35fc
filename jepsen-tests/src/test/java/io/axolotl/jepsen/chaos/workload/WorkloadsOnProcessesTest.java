package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;
import io.axolotl.jepsen.chaos.judge.Mutation;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.SharedCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
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

    private static final int ENOUGH_CALLS = 50;
    private static final int LOCKS = 12;
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
        if (history.size() < ENOUGH_CALLS) {
            return false;
        }
        return switch (name) {
            // So many that one of them was held twice.
            case "lock" ->
                history.calls().stream()
                                .filter(call -> call.kind().equals("acquire") && call.isDone())
                                .count()
                        > LOCKS;
            case "watch" -> droppable(history.calls()).isPresent();
            case "membership" ->
                history.calls().stream().anyMatch(call -> call.kind().equals("member-add") && call.isDone());
            default -> true;
        };
    }

    /** As read back from the file; and with one lie in it, which must be seen. */
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
        assertThat(Workloads.named(name).judge(withALie(name, calls)))
                .as("verdicts of %s with a lie in its history", name)
                .anyMatch(Verdict::isViolated);
    }

    private static List<Call> withALie(String name, List<Call> calls) {
        return switch (name) {
            case "append" ->
                instead(
                        calls,
                        ListTxn.of(calls).stream()
                                .filter(txn -> txn.isDone()
                                        && txn.accesses().stream().anyMatch(WorkloadsOnProcessesTest::isFilled))
                                .reduce((first, last) -> last)
                                .orElseThrow()
                                .call(),
                        output -> output.getAsJsonArray("ops").forEach(op -> {
                            if (op.getAsJsonArray().get(2).isJsonArray()) {
                                op.getAsJsonArray().set(2, new JsonArray());
                            }
                        }));
            case "watch" -> {
                Call dropped = droppable(calls).orElseThrow();
                yield calls.stream().filter(call -> call.id() != dropped.id()).toList();
            }
            case "lease" -> {
                JsonArray left = new JsonArray();
                left.add("a key");
                yield instead(
                        calls, firstOf(calls, LeaseJudge.LAST_LIST, each -> true), output -> output.add("keys", left));
            }
            case "lock" -> {
                Map<JsonObject, Call> firsts = new HashMap<>();
                Call second = firstOf(calls, "acquire", each -> firsts.putIfAbsent(each.input(), each) != null);
                Call first = Objects.requireNonNull(firsts.get(second.input()));
                yield instead(
                        calls,
                        second,
                        output -> output.add("token", first.output().get("token")));
            }
            default ->
                Mutation.REFUSED_BUT_SEEN.of(calls, new SplittableRandom(1)).orElseThrow();
        };
    }

    /** A message that is not the last of its watch, nor of a watch that began somewhere. */
    private static Optional<Call> droppable(List<Call> calls) {
        return calls.stream()
                .filter(each -> isOfEvents(each)
                        && calls.stream()
                                .anyMatch(later -> later.id() > each.id()
                                        && later.input().equals(each.input())
                                        && isOfEvents(later)))
                .findFirst();
    }

    private static boolean isOfEvents(Call told) {
        return told.kind().equals("told")
                && told.input().get("from").getAsLong() > 0
                && !told.output().getAsJsonArray("events").isEmpty();
    }

    private static boolean isFilled(ListTxn.Access access) {
        return access.read() != null && !access.read().isEmpty();
    }

    private static Call firstOf(List<Call> calls, String kind, Predicate<Call> which) {
        return calls.stream()
                .filter(call -> call.kind().equals(kind) && call.isDone() && which.test(call))
                .findFirst()
                .orElseThrow();
    }

    private static List<Call> instead(List<Call> calls, Call was, Consumer<JsonObject> bend) {
        JsonObject output = was.output().deepCopy();
        bend.accept(output);
        Call lie = new Call(
                was.id(),
                was.client(),
                was.endpoint(),
                was.kind(),
                was.input(),
                output,
                was.outcome(),
                was.error(),
                was.invokedNanos(),
                was.returnedNanos());
        return calls.stream().map(call -> call.id() == was.id() ? lie : call).toList();
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
