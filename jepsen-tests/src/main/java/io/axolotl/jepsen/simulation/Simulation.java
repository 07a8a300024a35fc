package io.axolotl.jepsen.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.axolotl.raft.NodeView;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One world made from one seed (design D14). First it is hurt for a while, and safety is judged after every event. Then a
 * majority is healed, and only that: it must make progress. Then everything is healed: all must become equal, and the
 * whole history is judged. Safety first, liveness second, two verdicts.
 *
 * <p>Uses no thread, no clock and no chance but the seed's; a simulation is used once. Confined to one thread.
 */
final class Simulation {
    /** A connected, healthy majority must commit within so many of the longest election timeouts (I13). */
    private static final long LIVENESS_ELECTIONS = 30;

    /** Most that an entry weighs here without its values, of which it has three at most. */
    private static final long ENTRY_BYTES = 128;

    private static final int KEPT_LINES = 120;
    private static final long MOST_SEARCH_STEPS = 2_000_000;

    private final long seed;
    private final PlantedBug bug;
    private final Trim trim;
    private final SimulationSettings settings;
    private final Engines engines;
    private final VirtualTime time = new VirtualTime();
    private final Marks marks = new Marks();
    private final History history = new History();
    private final Trace trace;
    private final Cluster cluster;
    private final Operator operator;
    private final FaultAtlas atlas;
    private final Nemesis nemesis;
    private final Chance chance;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<NumberedClient> numbered = new ArrayList<>();

    /**
     * @param virtualSeconds how long the cluster is hurt
     * @param echo where the whole trace is printed, or null
     */
    Simulation(long seed, PlantedBug bug, long virtualSeconds, @Nullable PrintStream echo) {
        this(seed, bug, Trim.of(virtualSeconds), echo);
    }

    /** @param trim what is taken away from the seed's world */
    Simulation(long seed, PlantedBug bug, Trim trim, @Nullable PrintStream echo) {
        this.seed = seed;
        this.bug = bug;
        this.trim = trim;
        this.chance = Chance.ofSeed(seed);
        this.settings = SimulationSettings.draw(chance.branch(), Chance.ofSeed(Long.reverse(seed)))
                .trimmed(trim);
        this.engines = trim.engines();
        this.trace = new Trace(time, KEPT_LINES, echo);
        this.cluster = new Cluster(time, settings, engines, bug, history, marks, trace, chance.branch());
        this.atlas = new FaultAtlas(cluster);
        this.operator = new Operator(cluster, chance.branch());
        this.nemesis = new Nemesis(cluster, operator, atlas, trim, chance.branch());
        for (int number = 1; number <= settings.clients(); number++) {
            clients.add(new SimulatedClient(number, cluster, chance.branch(), history));
        }
        // From a source of its own: the rest of a seed's world is what it was before there were sessions.
        Chance besides = Chance.ofSeed(~seed);
        int drawn = besides.happens(0.3) ? besides.between(1, 2) : 0;
        for (int more = Math.min(drawn, trim.mostClients()); more > 0; more--) {
            numbered.add(new NumberedClient(settings.clients() + more, cluster, besides.branch(), history));
        }
    }

    /** Runs it to the end or to the first broken promise. */
    SimulationResult run() {
        InvariantViolation violation = null;
        if (LoggerFactory.getLogger("io.axolotl.server.driver.DiskSpace") instanceof Logger fullDisks) {
            // What it has to say to people it would say of every full disk here.
            fullDisks.setLevel(Level.OFF);
        }
        trace.line("-", "settings", settings.toString());
        try {
            hurt();
            healMajority();
            healAll();
            judgeHistory();
        } catch (InvariantViolation e) {
            violation = e;
            trace.line("-", "VIOLATION", String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            // A world that ends of itself has been judged by nobody.
            violation = new InvariantViolation("the world goes on to its end", String.valueOf(e), e);
            trace.line("-", "VIOLATION", String.valueOf(violation.getMessage()));
        } finally {
            engines.close();
        }
        long done = 0;
        long unknown = 0;
        long refused = 0;
        for (Operation operation : history.operations()) {
            switch (operation.outcome()) {
                case DONE -> done++;
                case REFUSED -> refused++;
                case PENDING, UNKNOWN -> unknown++;
            }
        }
        return new SimulationResult(
                seed,
                bug,
                trace.hash(),
                time.executed(),
                time.nowNanos(),
                done,
                unknown,
                refused,
                marks,
                violation,
                trace.lastLines(),
                settings.toString(),
                trim,
                nemesis.done(),
                settings.nodes() - settings.newcomers(),
                settings.clients());
    }

    private void hurt() {
        for (SimulatedNode node : cluster.nodes()) {
            time.after(chance.around(50 * SimulationSettings.MILLIS), node::start);
        }
        clients.forEach(SimulatedClient::start);
        numbered.forEach(NumberedClient::start);
        operator.start();
        nemesis.start();
        runUntil(trim.seconds() * SimulationSettings.SECONDS, () -> false);
    }

    /** Safety has been judged; now a majority gets everything it needs, the others nothing. */
    private void healMajority() {
        nemesis.stop();
        // What has piled up must go through first; more of it would only measure how much a slow cluster can take.
        clients.forEach(SimulatedClient::stop);
        numbered.forEach(NumberedClient::stop);
        cluster.network().extraLatency(0);
        cluster.network().extraLoss(0);
        List<Integer> places = new ArrayList<>();
        for (int place = 0; place < settings.nodes(); place++) {
            places.add(place);
        }
        Collections.shuffle(places, new Random(chance.anyLong()));
        // Which majority would do is hard to say while a change may be under way: then all are healed at once.
        // Nor while one has yet to make up for what was destroyed, and needs those that have it.
        boolean isMajorityEnough = !settings.isChangingMembers() && !atlas.hasOpenWounds();
        int healed = isMajorityEnough ? settings.nodes() / 2 + 1 : settings.nodes();
        List<Integer> majority = places.subList(0, healed);
        List<Integer> rest = places.subList(majority.size(), places.size());
        rest.forEach(this::abandon);
        marks.hit(rest.isEmpty() ? "end: all were healed at once" : "end: a majority was healed, the rest left broken");
        cluster.healLinks(majority);
        for (int place : majority) {
            cluster.node(place).heal();
        }
        trace.line("-", "majority healed", "places " + majority);
        long deadlineNanos = time.nowNanos() + boundNanos();
        while (time.nowNanos() < deadlineNanos) {
            Operation probe = clients.get(0).probe(chance.oneOf(majority));
            runUntil(deadlineNanos, () -> probe.outcome() != Operation.Outcome.PENDING);
            if (probe.isDone()) {
                return;
            }
        }
        throw new InvariantViolation(
                "I13 liveness",
                "a healed majority " + majority + " has not committed anything for "
                        + boundNanos() / SimulationSettings.MILLIS + " ms: " + views());
    }

    /** Stays broken, in one of the ways in which the rest of a cluster can be broken. */
    private void abandon(int place) {
        SimulatedNode node = cluster.node(place);
        boolean isDisruptionBearable =
                settings.raft().isPreVote() && settings.raft().isCheckQuorum();
        switch (chance.below(isDisruptionBearable ? 3 : 2)) {
            case 0 -> {
                marks.hit("end: one was left down");
                node.keepDown();
            }
            case 1 -> {
                marks.hit("end: one was left cut off");
                for (int other = 0; other < settings.nodes(); other++) {
                    cluster.network().cutForGood(place, other);
                    cluster.network().cutForGood(other, place);
                }
            }
            default -> {
                marks.hit("end: one was left deaf");
                for (int other = 0; other < settings.nodes(); other++) {
                    cluster.network().cutForGood(other, place);
                }
            }
        }
    }

    private void healAll() {
        List<Integer> places = new ArrayList<>();
        for (int place = 0; place < settings.nodes(); place++) {
            places.add(place);
        }
        cluster.healLinks(places);
        for (SimulatedNode node : cluster.nodes()) {
            node.heal();
        }
        trace.line("-", "all healed", "");
        // Every call that is still open ends or is given up in this time.
        runUntil(time.nowNanos() + settings.clientTimeoutNanos() + SimulationSettings.SECONDS, () -> false);
        long deadlineNanos = time.nowNanos() + 3 * boundNanos();
        if (!runUntil(deadlineNanos, this::isConverged)) {
            throw new InvariantViolation(
                    "I13 liveness",
                    "healed nodes have not caught up: committed "
                            + cluster.judge().committedIndex() + ", " + views());
        }
    }

    /** Whoever belongs to the cluster; what became of the others is nobody's business. */
    private List<SimulatedNode> members() {
        return cluster.nodes().stream()
                .filter(node -> node.isMember() && cluster.judge().membership().contains(node.id()))
                .toList();
    }

    private boolean isConverged() {
        for (SimulatedNode node : members()) {
            NodeView view = node.view();
            if (view == null
                    || !view.isMembershipSettled()
                    || node.process().appliedIndex() != cluster.judge().committedIndex()
                    || view.lastLog().index() != cluster.judge().committedIndex()) {
                return false;
            }
        }
        return true;
    }

    private void judgeHistory() {
        StoreOracle oracle = cluster.judge().oracle();
        for (SimulatedNode node : members()) {
            KvStateMachine store = node.process().store();
            cluster.judge().states().digest(node.id(), store.applied().index(), store.digest());
            Map<String, Long> content = Proposals.content(store);
            if (!content.equals(oracle.allAt(oracle.revision())) || store.revision() != oracle.revision()) {
                throw new InvariantViolation(
                        "I4 acknowledged writes are there",
                        "node " + node.id() + " ends at revision " + store.revision() + " with " + content
                                + ", the committed history at revision " + oracle.revision() + " with "
                                + oracle.allAt(oracle.revision()));
            }
        }
        cluster.judge().clients().checkRefused();
        Optional<String> disorder = RevisionChecker.check(history.operations());
        if (disorder.isPresent()) {
            throw new InvariantViolation("I5 strict serializability", disorder.get());
        }
        LinearizabilityChecker.Verdict verdict =
                new LinearizabilityChecker(MOST_SEARCH_STEPS).check(history.operations());
        if (verdict instanceof LinearizabilityChecker.Verdict.Violated violated) {
            throw new InvariantViolation(
                    "I5 linearizability",
                    "no order of the operations on " + violated.key() + " explains what clients saw:"
                            + LinearizabilityChecker.describe(violated.operations(), 40));
        }
        marks.hit(
                verdict instanceof LinearizabilityChecker.Verdict.Undecided
                        ? "judge: linearizability undecided"
                        : "judge: linearizable");
    }

    /** @return whether {@code isDone} became true in time */
    private boolean runUntil(long limitNanos, BooleanSupplier isDone) {
        while (!isDone.getAsBoolean()) {
            if (!time.runNext(limitNanos)) {
                return isDone.getAsBoolean();
            }
            trace.mix(time.nowNanos());
        }
        return true;
    }

    private long boundNanos() {
        return LIVENESS_ELECTIONS * 2 * settings.raft().electionTimeoutNanos() + replayNanos() + catchUpNanos();
    }

    /** What was not in the state when a node started is applied by the window, or what is read of the log at once, from tick to tick. */
    private long replayNanos() {
        long bytesAtOnce =
                Math.min(settings.raft().maxApplyingBytes(), settings.raft().maxBytesPerAppend());
        long entriesAtOnce = Math.max(1, bytesAtOnce / (ENTRY_BYTES + 3L * settings.valueBytes()));
        return cluster.judge().committedIndex() / entriesAtOnce * (settings.tickNanos() + SimulationSettings.MILLIS);
    }

    /** Where members change, the vote of one may be needed that has yet to be sent the whole log, at worst entry by entry. */
    private long catchUpNanos() {
        if (!settings.isChangingMembers()) {
            return 0;
        }
        SimulationSettings.Network network = settings.network();
        SimulationSettings.DiskModel disk = settings.disk();
        long wayNanos = network.latencyNanos() + 2 * network.jitterNanos();
        // What was lost, or comes when it is too late, is sent again when nothing was heard of it for so long.
        double lost = 2 * (network.loss() + network.straggling());
        long againNanos = (long) (lost * settings.raft().electionTimeoutNanos());
        long entryNanos = 3 * (2 * wayNanos + disk.syncNanos() + 2 * disk.syncJitterNanos() + againNanos);
        return cluster.judge().committedIndex() * entryNanos;
    }

    private String views() {
        StringBuilder text = new StringBuilder();
        for (SimulatedNode node : cluster.nodes()) {
            text.append("\n    ").append(node.name()).append(' ');
            NodeView view = node.view();
            text.append(view == null ? "down" : view.toString());
        }
        return text.toString();
    }
}
