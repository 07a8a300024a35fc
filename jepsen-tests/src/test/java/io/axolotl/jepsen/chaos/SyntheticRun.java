package io.axolotl.jepsen.chaos;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * A run that never was: probes of every stream each 10 ms, calls of some clients, and faults that are told what they cost. Times are milliseconds
 * from the start. Confined to one thread.
 */
public final class SyntheticRun {
    public static final long MS = 1_000_000;

    private static final int PERIOD_MS = 10;

    private final int nodes;
    private final long lengthMs;
    private final long seed;
    private final List<FaultWindow> faults = new ArrayList<>();
    private final List<ClusterEvent> events = new ArrayList<>();
    private final List<Silence> silences = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private String id = "run-1";
    private String target = "axolotl";
    private String workload = "register";
    private String nemesis = "mixed";

    /** @param isSlow whether answers came, after 80 ms, instead of none */
    private record Silence(int member, String kind, long fromMs, long toMs, boolean isSlow) {}

    public SyntheticRun(int nodes, long lengthMs, long seed) {
        this.nodes = nodes;
        this.lengthMs = lengthMs;
        this.seed = seed;
    }

    public SyntheticRun named(String newId, String newTarget, String newWorkload, String newNemesis) {
        id = newId;
        target = newTarget;
        workload = newWorkload;
        nemesis = newNemesis;
        return this;
    }

    /** @param healedMs 0 for never */
    public SyntheticRun fault(String fault, String on, long atMs, long healedMs) {
        faults.add(new FaultWindow(fault, List.of("P1"), on, "made up", atMs * MS, healedMs * MS));
        return this;
    }

    /** No answers to probes that a member, or -1, was sent in {@code [fromMs, toMs)}. */
    public SyntheticRun silent(int member, long fromMs, long toMs) {
        silences.add(new Silence(member, "write", fromMs, toMs, false));
        silences.add(new Silence(member, "read", fromMs, toMs, false));
        return this;
    }

    /** Nobody was served. */
    public SyntheticRun nobody(long fromMs, long toMs) {
        for (int member = -1; member < nodes; member++) {
            silent(member, fromMs, toMs);
        }
        return this;
    }

    public SyntheticRun slow(int member, String kind, long fromMs, long toMs) {
        silences.add(new Silence(member, kind, fromMs, toMs, true));
        return this;
    }

    public SyntheticRun event(long atMs, int member, String kind, String detail, long bytes) {
        events.add(new ClusterEvent(atMs * MS, member, kind, detail, bytes));
        return this;
    }

    public SyntheticRun verdict(Verdict.Kind kind, String judge, String summary, String... evidence) {
        verdicts.add(new Verdict(judge, kind, summary, List.of(evidence)));
        return this;
    }

    public SyntheticRun skipped(String what, String why) {
        skipped.put(what, why);
        return this;
    }

    public SyntheticRun setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /** The same however often it is asked for. */
    public RunRecord record() {
        SplittableRandom chance = new SplittableRandom(seed);
        List<Probe> probes = new ArrayList<>();
        for (long at = 0; at < lengthMs; at += PERIOD_MS) {
            for (int member = -1; member < nodes; member++) {
                probes.add(probe(chance, at, member, "write"));
                probes.add(probe(chance, at, member, "read"));
            }
        }
        return new RunRecord(
                id,
                "0123456789abcdef",
                target,
                nodes,
                4711,
                workload,
                nemesis,
                lengthMs / 60_000.0,
                1_795_341_600_000L,
                List.copyOf(faults),
                List.copyOf(events),
                probes,
                List.copyOf(verdicts),
                skipped,
                settings);
    }

    private Probe probe(SplittableRandom chance, long atMs, int member, String kind) {
        long took = (kind.equals("write") ? 2_200_000 : 700_000) + chance.nextLong(900_000);
        for (Silence silence : silences) {
            if (silence.member == member
                    && silence.kind.equals(kind)
                    && atMs >= silence.fromMs
                    && atMs < silence.toMs) {
                return new Probe(atMs * MS, (silence.isSlow ? 80 : 100) * MS, member, kind, silence.isSlow);
            }
        }
        return new Probe(atMs * MS, took, member, kind, true);
    }

    /** Calls of some clients, each as soon as the one before has ended: they wait while the client that may choose is not served. */
    public List<Call> calls(int clients) {
        List<Call> calls = new ArrayList<>();
        LongPredicate isServed = atMs -> silences.stream()
                .noneMatch(silence -> silence.member < 0 && atMs >= silence.fromMs && atMs < silence.toMs);
        SplittableRandom chance = new SplittableRandom(seed);
        long number = 0;
        for (int client = 0; client < clients; client++) {
            long at = chance.nextLong(20);
            while (at < lengthMs) {
                boolean isRead = chance.nextInt(3) == 0;
                long took = (isRead ? 700_000 : 2_200_000) + (long) (-Math.log(1 - chance.nextDouble()) * 1_500_000);
                Outcome outcome = Outcome.DONE;
                if (!isServed.test(at)) {
                    long end = at;
                    while (end < lengthMs && !isServed.test(end) && end - at < 1_000) {
                        end += 10;
                    }
                    took += (end - at) * MS;
                    outcome = chance.nextInt(3) == 0
                            ? Outcome.DONE
                            : chance.nextInt(4) == 0 ? Outcome.REFUSED : Outcome.UNKNOWN;
                }
                calls.add(new Call(
                        number++,
                        client,
                        client % (nodes + 1) - 1,
                        isRead ? "read" : "put",
                        new JsonObject(),
                        new JsonObject(),
                        outcome,
                        outcome == Outcome.DONE ? "" : "made up",
                        at * MS,
                        at * MS + took));
                at += took / MS + 15 + chance.nextInt(15);
            }
        }
        return calls;
    }

    /** Three minutes with ten faults of many kinds, as a real run could have been. */
    public static SyntheticRun threeMinutes() {
        return new SyntheticRun(3, 180_000, 1)
                .named("axolotl-3-register-mixed-4711", "axolotl", "register", "mixed")
                .event(100, 1, "leader", "term 2", 0)
                .fault("leader-kill", "n2", 12_000, 16_000)
                .event(12_001, 1, "exit", "kill -9", 0)
                .event(12_090, 0, "election", "term 3: the leader's connections are refused", 0)
                .event(12_140, 0, "leader", "term 3", 0)
                .nobody(12_000, 12_150)
                .silent(1, 12_150, 17_650)
                .event(16_010, 1, "start", "", 0)
                .event(17_600, 1, "caught-up", "log", 83_112)
                .fault("pause", "n3", 27_000, 31_000)
                .silent(2, 27_000, 31_050)
                .silent(-1, 27_000, 27_050)
                .event(31_120, 2, "caught-up", "log", 0)
                .fault("isolated-leader", "n1", 40_000, 48_000)
                .nobody(40_000, 41_260)
                .silent(0, 41_260, 48_420)
                .event(41_190, 2, "election", "term 4", 0)
                .event(41_240, 2, "leader", "term 4", 0)
                .event(48_500, 0, "caught-up", "log", 190_244)
                .fault("slow-disk", "n3", 58_000, 70_000)
                .slow(2, "write", 58_050, 59_600)
                .slow(-1, "write", 58_050, 59_600)
                .slow(0, "write", 58_050, 59_600)
                .slow(1, "write", 58_050, 59_600)
                .event(59_480, 1, "election", "term 5: handed over, slow disk", 0)
                .event(59_500, 1, "leader", "term 5", 0)
                .event(70_300, 2, "caught-up", "log", 12_400)
                .fault("one-way", "n1->n3", 78_000, 84_000)
                .fault("leader-transfer", "n2", 90_000, 90_010)
                .nobody(90_000, 90_020)
                .event(90_002, 0, "election", "term 6: told to", 0)
                .event(90_012, 0, "leader", "term 6", 0)
                .fault("wiped-member", "n3", 98_000, 104_000)
                .event(98_001, 2, "exit", "stopped", 0)
                .event(104_020, 2, "start", "empty folder", 0)
                .silent(2, 98_000, 107_900)
                .event(106_900, 2, "snapshot-install", "revision 48112", 12_582_912)
                .event(107_950, 2, "caught-up", "snapshot", 220_190)
                .fault("slow-lossy", "all", 118_000, 134_000)
                .fault("leader-kill", "n1", 126_000, 130_000)
                .event(126_001, 0, "exit", "kill -9", 0)
                .nobody(126_000, 127_450)
                .silent(0, 127_450, 131_700)
                .event(127_200, 1, "election", "term 7", 0)
                .event(127_380, 1, "leader", "term 7", 0)
                .event(130_010, 0, "start", "", 0)
                .event(132_100, 0, "caught-up", "log", 402_113)
                .event(134_600, 1, "caught-up", "", 0)
                .event(134_500, 0, "caught-up", "", 0)
                .event(134_700, 2, "caught-up", "", 0)
                .fault("all-kill", "all", 150_000, 152_000)
                .event(150_001, 0, "exit", "kill -9", 0)
                .event(150_002, 1, "exit", "kill -9", 0)
                .event(150_003, 2, "exit", "kill -9", 0)
                .nobody(150_000, 155_400)
                .event(152_010, 0, "start", "", 0)
                .event(152_015, 1, "start", "", 0)
                .event(152_020, 2, "start", "", 0)
                .event(155_200, 2, "election", "term 8", 0)
                .event(155_290, 2, "leader", "term 8", 0)
                .event(155_500, 0, "caught-up", "log", 9_000)
                .event(155_600, 1, "caught-up", "log", 9_000)
                .event(155_400, 2, "caught-up", "log", 0)
                .verdict(Verdict.Kind.VALID, "linearizable", "112 keys, 61,204 calls, each key has an order")
                .verdict(Verdict.Kind.VALID, "equal members", "the digests of 3 members are equal at revision 61,877")
                .verdict(
                        Verdict.Kind.UNDECIDED,
                        "minimum rate",
                        "7 of 10 faults",
                        "fault 4: 91 operations per second are needed during it, there were 88")
                .skipped("bit-flip", "needs a process of its own per node: not in this set")
                .skipped("clock-jump", "libfaketime is not installed")
                .setting("heartbeat-interval", "100 ms")
                .setting("election-timeout", "1000 ms")
                .setting("clients", "8")
                .setting("network", "each node in a network namespace of its own")
                .setting("snapshot-count", "1000");
    }
}
