package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HandshakeTest {
    private static final NodeId A = new NodeId(0xa);
    private static final NodeId B = new NodeId(0xb);

    private static final Path FILE = Path.of("/peers");
    private static final StoreId STORE = new StoreId(1, 0xb);
    private static final StoreId NEW_STORE = new StoreId(2, 0xb);

    private final FaultyDisk disk = new FaultyDisk();
    private Handshake here = firstStart();

    private Handshake firstStart() {
        KnownStores.create(disk, FILE);
        return start();
    }

    private Handshake start() {
        return new Handshake(0xc1, A, new StoreId(1, 0xa), Set.of(B), KnownStores.open(disk, FILE));
    }

    private Handshake peer(long cluster, NodeId self, StoreId store) {
        return new Handshake(cluster, self, store, Set.of(A), KnownStores.open(disk, FILE));
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
    void aStrangerIsRefused() {
        assertThat(here.refusal(peer(0xc1, new NodeId(0xd), STORE).greeting(A, Lane.ENTRIES)))
                .contains("node d is no member");
    }

    @Test
    void anotherVersionIsRefused() {
        var hello = peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES).toBuilder()
                .setProtocolVersion(Handshake.PROTOCOL_VERSION + 1)
                .build();
        assertThat(here.refusal(hello)).contains("version 2").contains("version 1");
    }

    @Test
    @DisplayName("pitfall 4: a member that comes back with an emptied disk is refused, and told what to do")
    void anEmptiedDiskIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, STORE).greeting(A, Lane.ENTRIES))).isNull();
        assertThat(here.refusal(peer(0xc1, B, NEW_STORE).greeting(A, Lane.ENTRIES)))
                .contains("another data folder")
                .contains("node b")
                .contains("store " + NEW_STORE + " instead of " + STORE)
                .contains("Put its data folder back, or remove member b from the cluster and add it again");
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
                            KnownStores.open(crashing, FILE).remember(B, STORE).equals(STORE);
                    isWholeScript = true;
                } catch (SimulatedCrash e) {
                    // The point of the test.
                }
                crashing.crash(outcome, new Random(seed));
                Optional<StoreId> known = KnownStores.open(crashing, FILE).of(B);
                assertThat(known).as("step %s, seed %s", step, seed).isIn(Optional.empty(), Optional.of(STORE));
                if (isLetIn) {
                    assertThat(known).as("step %s, seed %s", step, seed).contains(STORE);
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
            assertThat(KnownStores.open(disk, FILE).of(B)).contains(winner);
        }
    }

    @Test
    void whoDoesNotTellItsStoreIsRefused() {
        Hello silent = greeting(STORE).toBuilder().setStoreId("").build();
        assertThat(here.refusal(silent)).contains("does not tell which data folder it has");
        assertThat(here.mayHaveToRemember(silent)).isTrue();
    }
}
