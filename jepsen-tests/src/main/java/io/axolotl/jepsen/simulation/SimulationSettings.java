package io.axolotl.jepsen.simulation;

import io.axolotl.raft.Availability;
import io.axolotl.raft.RaftConfig;
import io.axolotl.server.driver.SnapshotPolicy;
import io.axolotl.server.driver.Tuning;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything a seed decides before the first event. The ranges are wide on purpose: tiny batches and windows, snapshots
 * every few entries and logs cut right behind them make the rare paths common.
 *
 * <p>Immutable.
 *
 * @param nodes how many nodes there are
 * @param newcomers how many of them, the last ones, are no members at the start
 * @param raft what every node is configured with
 * @param tickNanos how often a node's core is told the time
 * @param clockOriginNanos the monotonic clock's value at the start; near overflow in some seeds
 * @param clockDrift how much faster or slower than virtual time a node's clock may run, as a fraction
 * @param network how messages travel
 * @param disk how disks behave
 * @param snapshotEvery entries applied between two snapshots
 * @param logTailKept entries kept in the log behind a snapshot
 * @param flushProbability chance that a run of applied entries is followed by a background flush of the engine
 * @param clients concurrent clients
 * @param keys keys they share
 * @param thinkNanos mean pause of a client between two operations
 * @param clientTimeoutNanos after which a client gives up on a call
 * @param compactProbability chance that a client's operation is followed by a compaction
 * @param faults what the nemesis may do
 * @param faultGapNanos mean time between two faults
 * @param faultNanos mean length of a fault
 * @param reluctanceStep how much more each place would rather not lead than the one before it
 * @param lateForwards probability that a forward, or what is said to it, arrives very late
 * @param favourite half of all faults are of this kind; null if none is preferred
 * @param aim chance that a fault looks for whoever leads, instead of hitting anybody
 * @param valueBytes how long values are at least, so that a batch of the log takes several sectors in some worlds
 */
record SimulationSettings(
        int nodes,
        int newcomers,
        RaftConfig raft,
        long tickNanos,
        long clockOriginNanos,
        double clockDrift,
        Network network,
        DiskModel disk,
        int snapshotEvery,
        int logTailKept,
        double flushProbability,
        int clients,
        int keys,
        long thinkNanos,
        long clientTimeoutNanos,
        double compactProbability,
        Set<Fault> faults,
        long faultGapNanos,
        long faultNanos,
        int reluctanceStep,
        double lateForwards,
        @Nullable Fault favourite,
        double aim,
        int valueBytes) {

    private static final long RESERVE_BYTES = 16 << 10;
    private static final long MOST_WRITTEN_IN_A_MINUTE = 2 << 20;

    /** Drawn after all others, so that a seed's world without them is what it was before there were any. */
    private static final Set<Fault> LATER_FAULTS = EnumSet.of(Fault.DETHRONE, Fault.STALL, Fault.AT_NAMED_POINT);

    static final long MICROS = 1_000L;
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;

    /**
     * @param latencyNanos least time on the way
     * @param jitterNanos mean of the exponential part on top
     * @param loss probability that a message is lost
     * @param duplication probability that it arrives twice
     * @param replay probability that it arrives once more much later
     * @param straggling probability that it arrives very late, long after those sent after it
     * @param isOrdered whether the messages of one stream keep their order (stragglers and copies excepted)
     */
    record Network(
            long latencyNanos,
            long jitterNanos,
            double loss,
            double duplication,
            double replay,
            double straggling,
            boolean isOrdered) {}

    /**
     * @param syncNanos least time of a sync
     * @param syncJitterNanos mean of the exponential part on top
     * @param segmentSizeBytes of the write-ahead log
     * @param batchLimit most writes that share one sync
     */
    record DiskModel(long syncNanos, long syncJitterNanos, int segmentSizeBytes, int batchLimit) {}

    /** @param besides for what was thought of later: the rest of a seed's world is what it was before */
    static SimulationSettings draw(Chance chance, Chance besides) {
        int nodes = (int) chance.oneOf(1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6, 7);
        long heartbeat = chance.between(20, 100) * MILLIS;
        long election = heartbeat * chance.between(5, 10);
        RaftConfig raft = new RaftConfig(
                heartbeat,
                election,
                (int) chance.oneOf(1, 2, 4, 16, 64, 4096),
                chance.oneOf(128, 400, 4096, 1 << 20),
                (int) chance.oneOf(1, 2, 8, 64),
                chance.oneOf(200, 2000, 1 << 20),
                chance.oneOf(600, 5_000, 1 << 20),
                chance.oneOf(200, 2_000, 1 << 20),
                chance.oneOf(0, 300, 4_000, 1 << 20),
                !chance.happens(0.1),
                !chance.happens(0.1));
        Network network = new Network(
                chance.between(50, 5_000) * MICROS,
                chance.between(10, 5_000) * MICROS,
                chance.happens(0.5) ? 0 : chance.fraction() * 0.1,
                chance.happens(0.5) ? 0 : chance.fraction() * 0.1,
                chance.happens(0.6) ? 0 : chance.fraction() * 0.02,
                chance.happens(0.5) ? 0 : chance.fraction() * 0.03,
                chance.happens(0.6));
        DiskModel disk = new DiskModel(
                chance.between(20, 4_000) * MICROS,
                chance.between(10, 8_000) * MICROS,
                (int) chance.oneOf(8 << 10, 16 << 10, 64 << 10),
                (int) chance.oneOf(1, 2, 8, 1000));
        long origin = switch (chance.below(4)) {
            case 0 -> Long.MAX_VALUE - chance.between(1, 60) * SECONDS;
            case 1 -> -chance.between(1, 60) * SECONDS;
            case 2 -> chance.anyLong();
            default -> 0;
        };
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (Fault fault : EnumSet.complementOf(EnumSet.copyOf(LATER_FAULTS))) {
            if (chance.happens(fault.destroys() ? 0.3 : 0.4) && fault != Fault.CHANGE_MEMBERS) {
                faults.add(fault);
            }
        }
        SimulationSettings drawn = new SimulationSettings(
                nodes,
                0,
                raft,
                Math.max(MILLIS, heartbeat / chance.between(1, 3)),
                origin,
                chance.happens(0.5) ? 0 : chance.fraction() * 0.1,
                network,
                disk,
                (int) chance.oneOf(10, 20, 40, 100, 300, 5000),
                (int) chance.oneOf(0, 1, 5, 30, 200),
                chance.happens(0.3) ? 0 : chance.fraction() * 0.3,
                (int) chance.between(2L, 8L),
                (int) chance.oneOf(1, 2, 5, 12),
                chance.between(10, 200) * MILLIS,
                chance.between(2, 8) * election,
                chance.happens(0.2) ? 0 : 0.05,
                faults,
                chance.between(300, 4_000) * MILLIS,
                chance.between(1, 8) * election / 2,
                0,
                0,
                null,
                0,
                besides.happens(0.25) ? besides.between(200, 900) : 0);
        return drawn.withLaterChoices(chance);
    }

    /** Drawn last, so that the rest of a seed's world is what it was before there was a choice. */
    private SimulationSettings withLaterChoices(Chance chance) {
        Set<Fault> all = EnumSet.noneOf(Fault.class);
        all.addAll(faults);
        int more = 0;
        // Without pre-vote a node that was never told of its removal campaigns for ever, and nobody owes it a remedy.
        if (raft.isPreVote() && chance.happens(0.5)) {
            all.add(Fault.CHANGE_MEMBERS);
            more = chance.between(0, 3);
        }
        RaftConfig withReads = raft;
        if (raft.isCheckQuorum() && chance.happens(0.5)) {
            // The slowest clock leads, the fastest votes.
            double unevenness = 2 * clockDrift / (1 + clockDrift);
            long driftNanos = (long) (raft.electionTimeoutNanos() * unevenness) + MILLIS;
            withReads = raft.withAvailability(Availability.standard().withLeaseReads(driftNanos));
            all.remove(Fault.CLOCK_JUMP);
        }
        int reluctance = chance.happens(0.3) ? 25 : 0;
        for (Fault fault : LATER_FAULTS) {
            if (chance.happens(0.35)) {
                all.add(fault);
            }
        }
        double late = chance.happens(0.7) ? 0 : chance.fraction() * 0.5;
        double aimed = chance.happens(0.5) ? 0 : chance.fraction();
        Fault most = all.isEmpty() || chance.happens(0.5) ? null : chance.oneOf(new ArrayList<>(all));
        return new SimulationSettings(
                nodes + more,
                more,
                withReads,
                tickNanos,
                clockOriginNanos,
                clockDrift,
                network,
                disk,
                snapshotEvery,
                logTailKept,
                flushProbability,
                clients,
                keys,
                thinkNanos,
                clientTimeoutNanos,
                compactProbability,
                all,
                faultGapNanos,
                faultNanos,
                reluctance,
                late,
                most,
                aimed,
                bearableValueBytes());
    }

    /** Not where so much is written that the states, which are flushed and copied as a whole here, would fill the memory. */
    private int bearableValueBytes() {
        long writtenInAMinute = clients * (60 * SECONDS / thinkNanos) * valueBytes;
        return writtenInAMinute <= MOST_WRITTEN_IN_A_MINUTE ? valueBytes : 0;
    }

    /** The same world, with at most so many founders and clients. */
    SimulationSettings trimmed(Trim trim) {
        int founders = Math.min(nodes - newcomers, trim.mostFounders());
        return new SimulationSettings(
                founders + newcomers,
                newcomers,
                raft,
                tickNanos,
                clockOriginNanos,
                clockDrift,
                network,
                disk,
                snapshotEvery,
                logTailKept,
                flushProbability,
                Math.min(clients, trim.mostClients()),
                keys,
                thinkNanos,
                clientTimeoutNanos,
                compactProbability,
                faults,
                faultGapNanos,
                faultNanos,
                reluctanceStep,
                lateForwards,
                favourite,
                aim,
                valueBytes);
    }

    /** The bounds of the server's own pipeline. */
    Tuning tuning() {
        return Tuning.defaults()
                .withReserveBytes(faults.contains(Fault.FULL_DISK) ? RESERVE_BYTES : 0)
                .withSnapshots(
                        new SnapshotPolicy(snapshotEvery, Long.MAX_VALUE, Long.MAX_VALUE, logTailKept, Long.MAX_VALUE));
    }

    boolean isChangingMembers() {
        return faults.contains(Fault.CHANGE_MEMBERS);
    }

    /** What the node at this place is configured with. */
    RaftConfig raft(int place) {
        return raft.withAvailability(raft.availability().withReluctance(Math.min(99, place * reluctanceStep)));
    }
}
