package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HandshakeTest {
    private static final NodeId A = new NodeId(0xa);
    private static final NodeId B = new NodeId(0xb);

    private static final Path FILE = Path.of("/peers");
    private static final StoreId STORE = new StoreId(1, 0xb);
    private static final KnownStores.Known KNOWN = new KnownStores.Known(STORE, 1, 1, 0);
    private static final StoreId NEW_STORE = new StoreId(2, 0xb);

    private final FaultyDisk disk = new FaultyDisk();
    private final KvStateMachine state = KvStateMachine.open(
            MemoryEngine.inMemory(),
            Membership.ofVoters(List.of(A, B)),
            List.of(
                    new MemberAttributes(0xa, "a", List.of("http://a:1"), List.of(), false),
                    new MemberAttributes(0xb, "b", List.of("http://b:1"), List.of(), false)));
    private final Set<NodeId> namedByLog = new HashSet<>();
    private long lastIndex;
    private Handshake here = firstStart();

    private Handshake firstStart() {
        KnownStores.create(disk, FILE);
        return start();
    }

    private static final Habits HABITS = Habits.of(RaftConfig.defaults());

    private Handshake start() {
        return handshake(new Handshake.Self(0xc1, A, new StoreId(1, 0xa), 1, 1, List.of("http://a:1"), 0));
    }

    private Handshake handshake(Handshake.Self self) {
        return handshake(self, KnownStores.open(disk, FILE));
    }

    private Handshake handshake(Handshake.Self self, KnownStores known) {
        return new Handshake(self, state::roster, namedByLog::contains, known, HABITS);
    }

    private Handshake peer(long cluster, NodeId self, StoreId store) {
        FaultyDisk theirs = new FaultyDisk();
        KnownStores.create(theirs, FILE);
        return handshake(
                new Handshake.Self(cluster, self, store, 1, 1, List.of("http://b:1"), 0),
                KnownStores.open(theirs, FILE));
    }

    private Hello greeting(StoreId store) {
        return peer(0xc1, B, store).greeting(A, Lane.ENTRIES);
    }

    @Test
    void aMemberIsLetIn() {
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES))).isNull();
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.CONTROL))).isNull();
    }

    @Test
    @DisplayName("N21: a peer of another cluster is refused, and both clusters are named")
    void anotherClusterIsRefused() {
        assertThat(here.refusal(peer(0xc2, B, STORE).greeting(A, Lane.ENTRIES)))
                .contains("peer b")
                .contains("cluster c2")
                .contains("cluster c1");
    }

    @Test
    @DisplayName("N21: who looks for somebody else at this address is told who lives here")
    void aWrongAddressIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(new NodeId(0xe), Lane.ENTRIES)))
                .contains("looks for node e")
                .contains("this is node a");
    }

    @Test
    @DisplayName("A16: strangers with ever new ids are written down only so often, and members are met all the same")
    void strangersDoNotFillTheFile() {
        for (int i = 0; i < Handshake.MAX_MET; i++) {
            Handshake stranger = peer(0xc1, new NodeId(0x1000 + i), NEW_STORE);
            assertThat(here.refusal(stranger.greeting(A, Lane.CONTROL))).isNull();
        }
        assertThat(here.refusal(peer(0xc1, new NodeId(0x9999), NEW_STORE).greeting(A, Lane.CONTROL)))
                .contains("who else can reach its peer port");
        assertThat(here.refusal(peer(0xc1, new NodeId(0x1000), NEW_STORE).greeting(A, Lane.CONTROL)))
                .as("one that was met")
                .isNull();
        NodeId named = new NodeId(0xc);
        assertThat(here.refusal(start(named, 1))).contains("writes down no more");
        namedByLog.add(named);
        assertThat(here.refusal(start(named, 1))).as("one that the log names").isNull();
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES))).isNull();
    }

    @Test
    @DisplayName(
            "who is not known here yet may have been added since, if it can be answered; whoever cannot is no member")
    void whoWasAddedSinceIsLetIn() {
        Hello stranger = peer(0xc1, new NodeId(0xd), STORE).greeting(A, Lane.ENTRIES);
        assertThat(here.refusal(stranger)).isNull();
        assertThat(here.refusal(
                        stranger.toBuilder().clearPeerUrls().setFrom(0xe).build()))
                .contains("node e is no member");
    }

    private CommandResult apply(Command command) {
        lastIndex++;
        byte[] payload = CommandCodec.encode(new RequestId(1, lastIndex), command);
        return Objects.requireNonNull(
                state.apply(List.of(new Entry(new EntryId(1, lastIndex), Entry.Kind.COMMAND, payload)))
                        .get(0)
                        .result());
    }

    private void membershipIs(Membership membership) {
        lastIndex++;
        state.apply(List.of(new Entry(new EntryId(1, lastIndex), Entry.Kind.MEMBERSHIP, membership.encode())));
    }

    @Test
    @DisplayName("CL-3, pitfall 21: a removed member is told so once its removal is committed, and never let in again")
    void aRemovedMemberIsTold() {
        Hello hello = greeting(STORE);
        apply(new Command.RemoveMember(0xb));
        assertThat(here.refusal(hello))
                .as("its vote may be needed for its removal")
                .isNull();
        assertThat(here.isOfRemoved(hello)).isFalse();
        membershipIs(Membership.ofVoters(List.of(A)));
        assertThat(here.refusal(hello)).isEqualTo("node b: " + Handshake.REMOVED);
        assertThat(here.isOfRemoved(hello)).isTrue();
        assertThat(here.isOfRemoved(hello.toBuilder().setClusterId(0xc2).build()))
                .as("another cluster's b was not removed here")
                .isFalse();
    }

    @Test
    @DisplayName("pitfall 4, D19: a replaced folder is refused also by who never met the first one")
    void aReplacedFolderIsRefusedByWhoNeverMetTheFirst() {
        apply(new Command.PublishMember(0xb, "b", List.of(), List.of(), STORE));
        assertThat(here.refusal(greeting(NEW_STORE)))
                .contains("store " + NEW_STORE + " instead of " + STORE + ", as the cluster has on record")
                .contains("axolotl ctl member remove b")
                .contains("--initial-cluster-state=existing");
        assertThat(here.refusal(greeting(STORE))).isNull();
    }

    private Hello start(long starts, long life, long last) {
        return handshake(new Handshake.Self(0xc1, B, STORE, starts, life, List.of("http://b:1"), last))
                .greeting(A, Lane.CONTROL);
    }

    @Test
    @DisplayName(
            "pitfall 4, D19: an old copy of a folder tells of a start that was heard before, also after a restart here")
    void anOldCopyIsRefused() {
        assertThat(here.refusal(start(3, 30, 0))).isNull();
        assertThat(here.refusal(start(3, 30, 0))).as("it connects again").isNull();
        assertThat(here.refusal(start(4, 40, 0))).isNull();
        here = start();
        assertThat(here.refusal(start(3, 30, 0)))
                .contains("old copy")
                .contains("start 3")
                .contains("start 4");
        assertThat(here.refusal(start(4, 41, 0)))
                .as("a copy of start 3, started")
                .contains("old copy of its data folder");
        assertThat(here.refusal(start(5, 50, 0))).isNull();
    }

    @Test
    @DisplayName("pitfall 4, D19: a log that ends before what it acknowledged and what is committed is refused")
    void aShortenedLogIsRefused() {
        KnownStores stores = KnownStores.open(disk, FILE);
        here = new Handshake(
                new Handshake.Self(0xc1, A, new StoreId(1, 0xa), 1, 1, List.of("http://a:1"), 0),
                state::roster,
                namedByLog::contains,
                stores,
                HABITS);
        assertThat(here.refusal(start(1, 10, 0))).isNull();
        stores.vouch(B, 100);
        assertThat(here.refusal(start(1, 10, 0)))
                .as("what it acknowledged since its start counts from the next one on")
                .isNull();
        assertThat(here.refusal(start(2, 20, 99))).contains("ends in entry 99").contains("through 100");
        stores.save();
        here = start();
        assertThat(here.refusal(start(2, 20, 99))).contains("ends in entry 99");
        assertThat(here.refusal(start(2, 20, 100))).isNull();
    }

    @Test
    @DisplayName(
            "N21: folders of two members that were exchanged are recognized by whom they look for and who they are")
    void exchangedFoldersAreNamed() {
        assertThat(here.refusal(greeting(STORE).toBuilder().setTo(0xb).build()))
                .contains("data folders of the two were exchanged");
        assertThat(here.refusal(greeting(STORE).toBuilder().setFrom(0xa).build()))
                .contains("greets itself");
    }

    @Test
    void anotherVersionIsRefused() {
        var hello = peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES).toBuilder()
                .setProtocolVersion(Handshake.PROTOCOL_VERSION + 1)
                .build();
        assertThat(here.refusal(hello))
                .contains("version " + (Handshake.PROTOCOL_VERSION + 1))
                .contains("version " + Handshake.PROTOCOL_VERSION);
    }

    @Test
    @DisplayName("a build of peer protocol 2 does not know the commands of access control: it is refused by name")
    void theVersionBeforeAccessControlIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES).toBuilder()
                        .setProtocolVersion(2)
                        .build()))
                .contains("speaks peer protocol version 2, this node a speaks version 3");
    }

    @Test
    @DisplayName(
            "A16: strangers that tell of ever new starts have few of them written down; a member has all. I13: one that was"
                    + " started twice is let in at once, for it may be the leader of whom this node has not heard")
    void aStrangersStartsAreNotAllWrittenDown() {
        AtomicLong clock = new AtomicLong(-5);
        here = start(clock);
        NodeId d = new NodeId(0xd);
        assertThat(here.refusal(start(d, 1))).isNull();
        int last = 1 + StartAllowance.AT_ONCE;
        for (int starts = 2; starts <= last; starts++) {
            assertThat(here.refusal(start(d, starts))).as("start " + starts).isNull();
        }
        Hello same = start(d, last);
        List<Hello> later = LongStream.range(last + 1, 100)
                .mapToObj(starts -> start(d, starts))
                .toList();
        AtomicInteger touched = new AtomicInteger();
        disk.before((operation, path) -> touched.incrementAndGet());
        assertThat(here.refusal(same)).as("the same start again").isNull();
        for (Hello hello : later) {
            assertThat(here.refusal(hello)).contains("has to wait");
        }
        assertThat(touched).as("the disk is left alone").hasValue(0);
        clock.addAndGet(StartAllowance.PAUSE_NANOS);
        assertThat(here.refusal(start(d, 100))).isNull();
        assertThat(here.refusal(start(d, 101))).contains("has to wait");
        for (long starts = 1; starts < 10; starts++) {
            assertThat(here.refusal(start(B, starts))).as("a member").isNull();
        }
    }

    @Test
    @DisplayName(
            "A16, I13: whom the log names has a part of its own, so a flood of strangers' starts keeps no leader out of a"
                    + " member that lags")
    void aFloodOfStrangersKeepsNobodyOutWhomTheLogNames() {
        AtomicLong clock = new AtomicLong();
        here = start(clock);
        NodeId leader = new NodeId(0xc);
        NodeId stranger = new NodeId(0xd);
        assertThat(here.refusal(start(leader, 1))).isNull();
        for (long starts = 1; starts <= 100; starts++) {
            here.refusal(start(stranger, starts));
        }
        assertThat(here.refusal(start(stranger, 101))).contains("has to wait");
        assertThat(here.refusal(start(leader, 2)))
                .as("while the log does not name it")
                .contains("has to wait");
        namedByLog.add(leader);
        assertThat(here.refusal(start(leader, 2))).isNull();

        // Nor is its own part without a bound.
        int last = 1 + StartAllowance.AT_ONCE;
        for (int starts = 3; starts <= last; starts++) {
            assertThat(here.refusal(start(leader, starts)))
                    .as("start " + starts)
                    .isNull();
        }
        assertThat(here.refusal(start(leader, last + 1))).contains("has to wait");
        clock.addAndGet(StartAllowance.PAUSE_NANOS);
        assertThat(here.refusal(start(leader, last + 1))).isNull();
    }

    private Handshake start(AtomicLong clock) {
        return new Handshake(
                new Handshake.Self(0xc1, A, new StoreId(1, 0xa), 1, 1, List.of("http://a:1"), 0),
                state::roster,
                namedByLog::contains,
                KnownStores.open(disk, FILE),
                HABITS,
                clock::get);
    }

    private Hello start(NodeId from, long starts) {
        return handshake(new Handshake.Self(0xc1, from, STORE, starts, 10 * starts, List.of("http://x:1"), 0))
                .greeting(A, Lane.CONTROL);
    }

    @Test
    @DisplayName("pitfall 4: a member that comes back with an emptied disk is refused, and told what to do")
    void anEmptiedDiskIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES))).isNull();
        assertThat(here.refusal(peer(0xc1, B, NEW_STORE).greeting(A, Lane.ENTRIES)))
                .contains("another data folder")
                .contains("node b")
                .contains("store " + NEW_STORE + " instead of " + STORE)
                .contains("Put its latest data folder back, or remove member b from the cluster and add it again");
    }

    @Test
    @DisplayName("pitfall 4, D19: an emptied disk is refused also by who was restarted since it heard the old one")
    void anEmptiedDiskIsRefusedAfterARestart() {
        assertThat(here.refusal(greeting(STORE))).isNull();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        here = start();
        assertThat(here.refusal(greeting(NEW_STORE))).contains("another data folder");
        assertThat(here.refusal(greeting(STORE))).isNull();
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("D19: wherever a crash comes, who was let in is remembered, and the file can be read")
    void whoWasLetInIsRememberedWhereverACrashComes(FaultyDisk.Outcome outcome) {
        boolean isWholeScript = false;
        for (int step = 0; !isWholeScript; step++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk crashing = new FaultyDisk();
                KnownStores.create(crashing, FILE);
                boolean isLetIn = false;
                crashing.crashAfter(step);
                try {
                    isLetIn =
                            KnownStores.open(crashing, FILE).remember(B, KNOWN).equals(KNOWN);
                    isWholeScript = true;
                } catch (SimulatedCrash e) {
                    // The point of the test.
                }
                crashing.crash(outcome, new Random(seed));
                Optional<KnownStores.Known> known =
                        KnownStores.open(crashing, FILE).of(B);
                assertThat(known).as("step %s, seed %s", step, seed).isIn(Optional.empty(), Optional.of(KNOWN));
                if (isLetIn) {
                    assertThat(known).as("step %s, seed %s", step, seed).contains(KNOWN);
                }
            }
        }
    }

    @Test
    @DisplayName("D19: a store that could not be written down is not let in")
    void whoCannotBeWrittenDownIsNotLetIn() {
        disk.failSyncs(path -> true);
        assertThatThrownBy(() -> here.refusal(greeting(STORE))).isInstanceOf(DiskException.class);
        assertThat(here.mayHaveToRemember(greeting(STORE))).isTrue();
        disk.failSyncs(path -> false);
        assertThat(here.refusal(greeting(STORE))).isNull();
        assertThat(here.mayHaveToRemember(greeting(STORE))).isFalse();
    }

    @Test
    @DisplayName("D19: of two streams that come at once with different stores one is let in")
    void ofTwoStoresAtOnceOneIsLetIn() throws Exception {
        for (int round = 0; round < 50; round++) {
            KnownStores.create(disk, FILE);
            here = start();
            CyclicBarrier together = new CyclicBarrier(2);
            List<Callable<Boolean>> both = List.of(
                    () -> together.await() >= 0 && here.refusal(greeting(STORE)) == null,
                    () -> together.await() >= 0 && here.refusal(greeting(NEW_STORE)) == null);
            ExecutorService threads = Executors.newFixedThreadPool(2);
            List<Boolean> letIn = new ArrayList<>();
            for (Future<Boolean> each : threads.invokeAll(both)) {
                letIn.add(each.get());
            }
            threads.shutdown();
            assertThat(letIn).containsExactlyInAnyOrder(true, false);
            StoreId winner = letIn.get(0) ? STORE : NEW_STORE;
            assertThat(KnownStores.open(disk, FILE).of(B).map(KnownStores.Known::store))
                    .contains(winner);
        }
    }

    @Test
    void whoDoesNotTellItsStoreIsRefused() {
        Hello silent = greeting(STORE).toBuilder().setStoreId("").build();
        assertThat(here.refusal(silent)).contains("does not tell which data folder it has");
        assertThat(here.mayHaveToRemember(silent)).isTrue();
    }

    private @Nullable String concern(Habits theirs) {
        return here.concern(theirs.tellIn(greeting(STORE).toBuilder()).build());
    }

    @Test
    @DisplayName("pitfall 31: members that read by lease and others that do not, or with other timeouts, are told of")
    void aMixtureIsToldOf() {
        assertThat(concern(HABITS)).isNull();
        assertThat(concern(new Habits(HABITS.heartbeatNanos(), HABITS.electionTimeoutNanos(), true)))
                .contains("peer b reads by lease")
                .contains("STALE")
                .contains("--read-mode");
        assertThat(concern(new Habits(HABITS.heartbeatNanos(), 2 * HABITS.electionTimeoutNanos(), false)))
                .contains("peer b has a heartbeat interval of 100 ms and an election timeout of 2000 ms")
                .contains("--election-timeout")
                .doesNotContain("STALE");
        assertThat(here.concern(
                        greeting(STORE).toBuilder().clearElectionTimeoutNanos().build()))
                .as("of a release that does not tell")
                .isNull();
    }
}
