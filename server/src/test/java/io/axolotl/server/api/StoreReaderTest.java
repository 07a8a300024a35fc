package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A read of the live store")
class StoreReaderTest {
    private static KvStateMachine open() {
        return KvStateMachine.open(MemoryEngine.inMemory(), Membership.ofVoters(List.of(new NodeId(1))));
    }

    private static KvStateMachine closed() {
        KvStateMachine store = open();
        store.close();
        return store;
    }

    @Test
    @DisplayName("B9: that meets a closed store is done on its successor")
    void isDoneAgainOnTheSuccessor() throws Exception {
        try (KvStateMachine successor = open()) {
            Queue<KvStateMachine> live = new ArrayDeque<>(List.of(closed(), successor));
            StoreReader reader = new StoreReader(() -> live.size() > 1 ? live.remove() : live.element());
            Digest read = reader.read(KvStateMachine::digest);
            assertThat(read).isEqualTo(successor.digest());
        }
    }

    @Test
    @DisplayName("is refused as one that comes too late if the store is closed and nothing takes its place")
    void isRefusedWhenTheServerStops() {
        KvStateMachine store = closed();
        StoreReader reader = new StoreReader(() -> store);
        assertThatThrownBy(() -> reader.read(KvStateMachine::digest))
                .isInstanceOfSatisfying(
                        RequestRefused.class,
                        refused -> assertThat(refused.error()).isEqualTo(EtcdError.STOPPED));
    }

    @Test
    @DisplayName("that fails in another way tells of that, and is not taken for one that came too late")
    void tellsOfWhatIsWrongInside() {
        try (KvStateMachine store = open()) {
            IllegalStateException wrong = new IllegalStateException("wrong inside");
            assertThatThrownBy(() -> new StoreReader(() -> store).read(reading -> {
                        throw wrong;
                    }))
                    .isSameAs(wrong);
        }
    }
}
