package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The greeting at the start of every stream, and its judgement. Without it a process at a reused address could feed
 * entries of another cluster into this one (faults N21), and a member whose disk was emptied could come back under its old
 * id and vote as if it had never promised anything (amnesia, pitfall 4). The first store that a member is met with is
 * written down durably before anything that it says is taken, and no other is accepted from then on, also not after a
 * restart (fault D19). So is the number of its last start: an old copy of a folder tells one that was heard before. And a
 * log that ends before what it once held and what is committed since has lost a part, whatever its folder says.
 *
 * <p>Who is not known here yet may be a member all the same, one that was added since: it is let in, and counts for what
 * Raft's membership makes of it. Who was removed is told so, and is never let in again.
 *
 * <p>A vote or an acknowledgement comes on a stream that its sender has opened, so it is enough to judge who greets.
 *
 * <p>Safe for all threads.
 */
public final class Handshake {
    /** Raised whenever a member of the older version could misread what the newer one sends. */
    static final int PROTOCOL_VERSION = 3;

    /** Of all that were ever met, so that strangers with ever new ids fill neither memory nor disk. Members are always met. */
    static final int MAX_MET = 512;

    /**
     * Each further start of one that is no member costs a write of the disk that the log is on: so many at once are written
     * down, of all strangers together, and one more after each {@link #STRANGERS_PAUSE_NANOS}. No stranger has to wait for long
     * after its own last start alone: to a member that lags it may be the leader.
     */
    static final int STRANGERS_AT_ONCE = 16;

    static final long STRANGERS_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** As etcd says it, for scripts and people who know it. */
    public static final String REMOVED = "the member has been permanently removed from the cluster";

    /** How a refusal ends that is none for good. */
    static final String HAS_TO_WAIT = ": the next one has to wait";

    private final Self self;
    private final Supplier<Roster> roster;
    private final KnownStores knownStores;
    private final Habits habits;
    private final LongSupplier clock;

    private final Object strangers = new Object();

    /** When nothing of the allowance for strangers will be used up any more. Guarded by {@link #strangers}. */
    private long strangersPaidNanos;

    /**
     * Who greets from here.
     *
     * @param starts the number of this start of the data folder
     * @param life a random number of this start
     * @param peerUrls where this node is reached
     * @param lastIndex the last entry of the log when it was opened; {@link Long#MAX_VALUE} if a part of it was lost to
     *     damage that this node knows of: it stands back from elections by itself, and is not to be taken for one that
     *     has forgotten
     */
    public record Self(
            long clusterId, NodeId id, StoreId storeId, long starts, long life, List<String> peerUrls, long lastIndex) {
        public Self {
            peerUrls = List.copyOf(peerUrls);
        }
    }

    /**
     * @param roster who belongs to the cluster as far as this node knows
     * @param knownStores what the others had been met with
     * @param habits what this node does as all should
     */
    public Handshake(Self self, Supplier<Roster> roster, KnownStores knownStores, Habits habits) {
        this(self, roster, knownStores, habits, System::nanoTime);
    }

    /** @param clock monotonic, as {@code System.nanoTime} */
    Handshake(Self self, Supplier<Roster> roster, KnownStores knownStores, Habits habits, LongSupplier clock) {
        this.self = self;
        this.roster = roster;
        this.knownStores = knownStores;
        this.habits = habits;
        this.clock = clock;
        this.strangersPaidNanos = clock.getAsLong();
    }

    Hello greeting(NodeId to, Lane lane) {
        return habits.tellIn(Hello.newBuilder())
                .setProtocolVersion(PROTOCOL_VERSION)
                .setClusterId(self.clusterId)
                .setFrom(self.id.value())
                .setTo(to.value())
                .setStoreId(self.storeId.toString())
                .setLane(lane)
                .addAllPeerUrls(self.peerUrls)
                .setStarts(self.starts)
                .setLife(self.life)
                .setLastIndex(self.lastIndex)
                .build();
    }

    /** Whether {@link #refusal} may have to wait for the disk, which no network thread should. */
    boolean mayHaveToRemember(Hello hello) {
        if (hello.getFrom() == 0) {
            return false;
        }
        return knownStores
                .of(new NodeId(hello.getFrom()))
                .filter(known -> known.starts() == hello.getStarts())
                .isEmpty();
    }

    /** Whether the greeter belonged to this cluster and was removed from it. */
    boolean isOfRemoved(Hello hello) {
        return hello.getClusterId() == self.clusterId
                && hello.getFrom() != 0
                && roster.get().hasLeft(new NodeId(hello.getFrom()));
    }

    /**
     * Judges, after writing down the store of a member that is met for the first time, or after a restart.
     *
     * @return why the stream must not go on, for people to read; null if all is well
     * @throws io.axolotl.storage.disk.DiskException if the store could not be written down
     */
    @Nullable String refusal(Hello hello) {
        String from = Long.toHexString(hello.getFrom());
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            return "peer " + from + " speaks peer protocol version " + hello.getProtocolVersion() + ", this node "
                    + self.id + " speaks version " + PROTOCOL_VERSION + ": run versions that go together";
        }
        if (hello.getClusterId() != self.clusterId) {
            return "peer " + from + " belongs to cluster " + Long.toHexString(hello.getClusterId()) + ", this node "
                    + self.id + " to cluster " + Long.toHexString(self.clusterId)
                    + ": check --initial-cluster and --initial-cluster-token of both, and who lives at this address";
        }
        if (isOfRemoved(hello)) {
            return "node " + from + ": " + REMOVED;
        }
        if (hello.getTo() != self.id.value()) {
            return "peer " + from + " looks for node " + Long.toHexString(hello.getTo()) + ", but this is node "
                    + self.id + ": its --initial-cluster gives a wrong address, or the data folders of the two were"
                    + " exchanged; start each member with its own data folder";
        }
        if (hello.getFrom() == self.id.value()) {
            return "node " + from + " greets itself: another process runs with a copy of this node's data folder, or"
                    + " the peer URLs of two members lead to one";
        }
        if (hello.getFrom() == 0 || (!isKnown(new NodeId(hello.getFrom())) && hello.getPeerUrlsCount() == 0)) {
            return "node " + from + " is no member of cluster " + Long.toHexString(self.clusterId) + " as node "
                    + self.id + " knows it";
        }
        NodeId greeter = new NodeId(hello.getFrom());
        if (!isKnown(greeter)
                && knownStores.size() >= MAX_MET
                && knownStores.of(greeter).isEmpty()) {
            return "node " + from + " is no member of cluster " + Long.toHexString(self.clusterId) + " as node "
                    + self.id
                    + " knows it, and so many others that are none have greeted this node that it writes down no more of"
                    + " them: who else can reach its peer port?";
        }
        return refusalOfStore(greeter, hello);
    }

    /** What is wrong with a greeter that is let in all the same, for people; null if nothing is. */
    @Nullable String concern(Hello hello) {
        return habits.concern(hello);
    }

    private boolean isKnown(NodeId node) {
        Roster now = roster.get();
        return now.find(node).isPresent() || now.membership().contains(node);
    }

    private @Nullable String refusalOfStore(NodeId from, Hello hello) {
        StoreId store = StoreId.parse(hello.getStoreId());
        if (store == null) {
            return "node " + from + " does not tell which data folder it has: run versions that go together";
        }
        StoreId published =
                roster.get().find(from).map(MemberAttributes::storeId).orElse(null);
        if (published != null && !published.equals(store)) {
            return refusalOfReplaced(from, store, published, "the cluster has on record");
        }
        KnownStores.Known claim = new KnownStores.Known(store, hello.getStarts(), hello.getLife(), 0);
        KnownStores.Known before = knownStores.of(from).orElse(claim);
        // What it has acknowledged since it was started counts from its next start on.
        boolean isNewStart = before.store().equals(store) && before.starts() < claim.starts();
        if (isNewStart && hello.getLastIndex() < before.vouchedIndex()) {
            return "node " + from + " came back with an old copy of its data folder, or has lost a part of its log: it"
                    + " ends in entry " + hello.getLastIndex() + ", and it had acknowledged entries through "
                    + before.vouchedIndex() + ", which are committed" + lostPromises(from);
        }
        if (isNewStart && !isKnown(from) && !mayWriteStranger()) {
            return "node " + from + " is no member of cluster " + Long.toHexString(self.clusterId) + " as node "
                    + self.id
                    + " knows it, and many starts of such were written down of late" + HAS_TO_WAIT;
        }
        KnownStores.Known known = knownStores.remember(from, claim);
        if (!known.store().equals(store)) {
            return refusalOfReplaced(from, store, known.store(), "node " + self.id + " remembers");
        }
        if (known.isLaterThan(claim)) {
            return "node " + from + " came back with an old copy of its data folder: it tells of start "
                    + claim.starts() + ", and node " + self.id + " has heard of start " + known.starts()
                    + lostPromises(from);
        }
        return null;
    }

    private boolean mayWriteStranger() {
        long nowNanos = clock.getAsLong();
        synchronized (strangers) {
            long aheadNanos = Math.max(0, strangersPaidNanos - nowNanos);
            if (aheadNanos > (STRANGERS_AT_ONCE - 1) * STRANGERS_PAUSE_NANOS) {
                return false;
            }
            strangersPaidNanos = nowNanos + aheadNanos + STRANGERS_PAUSE_NANOS;
            return true;
        }
    }

    private static String refusalOfReplaced(NodeId from, StoreId store, StoreId expected, String who) {
        return "node " + from + " came back with another data folder (store " + store + " instead of " + expected
                + ", as " + who + ")" + lostPromises(from);
    }

    /** What follows, and the way out. */
    private static String lostPromises(NodeId from) {
        return ": the votes and entries it had promised to keep are lost, so it must not take part under its old id. Put"
                + " its latest data folder back, or remove member " + from
                + " from the cluster and add it again with an empty data folder: axolotl ctl member remove " + from
                + ", axolotl ctl member add NAME --learner --peer-urls=URL, then start it with"
                + " --initial-cluster-state=existing";
    }
}
