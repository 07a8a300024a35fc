package io.axolotl.jepsen.simulation;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.peer.Habits;
import io.axolotl.server.peer.Handshake;
import io.axolotl.server.peer.SteppedHandshake;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import java.util.IdentityHashMap;
import java.util.function.Supplier;

/**
 * Whom one life of a node has let in, by the server's own handshake. Everything in here is forgotten by a crash; what the handshake
 * writes down is not.
 *
 * <p>Confined to the simulation's thread.
 */
final class Acquaintances {
    private static final long GREETING_NANOS = 250 * SimulationSettings.MILLIS;

    /** For so long after the start somebody may still be on the way here. */
    static final long SETTLED_NANOS = 4 * GREETING_NANOS;

    private final NodeProcess process;
    private final SimulatedNode machine;
    private final RecoveredState recovered;
    private final Supplier<Roster> roster;
    private final Handshake handshake;
    private final IdentityHashMap<NodeProcess, Boolean> greeted = new IdentityHashMap<>();

    Acquaintances(NodeProcess process, SimulatedNode machine, RecoveredState recovered, Supplier<Roster> roster) {
        this.process = process;
        this.machine = machine;
        this.recovered = recovered;
        this.roster = roster;
        this.handshake = SteppedHandshake.of(
                new Handshake.Self(
                        recovered.identity().clusterId(),
                        machine.id(),
                        recovered.identity().storeId(),
                        recovered.starts(),
                        machine.chance().anyLong(),
                        machine.peerUrls(),
                        recovered.embargo() == null ? recovered.wal().last().index() : Long.MAX_VALUE),
                roster,
                recovered.knownStores(),
                Habits.of(machine.raftConfig()),
                machine::clockNanos);
    }

    /** As the server does, connects to everybody it knows of, again and again until it is heard. */
    void greet() {
        for (MemberAttributes member : roster.get().toReach()) {
            NodeId to = new NodeId(member.id());
            if (!to.equals(machine.id())) {
                machine.greet(process, to);
            }
        }
        machine.after(process, GREETING_NANOS, this::greet);
    }

    /** Whether the two lives may talk; asked once per pair. */
    boolean isWelcome(NodeProcess other) {
        if (machine.hasBug(PlantedBug.HANDSHAKE_SKIPPED)) {
            greeted.put(other, true);
            return true;
        }
        Boolean known = greeted.get(other);
        if (known != null) {
            return known;
        }
        if (!other.isRunning()) {
            // It died before there was a connection; what is on its way by one that there was still arrives.
            return false;
        }
        Handshake its = other.acquaintances().handshake;
        boolean isOfRemoved = SteppedHandshake.isOfRemoved(its, machine.id(), handshake);
        String refusal;
        try {
            refusal = SteppedHandshake.refusal(its, machine.id(), handshake);
        } catch (DiskException e) {
            // Who could not be written down is not let in, and greets again.
            machine.marks().hit("handshake: could not be written down");
            return false;
        }
        if (isOfRemoved) {
            // It may come back as itself no more, but the roster is asked again: the answer is not kept.
            tellRemoved(other);
            return false;
        }
        if (refusal != null && SteppedHandshake.isForNow(refusal)) {
            machine.marks().hit("handshake: one that is not known yet has to wait");
            return false;
        }
        if (refusal != null) {
            machine.marks().hit("handshake: refused");
            machine.trace()
                    .line(
                            machine.name(),
                            "turned away",
                            other.acquaintances().machine.name() + ": " + refusal);
            other.acquaintances().machine.turnedAway(refusal);
        }
        greeted.put(other, refusal == null);
        return refusal == null;
    }

    /** Whether the member of that life may still be heard; it is told if it was removed. */
    boolean isStillWelcome(NodeProcess other) {
        if (roster.get().hasLeft(other.acquaintances().machine.id())) {
            tellRemoved(other);
            return false;
        }
        return true;
    }

    private void tellRemoved(NodeProcess other) {
        machine.marks().hit("handshake: a removed member was told so");
        other.leaveIfRemoved(true);
    }

    /** Whether this life has let that one in. */
    boolean hasMet(NodeProcess other) {
        return Boolean.TRUE.equals(greeted.get(other));
    }

    /** As {@link #isWelcome}, from another machine's turn: what happens to this one's disk meanwhile happens to this machine. */
    boolean lets(NodeProcess other) {
        if (!process.isRunning()) {
            return hasMet(other);
        }
        boolean[] isWelcome = {false};
        machine.guarded(() -> isWelcome[0] = isWelcome(other));
        return isWelcome[0];
    }

    /** What this member tells one that wants to join or to found. */
    ClusterDescription describe(long appliedIndex) {
        KnownStores met = recovered.knownStores();
        return new ClusterDescription(
                recovered.identity().clusterId(),
                recovered.founding(),
                appliedIndex,
                roster.get().toReach().stream()
                        .map(member -> asMet(member, met))
                        .toList());
    }

    private static MemberAttributes asMet(MemberAttributes member, KnownStores met) {
        return member.storeId() != null
                ? member
                : met.of(new NodeId(member.id()))
                        .map(known -> member.on(known.store()))
                        .orElse(member);
    }
}
