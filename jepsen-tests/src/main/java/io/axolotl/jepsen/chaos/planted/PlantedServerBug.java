package io.axolotl.jepsen.chaos.planted;

import io.axolotl.jepsen.process.SystemCalls;
import io.axolotl.jepsen.process.Target;
import io.axolotl.server.NodeConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bugs that every member of a cluster can be given (one of them one member alone), each with the workload, the faults and the judge that
 * must show it within {@link #WITHIN_SECONDS} of a run. Each is a change of the world around the production classes, never a switch
 * inside them.
 *
 * <p>Immutable: a bend is made of nothing that changes.
 */
@SuppressWarnings("ImmutableEnumChecker")
public enum PlantedServerBug {
    NO_SYNC(
            "nothing is ever synced, and every member believes that it is (D7)",
            new Catch("set", List.of("power-cut-all"), "processes"),
            null),
    SYNCED_LATE(
            "the log is synced once in a second, and writes are acknowledged in between (D6, I4)",
            new Catch("set", List.of("power-cut-all"), "revisions in real time"),
            Bend.disk(disk -> new DiskBugs.SyncsLogLate(disk, System::nanoTime))),
    STALE_READ(
            "a member answers linearizable reads from its own store, and asks nobody (B5, I5)",
            new Catch("register", List.of("halves"), "linearizable keys"),
            Bend.clients(NodeBugs.ReadsWithoutBarrier::new)),
    READ_WITHOUT_QUORUM(
            "a leader takes heartbeats that it has sent for answered, and answers reads on its own word (B5, P6)",
            new Catch("register", List.of("isolated-leader"), "linearizable keys"),
            Bend.peers(PeerBugs.AnswersOwnHeartbeats::new)),
    ACK_BEFORE_QUORUM(
            "a leader takes entries that it has sent for acknowledged, and a write for done that nobody else has (B8, I4)",
            new Catch("set", List.of("isolated-leader"), "one history"),
            Bend.peers((peers, inbox) -> new PeerBugs.AcknowledgesWhatIsSent(peers, inbox, System::nanoTime))),
    FORWARDED_TWICE(
            "what a follower hands to the leader it hands to it twice (B10, A1)",
            new Catch("counter", List.of("pause"), "counters"),
            Bend.peers((peers, inbox) -> new PeerBugs.ForwardsTwice(peers))),
    LOST_SESSIONS(
            "no member knows the calls of a session: a repeat is executed again (pitfall 51, A1)",
            new Catch("counter", List.of("slow-links", "leader-kill"), "counters"),
            Bend.clients(NodeBugs.ForgetsSessions::new)),
    REFUSED_BUT_DONE(
            "a call that takes long is refused as if it had never begun, and goes on (I15)",
            new Catch("set", List.of("leader-kill"), "set"),
            Bend.clients(NodeBugs.RefusesWhatItDoes::new)),
    WATCH_SKIPS(
            "watches are not told of every twentieth revision (A5, I8)",
            new Catch("watch", List.of("random-kill"), "watches"),
            Bend.engine(EngineBugs.SkipsHistory::new)),
    LEASE_ENDS_EARLY(
            "a member confirms the renewal of a lease, and does not tell the leader (C4, I9)",
            new Catch("lease", List.of("pause"), "leases"),
            Bend.clients(NodeBugs.KeepsRenewals::new)),
    KEY_OUTLIVES_LEASE(
            "a key that was put on a lease does not hang on it (I9)",
            new Catch("lease", List.of("pause"), "leases"),
            Bend.clients(NodeBugs.ChangesCommands::withoutLeases)),
    COMPARES_IGNORED(
            "a transaction does what it is to do, whatever it has compared (I5)",
            new Catch("append", List.of("pause"), "list transactions"),
            Bend.clients(NodeBugs.ChangesCommands::withoutCompares)),
    LOCK_HELD_TWICE(
            "whoever comes for a lock is told that it holds it, whoever is there (A14, I10)",
            new Catch("lock", List.of("pause"), "locks by fencing"),
            Bend.clients(NodeBugs.SeesNoHolder::new)),
    COMPACTS_TOO_FAR(
            "a compaction takes sixty revisions with it that were to stay (A6, A12)",
            new Catch("compaction", List.of("random-kill"), "compaction"),
            Bend.clients(NodeBugs.ChangesCommands::compactingTooFar)),
    RANGE_ENDS_EARLY(
            "a range of keys is read without its last key (I5)",
            new Catch("set", List.of("random-kill"), "one history"),
            Bend.engine(RangeBugs.EndsRangesEarly::new)),
    RANGE_HALF_OLD(
            "the second half of a range of keys is as it was when the range was last read: two revisions in one answer (I5)",
            new Catch("bank", List.of("random-kill"), "bank"),
            Bend.engine(RangeBugs.KeepsHalfOfRanges::new)),
    MEMBERS_ACKED_EARLY(
            "a change of members is acknowledged when it is handed in, and members are listed as of before it (I16)",
            new Catch("membership", List.of("pause"), "members"),
            Bend.clients(NodeBugs.AcknowledgesMembersEarly::new)),
    MEMBER_DIFFERS(
            "one member keeps other values than it was given (B9, I7)",
            new Catch("register", List.of("pause"), "one history"),
            Bend.engine(EngineBugs.ChangesValues::new).of(PlantedServerBug.ODD_MEMBER));

    /** Of a run, from its first call on, until its history shows the bug. */
    public static final int WITHIN_SECONDS = 60;

    /** The member that differs. */
    static final String ODD_MEMBER = "n2";

    private final String sentence;
    private final Catch caught;
    private final @Nullable Bend bend;

    /**
     * What must show it.
     *
     * @param workload by its name, as the faults are
     * @param judge of whose verdict it is demanded; others may see it too
     */
    public record Catch(String workload, List<String> nemesis, String judge) {
        public Catch {
            nemesis = List.copyOf(nemesis);
        }
    }

    /** @param bend null for one that is planted below the process */
    PlantedServerBug(String sentence, Catch caught, @Nullable Bend bend) {
        this.sentence = sentence;
        this.caught = caught;
        this.bend = bend;
    }

    /** @throws IllegalArgumentException if there is none of this name; the message names those that there are */
    public static PlantedServerBug named(String name) {
        return Arrays.stream(values())
                .filter(bug -> bug.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no bug \"" + name + "\" to plant; there are "
                        + String.join(
                                ", ",
                                Arrays.stream(values())
                                        .map(PlantedServerBug::id)
                                        .toList())));
    }

    /** As on the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What is wrong, with what it is called in our lists. */
    public String sentence() {
        return sentence;
    }

    public Catch caught() {
        return caught;
    }

    /** Why it cannot be planted there; nothing if it can. */
    public Optional<String> obstacle(Target target) {
        if (bend == null) {
            return SystemCalls.obstacle();
        }
        return target == Target.AXOLOTL
                ? Optional.empty()
                : Optional.of("it is planted in the classes of our server, and those of " + target + " are its own");
    }

    /** Words before the program of every member. */
    public List<String> wrapper() {
        return bend == null ? SystemCalls.withoutSyncs() : List.of();
    }

    /** What every member runs in the place of its program; empty for that itself. */
    public List<String> main() {
        return bend == null ? List.of() : List.of(PlantedServerMain.class.getName(), id());
    }

    /** What a server of this process stands on, with the bug in it. One that is planted below the process leaves it as it is. */
    NodeConfig.Surroundings in(NodeConfig.Surroundings ground, String member) {
        return bend == null ? ground : bend.in(ground, member);
    }
}
