package io.axolotl.jepsen.chaos.runner;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.StateDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What has to hold of every cluster after every run, whatever its clients did. Confined to one thread. */
final class EndChecks {
    /** For a cluster of Java machines that all have to start: far more than elections take, which are measured elsewhere. */
    static final Duration LIVENESS_BOUND = Duration.ofSeconds(60);

    /** Of servers with a bug, which may never be back: whoever plays many of them does not wait a minute for each. */
    static final Duration PLANTED_LIVENESS_BOUND = Duration.ofSeconds(25);

    /** A lease that ends now is gone from one member a moment before another. */
    private static final Duration LEASES_BOUND = Duration.ofSeconds(10);

    private static final int EXAMPLES = 10;
    private static final double MOST_NOT_SENT = 0.05;

    /** What no process may say, whatever is done to it: something is wrong inside. */
    private static final Pattern FORBIDDEN = Pattern.compile(
            "InvariantViolat|invariant .*(violated|broken)|Exception in thread|uncaught|OutOfMemoryError|StackOverflowError"
                    + "|fatal error has been detected|SIGSEGV|NullPointerException|IndexOutOfBounds|IllegalStateException"
                    + "|ClassCastException|goroutine \\d+ \\[running\\]|tocommit\\(\\d+\\) is out of range");

    private static final Pattern PANIC = Pattern.compile("goroutine \\d+ \\[running\\]");
    private static final Pattern CORRUPT = Pattern.compile("alarm:CORRUPT");
    private static final Pattern NO_MEMORY = Pattern.compile("OutOfMemoryError");

    /** Whoever was waited for in vain once is not waited for as long again. */
    private static final Duration SECOND_BOUND = Duration.ofSeconds(5);

    private final ProcessCluster cluster;
    private final Duration livenessBound;
    private Duration catchUpBound;

    /** @param livenessBound in which members that are whole again serve */
    EndChecks(ProcessCluster cluster, Duration livenessBound) {
        this.cluster = cluster;
        this.livenessBound = livenessBound;
        this.catchUpBound = livenessBound;
    }

    /** I13: with everything whole again all members are there, one leads, a write goes through each, and all catch up. */
    Verdict liveness() {
        String judge = "liveness";
        long start = System.nanoTime();
        try {
            for (ServerProcess node : cluster.nodes()) {
                node.awaitHealthy(left(start));
            }
            for (ServerProcess node : cluster.nodes()) {
                Await.fact("a write through " + node, left(start), () -> writes(node));
            }
            for (ServerProcess node : cluster.nodes()) {
                cluster.awaitCaughtUp(node, left(start));
            }
            return new Verdict(
                    judge,
                    Verdict.Kind.VALID,
                    "all members serve and have caught up " + Text.duration(System.nanoTime() - start)
                            + " after the last fault was undone",
                    List.of());
        } catch (Await.TooLateException e) {
            catchUpBound = SECOND_BOUND;
            return new Verdict(
                    judge,
                    Verdict.Kind.VIOLATED,
                    "not all members serve " + Text.seconds(livenessBound.toNanos())
                            + " after everything is whole again",
                    List.of(String.valueOf(e.getMessage())));
        }
    }

    /** Of a machine that had no time for the cluster: what came too late there is nobody's fault. */
    static Verdict excused(Verdict verdict) {
        return verdict.isViolated()
                ? new Verdict(
                        verdict.judge(),
                        Verdict.Kind.UNDECIDED,
                        verdict.summary() + ", on a machine that kept everybody waiting",
                        verdict.evidence())
                : verdict;
    }

    private Duration left(long startNanos) {
        return Duration.ofNanos(Math.max(1, startNanos + livenessBound.toNanos() - System.nanoTime()));
    }

    private static boolean writes(ServerProcess node) {
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints(node.clientUrl())
                .requestTimeout(Duration.ofSeconds(2))
                .build()) {
            var unused = client.kv().put("chaos-end/" + node.name(), "alive").await();
            return true;
        } catch (AxolotlException e) {
            return false;
        }
    }

    /**
     * I7: all members have the same keys at the same revision, the same members and the same alarms; and none has found itself that
     * another one's history or state is not its own, which raises an alarm.
     */
    Verdict equality() {
        String judge = "equal members";
        Map<String, Set<String>> byState = new LinkedHashMap<>();
        long revision;
        try (AxolotlClient client = cluster.client()) {
            revision = client.kv().get("chaos-end").await().header().revision();
        } catch (AxolotlException e) {
            return new Verdict(
                    judge, Verdict.Kind.UNDECIDED, "nobody tells the revision: " + e.getMessage(), List.of());
        }
        for (ServerProcess node : cluster.nodes()) {
            String state;
            try (AxolotlClient member = ProcessCluster.clientOf(node)) {
                cluster.awaitCaughtUp(node, catchUpBound);
                StateDigest digest = StateDigest.of(member, revision);
                state = digest.keys() + " keys, digest " + digest.brief() + ", "
                        + member.cluster().members(false).await().members() + ", "
                        + member.maintenance().alarms().await().alarms();
            } catch (AxolotlException | Await.TooLateException e) {
                state = "not told: " + e.getMessage();
            }
            byState.computeIfAbsent(state, it -> new LinkedHashSet<>()).add(node.name());
        }
        boolean areEqual =
                byState.size() == 1 && byState.keySet().stream().noneMatch(state -> state.startsWith("not told"));
        List<String> evidence = new ArrayList<>();
        byState.forEach((state, nodes) -> evidence.add(nodes + ": " + state));
        return equality(areEqual, revision, evidence);
    }

    static Verdict equality(boolean areEqual, long revision, List<String> evidence) {
        boolean isDoubted =
                evidence.stream().anyMatch(state -> CORRUPT.matcher(state).find());
        boolean isWell = areEqual && !isDoubted;
        return new Verdict(
                "equal members",
                isWell ? Verdict.Kind.VALID : Verdict.Kind.VIOLATED,
                isWell
                        ? "all members have the same at revision " + revision
                        : (areEqual ? "a member was found to differ before revision " : "members differ at revision ")
                                + revision,
                isWell ? List.of() : evidence);
    }

    /** I7: all members know the same leases. */
    Verdict leases() {
        String judge = "equal leases";
        Map<String, Set<String>> last = new LinkedHashMap<>();
        try {
            Await.fact("all members to know the same leases", LEASES_BOUND, () -> {
                last.clear();
                for (ServerProcess node : cluster.nodes()) {
                    String known = leasesOf(node);
                    last.computeIfAbsent(known, it -> new LinkedHashSet<>()).add(node.name());
                }
                return last.size() == 1 && !last.keySet().iterator().next().startsWith("not told");
            });
            return new Verdict(judge, Verdict.Kind.VALID, "all members know the same leases", List.of());
        } catch (Await.TooLateException e) {
            List<String> evidence = new ArrayList<>();
            last.forEach((leases, nodes) -> evidence.add(nodes + ": " + leases));
            return new Verdict(judge, Verdict.Kind.VIOLATED, "members know different leases", evidence);
        }
    }

    private static String leasesOf(ServerProcess node) {
        try (AxolotlClient member = ProcessCluster.clientOf(node)) {
            return member.leases().list().await().ids().stream()
                    .sorted()
                    .map(Long::toHexString)
                    .toList()
                    .toString();
        } catch (AxolotlException e) {
            return "not told: " + e.getMessage();
        }
    }

    /** The same of all that were seen. */
    static Verdict processes(MemberEvents events) {
        Optional<String> blindness = events.blindness();
        return blindness.isPresent()
                ? new Verdict(
                        "processes",
                        Verdict.Kind.UNDECIDED,
                        "not all was seen of the processes",
                        List.of(blindness.get()))
                : processes(events.unexplainedEnds());
    }

    /** Every process that ended had a reason that a fault gave it. */
    static Verdict processes(List<String> unexplainedEnds) {
        return new Verdict(
                "processes",
                unexplainedEnds.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.VIOLATED,
                unexplainedEnds.isEmpty()
                        ? "no process ended without a reason"
                        : Text.count(unexplainedEnds.size(), "process", "processes") + " ended without a reason",
                unexplainedEnds);
    }

    /**
     * No process said what none may say.
     *
     * @param mayPanic whether disks or memory were hurt in a way in which etcd ends by a panic, as it should
     * @param lackedMemory names of the members that were left without memory, and may say so
     */
    Verdict logs(boolean mayPanic, Set<String> lackedMemory) {
        List<String> found = new ArrayList<>();
        for (ServerProcess node : cluster.nodes()) {
            forbidden(node.name(), node.spec().logFile()).stream()
                    .filter(line -> !(mayPanic && PANIC.matcher(line).find()))
                    .filter(line -> !(lackedMemory.contains(node.name())
                            && NO_MEMORY.matcher(line).find()))
                    .forEach(found::add);
        }
        return new Verdict(
                "logs",
                found.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.VIOLATED,
                found.isEmpty() ? "no log tells of anything wrong inside" : "logs tell of something wrong inside",
                found.subList(0, Math.min(EXAMPLES, found.size())));
    }

    static List<String> forbidden(String node, Path log) {
        try {
            return Files.exists(log)
                    ? Files.readString(log, StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> FORBIDDEN.matcher(line).find())
                            .map(line -> node + ": " + line)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + log, e);
        }
    }

    /** Whether the prober was on time: what it did not send says nothing about anybody, and if that is much, no figure does. */
    static Verdict probes(long notSent, long sent) {
        double share = (double) notSent / Math.max(1, notSent + sent);
        return new Verdict(
                "probes",
                share > MOST_NOT_SENT ? Verdict.Kind.VOID : Verdict.Kind.VALID,
                notSent + " of " + (notSent + sent) + " probes could not be sent in time",
                List.of());
    }

    /**
     * What could not be undone was left to the cluster: then the run says less than it seems to; as one in which a fault that was asked
     * for never came.
     */
    static Verdict nemesis(List<String> failures, List<String> neverPlayed) {
        List<String> evidence = new ArrayList<>(failures);
        neverPlayed.forEach(fault -> evidence.add(fault + " was asked for and never played"));
        boolean isDone = evidence.isEmpty();
        return new Verdict(
                "nemesis",
                isDone ? Verdict.Kind.VALID : failures.isEmpty() ? Verdict.Kind.VOID : Verdict.Kind.UNDECIDED,
                isDone
                        ? "every fault was done and undone"
                        : Text.count(evidence.size(), "fault", "faults")
                                + " could not be done or undone, did not last, or never came",
                evidence);
    }
}
