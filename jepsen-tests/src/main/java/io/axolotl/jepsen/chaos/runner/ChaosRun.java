package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.environment.Environment;
import io.axolotl.jepsen.chaos.measure.Prober;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.nemesis.Nemesis;
import io.axolotl.jepsen.chaos.nemesis.Scene;
import io.axolotl.jepsen.chaos.nemesis.Schedule;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Plays one run from the start of its cluster to its verdicts: traffic, faults, everything whole again, traffic, last reads, and the
 * questions of {@link EndChecks}. Confined to one thread.
 */
public final class ChaosRun {
    private static final Duration START_BOUND = Duration.ofMinutes(3);
    /** In which clients connect and Java machines begin to compile; not counted. */
    private static final long WARM_UP_MILLIS = 2_000;
    /** Where nobody is served steadily by then, the run goes on; the faults that it cannot measure are void. */
    private static final Duration STEADY_BOUND = Duration.ofSeconds(20);

    private static final Duration BRISK_STEADY_BOUND = Duration.ofSeconds(6);

    private static final long CALM_TRAFFIC_MILLIS = 5_000;
    private static final long BRISK_TRAFFIC_MILLIS = 2_500;
    /** Small, so that logs are compacted and snapshots are sent within a run. */
    private static final int SNAPSHOT_COUNT = 1_000;

    private final RunPlan plan;
    private final Faults.Choice choice;
    private final Consumer<String> progress;
    private final Path data;

    /**
     * What came of a run. Immutable.
     *
     * @param healedNanos of the run until everything was whole again and served, or had not been back in time
     */
    public record Result(RunRecord record, List<Call> calls, long healedNanos) {
        /** Whether a judge found something that must not be. */
        public boolean isViolated() {
            return record.verdicts().stream().anyMatch(Verdict::isViolated);
        }

        /** Whether the run shows nothing, one way or the other. */
        public boolean isVoid() {
            return !isViolated() && record.verdicts().stream().anyMatch(it -> it.kind() != Verdict.Kind.VALID);
        }
    }

    /** @param choice what of the plan's faults can be played */
    public ChaosRun(RunPlan plan, Faults.Choice choice, Consumer<String> progress) {
        this.plan = plan;
        this.choice = choice;
        this.progress = progress;
        this.data = plan.folder().resolve("data").toAbsolutePath();
    }

    /** Plays it. */
    public Result play() {
        ProcessCluster.delete(data);
        Workload workload = Workloads.named(plan.workload());
        long started = System.currentTimeMillis();
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + data, e);
        }
        Environment.Plan wanted = new Environment.Plan(
                plan.target(),
                plan.nodes(),
                data,
                plan.isEnclosed(),
                choice.needs(),
                flags(),
                plan.planted().map(PlantedServerBug::wrapper).orElse(List.of()),
                plan.planted().map(PlantedServerBug::main).orElse(List.of()),
                plan.seed());
        try (Environment environment = Environment.of(wanted)) {
            progress.accept(plan.nodes() + " members of " + plan.targetName() + " on " + environment.description());
            environment.requireFreePorts();
            Played played = playOrKeep(environment, workload);
            List<Verdict> verdicts = new ArrayList<>(played.verdicts);
            if (verdicts.stream().anyMatch(it -> it.kind() != Verdict.Kind.VALID)) {
                keep(environment).ifPresent(verdicts::add);
            }
            RunRecord record = new RunRecord(
                    String.valueOf(plan.folder().getFileName()),
                    Source.commit(),
                    plan.targetName(),
                    plan.nodes(),
                    plan.seed(),
                    plan.workload(),
                    plan.nemesisName(),
                    plan.minutes(),
                    started,
                    played.nemesis.windows(),
                    played.events,
                    played.probes,
                    verdicts,
                    choice.skipped(),
                    settings(environment, played));
            return new Result(record, played.calls, played.rates.healedNanos());
        } finally {
            progress.accept("the cluster is taken down");
        }
    }

    /** A run that breaks off keeps what the servers have, as one does in which something was found. */
    private Played playOrKeep(Environment environment, Workload workload) {
        try {
            environment.cluster().start(START_BOUND);
            return play(environment, workload);
        } catch (RuntimeException e) {
            keep(environment).ifPresent(lost -> progress.accept(lost.summary() + ": " + lost.evidence()));
            throw e;
        }
    }

    private Map<String, String> flags() {
        Map<String, String> flags = new LinkedHashMap<>();
        flags.put("snapshot-count", Integer.toString(SNAPSHOT_COUNT));
        if (plan.target() == Target.AXOLOTL) {
            flags.put("snapshot-catchup-entries", Integer.toString(SNAPSHOT_COUNT));
        }
        if (Workloads.changesMembers(plan.workload())) {
            // It only adds learners; with the check nobody could while a member is hurt, and for seconds after.
            flags.put("strict-reconfig-check", "false");
        }
        return flags;
    }

    /** What came of the part with a living cluster. */
    private record Played(
            Nemesis nemesis,
            Rates rates,
            List<Call> calls,
            List<ClusterEvent> events,
            List<Probe> probes,
            List<Verdict> verdicts) {}

    private Played play(Environment environment, Workload workload) {
        ProcessCluster cluster = environment.cluster();
        long origin = System.nanoTime();
        long trafficMillis = plan.isBrisk() ? BRISK_TRAFFIC_MILLIS : CALM_TRAFFIC_MILLIS;
        io.axolotl.jepsen.chaos.Target target =
                new io.axolotl.jepsen.chaos.Target(plan.targetName(), cluster.endpoints());
        Schedule schedule = Schedule.of(
                plan.nemesis(),
                choice.possible(),
                (long) (plan.minutes() * 60_000),
                plan.seed(),
                plan.isBrisk() ? Schedule.Pace.BRISK : Schedule.Pace.CALM);
        try (History history = History.inFile(origin, plan.folder().resolve(Kept.HISTORY));
                MachineWatch machine = MachineWatch.start();
                MemberEvents events = MemberEvents.start(cluster, origin);
                Prober prober = Prober.start(target, origin);
                Workload.Running running = workload.start(target, history, plan.seed(), plan.callsPerSecond())) {
            rest(WARM_UP_MILLIS);
            restUntilSteady(prober);
            Resources before = Resources.of(cluster);
            long began = System.nanoTime() - origin;
            rest(trafficMillis);
            Scene scene = new Scene(environment, plan.target(), history);
            Nemesis nemesis = new Nemesis(scene, schedule, origin, line -> progress.accept(at(origin) + line));
            events.explainedBy(scene);
            nemesis.start();
            nemesis.join();
            List<String> failures = new ArrayList<>(nemesis.failures());
            failures.addAll(scene.healAll());
            environment.network().trouble().ifPresent(failures::add);
            progress.accept(at(origin) + "all is whole again");
            EndChecks checks = new EndChecks(
                    cluster, plan.planted().isPresent() ? EndChecks.PLANTED_LIVENESS_BOUND : EndChecks.LIVENESS_BOUND);
            Findings findings = new Findings();
            Verdict liveness = findings.ask("liveness", checks::liveness);
            long healed = System.nanoTime() - origin;
            rest(trafficMillis);
            long stopped = System.nanoTime() - origin;
            findings.attempt("clients", "clients that end", Verdict.Kind.UNDECIDED, running::stop);
            // A whole cluster answers everybody; one that is not whole was found out before.
            Verdict.Kind unread = liveness.isViolated() ? Verdict.Kind.UNDECIDED : Verdict.Kind.VIOLATED;
            findings.attempt("last reads", "a last read of every member", unread, running::finish);
            List<Probe> probes = new ArrayList<>();
            findings.attempt("probes", "probes that end", Verdict.Kind.UNDECIDED, () -> probes.addAll(prober.stop()));
            findings.add(EndChecks.probes(prober.notSent(), probes.size()));
            Verdict unusedEquality = findings.ask("equal members", checks::equality);
            Verdict unusedLeases = findings.ask("equal leases", checks::leases);
            findings.add(before.judge(Resources.of(cluster)));
            Verdict unusedProcesses = findings.ask("processes", () -> EndChecks.processes(events));
            boolean mayPanic = plan.target() == Target.ETCD
                    && nemesis.windows().stream()
                            .anyMatch(fault -> Faults.hurtsDisks(fault.id()) || Faults.hurtsMemory(fault.id()));
            Set<String> lackedMemory = nemesis.windows().stream()
                    .filter(fault -> Faults.hurtsMemory(fault.id()))
                    .map(FaultWindow::target)
                    .collect(Collectors.toSet());
            Verdict unusedLogs = findings.ask("logs", () -> checks.logs(mayPanic, lackedMemory));
            findings.add(EndChecks.nemesis(failures, choice.neverPlayed(plan.nemesis(), nemesis.windows())));
            findings.add(nemesis.teeth().verdict());
            findings.add(machine.judge());
            List<Call> calls = history.calls();
            Rates rates = new Rates(began, healed, stopped);
            findings.add(rates.judge(calls, nemesis.windows(), plan.callsPerSecond(), workload.reachableShare()));
            progress.accept(at(origin) + calls.size() + " calls are judged");
            findings.askAll("judges of " + workload.name(), () -> workload.judge(calls));
            return new Played(nemesis, rates, calls, events.events(), probes, findings.verdicts());
        }
    }

    private static String at(long originNanos) {
        return String.format(Locale.ROOT, "%6.1f s  ", (System.nanoTime() - originNanos) / 1e9);
    }

    private static void rest(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        Await.fact("traffic", Duration.ofMillis(millis + 10_000), () -> System.nanoTime() >= end);
    }

    private void restUntilSteady(Prober prober) {
        Duration most = plan.isBrisk() ? BRISK_STEADY_BOUND : STEADY_BOUND;
        long end = System.nanoTime() + most.toNanos();
        Await.fact("steady service", most.plusSeconds(10), () -> prober.isSteady() || System.nanoTime() >= end);
        if (!prober.isSteady()) {
            progress.accept("nobody was served steadily within " + Text.duration(most.toNanos()) + "; the run goes on");
        }
    }

    private Map<String, String> settings(Environment environment, Played played) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("environment", environment.description());
        settings.put("callsPerSecond", Double.toString(plan.callsPerSecond()));
        settings.put("beganNanos", Long.toString(played.rates.beganNanos()));
        settings.put("healedNanos", Long.toString(played.rates.healedNanos()));
        settings.put("stoppedNanos", Long.toString(played.rates.stoppedNanos()));
        plan.planted().ifPresent(bug -> {
            settings.put(RunRecord.PLANTED, bug.id());
            settings.put(RunRecord.PLANTED_BUG, bug.sentence());
        });
        flags().forEach((flag, value) -> settings.put("--" + flag, value));
        return settings;
    }

    /**
     * What is on disks of their own is copied: they end with the cluster.
     *
     * @return what could not be copied
     */
    private Optional<Verdict> keep(Environment environment) {
        try {
            environment.cluster().nodes().forEach(node -> node.kill());
            for (int node = 0; node < plan.nodes(); node++) {
                String name = "n" + (node + 1);
                environment.disk(node).ifPresent(disk -> {
                    disk.free();
                    Command.require(
                            List.of(
                                    "cp",
                                    "-a",
                                    disk.folder().resolve("data").toString(),
                                    data.resolve(name).toString()),
                            "");
                });
            }
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(new Verdict(
                    "kept data",
                    Verdict.Kind.UNDECIDED,
                    "the servers' data could not be kept whole",
                    List.of(String.valueOf(e.getMessage()))));
        }
    }

    /** Removes the servers' data of a run that has nothing more to tell. */
    public void removeData() {
        ProcessCluster.delete(data);
    }
}
