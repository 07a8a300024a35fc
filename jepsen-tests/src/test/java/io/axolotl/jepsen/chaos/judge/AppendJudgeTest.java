package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of list transactions is judged: each class of anomaly by its name, and no anomaly where there is none. */
@DisplayName("I5: transactions on lists")
class AppendJudgeTest {
    private final MadeCalls made = new MadeCalls();

    /** A transaction that was answered; {@code ops} in JSON with single quotes, as it was answered. */
    private void txn(int client, long from, long to, String ops) {
        JsonObject json = MadeCalls.parse("{'ops':" + ops + "}");
        made.add(client, "txn", json, json, Outcome.DONE, "", from, to);
    }

    private void ended(Outcome outcome, long from, long to, String ops) {
        made.add(99, "txn", MadeCalls.parse("{'ops':" + ops + "}"), KvCall.nothing(), outcome, "planted", from, to);
    }

    private void seen(String anomaly) {
        Verdict verdict = new AppendJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VIOLATED);
        assertThat(verdict.evidence().stream().filter(line -> !line.startsWith(" ")))
                .as("%s", verdict)
                .anySatisfy(line -> assertThat(line).startsWith(anomaly + ":"));
    }

    private void valid() {
        Verdict verdict = new AppendJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VALID);
    }

    @Test
    void writesInACircleAreG0() {
        txn(1, 1, 10, "[['append','x',1],['append','y',2]]");
        txn(2, 1, 10, "[['append','x',3],['append','y',4]]");
        txn(3, 11, 12, "[['r','x',[1,3]],['r','y',[4,2]]]");
        seen("G0");
    }

    @Test
    void aReadOfWhatWasRefusedIsG1a() {
        ended(Outcome.REFUSED, 1, 2, "[['append','x',1]]");
        txn(1, 3, 4, "[['r','x',[1]]]");
        seen("G1a");
    }

    @Test
    void aReadOfTheMiddleOfATransactionIsG1b() {
        txn(1, 1, 10, "[['append','x',1],['append','x',2]]");
        txn(2, 1, 10, "[['r','x',[1]]]");
        seen("G1b");
    }

    @Test
    void readsInACircleAreG1c() {
        txn(1, 1, 10, "[['append','x',1],['r','y',[2]]]");
        txn(2, 1, 10, "[['append','y',2],['r','x',[1]]]");
        seen("G1c");
    }

    @Test
    void oneAntiDependencyIsGSingle() {
        txn(1, 1, 10, "[['r','x',[]],['r','y',[2]]]");
        txn(2, 1, 10, "[['append','x',1],['append','y',2]]");
        seen("G-single");
    }

    @Test
    void aLostUpdateIsSeen() {
        txn(1, 1, 10, "[['r','x',[]],['append','x',1]]");
        txn(2, 1, 10, "[['r','x',[]],['append','x',2]]");
        txn(3, 11, 12, "[['r','x',[1,2]]]");
        seen("G-single");
    }

    @Test
    void writeSkewIsG2() {
        txn(1, 1, 10, "[['r','x',[]],['append','y',1]]");
        txn(2, 1, 10, "[['r','y',[]],['append','x',2]]");
        txn(3, 11, 12, "[['r','x',[2]],['r','y',[1]]]");
        seen("G2");
    }

    @Test
    void aStaleReadOfAnotherClientIsARealTimeAnomaly() {
        txn(1, 1, 2, "[['append','x',1]]");
        txn(2, 3, 4, "[['r','x',[]]]");
        seen("G-single-realtime");
    }

    @Test
    void aStaleReadOfTheSameClientIsAProcessAnomaly() {
        txn(1, 1, 2, "[['append','x',1]]");
        txn(1, 3, 4, "[['r','x',[]]]");
        seen("G-single-process");
    }

    @Test
    void writesAgainstRealTimeAreG0RealTime() {
        txn(1, 1, 2, "[['append','x',1]]");
        txn(2, 3, 4, "[['append','x',2]]");
        txn(3, 5, 6, "[['r','x',[2,1]]]");
        seen("G0-realtime");
    }

    @Test
    void readsAgainstRealTimeAreG1cRealTime() {
        txn(1, 1, 2, "[['r','x',[1]]]");
        txn(2, 3, 4, "[['append','x',1]]");
        seen("G1c-realtime");
    }

    @Test
    void twoAntiDependenciesThatOnlyRealTimeClosesAreG2RealTime() {
        txn(1, 3, 4, "[['r','x',[]]]");
        txn(2, 1, 10, "[['append','x',1],['r','y',[]]]");
        txn(3, 1, 2, "[['append','y',2]]");
        txn(4, 11, 12, "[['r','x',[1]],['r','y',[2]]]");
        seen("G2-realtime");
    }

    @Test
    void anAcknowledgedAppendThatIsLostIsSeen() {
        txn(1, 1, 2, "[['append','x',1]]");
        txn(2, 3, 4, "[['append','x',2]]");
        txn(3, 5, 6, "[['r','x',[2]]]");
        seen("G0-realtime");
    }

    @Test
    void twoReadsThatDisagreeAreSeen() {
        txn(1, 1, 9, "[['append','x',1]]");
        txn(2, 1, 9, "[['append','x',2]]");
        txn(3, 3, 4, "[['r','x',[1,2]]]");
        txn(4, 3, 4, "[['r','x',[2]]]");
        seen("incompatible order");
    }

    @Test
    void anElementThatIsThereTwiceIsSeen() {
        txn(1, 1, 2, "[['append','x',1]]");
        txn(2, 3, 4, "[['r','x',[1,1]]]");
        seen("duplicate");
    }

    @Test
    void anElementOfNobodyIsSeen() {
        txn(2, 3, 4, "[['r','x',[1]]]");
        seen("phantom");
    }

    @Test
    void aTransactionThatDoesNotSeeItselfIsSeen() {
        txn(1, 3, 4, "[['append','x',1],['r','x',[]]]");
        seen("internal");
    }

    @Test
    void aTransactionThatSeesWhatItAppendsLaterIsSeen() {
        txn(1, 3, 4, "[['r','x',[1]],['append','x',1]]");
        seen("internal");
    }

    @Test
    void halfOfATransactionOfUnknownOutcomeIsSeen() {
        ended(Outcome.UNKNOWN, 1, 2, "[['append','x',1],['append','y',2]]");
        txn(1, 3, 4, "[['r','x',[1]],['r','y',[]]]");
        seen("G-single");
    }

    @Test
    void anUnknownTransactionMayHappenLateOrNever() {
        ended(Outcome.UNKNOWN, 1, 2, "[['append','x',1]]");
        ended(Outcome.UNKNOWN, 1, 2, "[['append','x',2]]");
        txn(1, 3, 4, "[['r','x',[]]]");
        txn(2, 5, 6, "[['r','x',[1]]]");
        valid();
    }

    @Test
    @DisplayName("histories of true lists pass; a read that misses what was acknowledged before is always seen")
    void acceptsTrueHistoriesAndSeesLies() {
        int lies = 0;
        for (long seed = 0; seed < 60; seed++) {
            List<Call> calls = trueHistory(seed, 80, 5);
            Verdict verdict = new AppendJudge().judge(calls);
            assertThat(verdict.kind()).as("seed %d: %s", seed, verdict).isEqualTo(Verdict.Kind.VALID);
            List<Call> bent = forget(calls, new SplittableRandom(seed));
            if (!bent.equals(calls)) {
                lies++;
                assertThat(new AppendJudge().judge(bent).kind())
                        .as("bent history of seed %d", seed)
                        .isEqualTo(Verdict.Kind.VIOLATED);
            }
        }
        assertThat(lies).isGreaterThan(40);
    }

    @Test
    @DisplayName("thousands of transactions are judged soon (axolotl.judge.calls=5000 for the long form)")
    void aLongHistoryIsJudgedSoon() {
        int calls = Integer.getInteger("axolotl.judge.calls", 1_000);
        List<Call> history = trueHistory(1, calls, 20);
        long start = System.nanoTime();
        Verdict verdict = new AppendJudge().judge(history);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VALID);
        assertThat(millis).isLessThan(60_000);
        if (calls > 1_000) {
            System.out.println(calls + " transactions: " + millis + " ms; " + verdict.summary());
        }
    }

    /** Of lists on which each transaction happens at one moment between its beginning and its end. */
    private static List<Call> trueHistory(long seed, int calls, int clients) {
        record Running(List<ListTxn.Access> asked, long from) {}
        SplittableRandom random = new SplittableRandom(seed);
        MadeCalls made = new MadeCalls();
        Map<String, List<Long>> lists = new HashMap<>();
        Running[] running = new Running[clients];
        JsonObject[] answers = new JsonObject[clients];
        List<List<ListTxn.Access>> late = new ArrayList<>();
        long element = 0;
        long clock = 0;
        while (made.calls().size() < calls) {
            clock++;
            int client = random.nextInt(clients);
            Running now = running[client];
            if (!late.isEmpty() && random.nextInt(3) == 0) {
                JsonObject unused = execute(late.remove(0), lists);
            }
            if (now == null) {
                List<ListTxn.Access> asked = new ArrayList<>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    String key = "l" + random.nextInt(4) + "-" + element / 200;
                    asked.add(random.nextBoolean() ? ListTxn.Access.append(key, element++) : ListTxn.Access.read(key));
                }
                running[client] = new Running(asked, clock);
            } else if (answers[client] == null && random.nextInt(10) == 0) {
                boolean isRefused = random.nextBoolean();
                if (!isRefused && random.nextBoolean()) {
                    late.add(now.asked);
                }
                made.add(
                        client,
                        "txn",
                        ListTxn.toJson(now.asked),
                        KvCall.nothing(),
                        isRefused ? Outcome.REFUSED : Outcome.UNKNOWN,
                        "made",
                        now.from,
                        clock);
                running[client] = null;
            } else if (answers[client] == null) {
                answers[client] = execute(now.asked, lists);
            } else {
                made.add(client, "txn", ListTxn.toJson(now.asked), answers[client], Outcome.DONE, "", now.from, clock);
                running[client] = null;
                answers[client] = null;
            }
        }
        for (int client = 0; client < clients; client++) {
            if (running[client] != null) {
                made.add(
                        client,
                        "txn",
                        ListTxn.toJson(running[client].asked),
                        KvCall.nothing(),
                        Outcome.UNKNOWN,
                        "the end",
                        running[client].from,
                        clock);
            }
        }
        return made.calls();
    }

    private static JsonObject execute(List<ListTxn.Access> asked, Map<String, List<Long>> lists) {
        List<ListTxn.Access> answered = new ArrayList<>();
        for (ListTxn.Access access : asked) {
            List<Long> list = lists.computeIfAbsent(access.key(), any -> new ArrayList<>());
            if (access.isAppend()) {
                list.add(access.element());
                answered.add(access);
            } else {
                answered.add(access.found(list));
            }
        }
        return ListTxn.toJson(answered);
    }

    /** Takes the last element out of a read that began after it was acknowledged, where the reader did not write it itself. */
    private static List<Call> forget(List<Call> calls, SplittableRandom random) {
        List<ListTxn> txns = ListTxn.of(calls);
        List<Call> lies = new ArrayList<>();
        for (ListTxn reader : txns) {
            if (!reader.isDone()
                    || reader.accesses().size() != 1
                    || reader.accesses().get(0).isAppend()) {
                continue;
            }
            ListTxn.Access access = reader.accesses().get(0);
            List<Long> read = access.read();
            if (read == null || read.isEmpty()) {
                continue;
            }
            long last = read.get(read.size() - 1);
            boolean isLie = txns.stream()
                    .anyMatch(
                            writer -> writer.call().isDoneBefore(reader.call()) && writer.appends(access.key(), last));
            if (isLie) {
                Call was = reader.call();
                lies.add(new Call(
                        was.id(),
                        was.client(),
                        was.endpoint(),
                        was.kind(),
                        was.input(),
                        ListTxn.toJson(List.of(access.found(read.subList(0, read.size() - 1)))),
                        Outcome.DONE,
                        "",
                        was.invokedNanos(),
                        was.returnedNanos()));
            }
        }
        if (lies.isEmpty()) {
            return calls;
        }
        Call lie = lies.get(random.nextInt(lies.size()));
        return calls.stream().map(call -> call.id() == lie.id() ? lie : call).toList();
    }

    @Test
    void aValueThatIsNoListIsSeen() {
        txn(1, 1, 2, "[['append','x',1]]");
        made.add(
                2,
                "txn",
                AppendJudge.strange(MadeCalls.row("x", 3, "nonsense")),
                KvCall.nothing(),
                Outcome.REFUSED,
                "it is no list",
                3,
                4);
        seen("phantom");
    }
}
