package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Lane;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final NodeId A = new NodeId(0xa);
    private static final NodeId B = new NodeId(0xb);

    private final Handshake here = new Handshake(0xc1, A, "store-a", Set.of(B));

    private static Handshake peer(long cluster, NodeId self, String store) {
        return new Handshake(cluster, self, store, Set.of(A));
    }

    @Test
    void aMemberIsLetIn() {
        assertThat(here.refusal(peer(0xc1, B, "store-b").greeting(A, Lane.ENTRIES)))
                .isNull();
        assertThat(here.refusal(peer(0xc1, B, "store-b").greeting(A, Lane.CONTROL)))
                .isNull();
    }

    @Test
    @DisplayName("N21: a peer of another cluster is refused, and both clusters are named")
    void anotherClusterIsRefused() {
        assertThat(here.refusal(peer(0xc2, B, "store-b").greeting(A, Lane.ENTRIES)))
                .contains("peer b")
                .contains("cluster c2")
                .contains("cluster c1");
    }

    @Test
    @DisplayName("N21: who looks for somebody else at this address is told who lives here")
    void aWrongAddressIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, "store-b").greeting(new NodeId(0xe), Lane.ENTRIES)))
                .contains("looks for node e")
                .contains("this is node a");
    }

    @Test
    void aStrangerIsRefused() {
        assertThat(here.refusal(peer(0xc1, new NodeId(0xd), "store-d").greeting(A, Lane.ENTRIES)))
                .contains("node d is no member");
    }

    @Test
    void anotherVersionIsRefused() {
        var hello = peer(0xc1, B, "store-b").greeting(A, Lane.ENTRIES).toBuilder()
                .setProtocolVersion(Handshake.PROTOCOL_VERSION + 1)
                .build();
        assertThat(here.refusal(hello)).contains("version 2").contains("version 1");
    }

    @Test
    @DisplayName("pitfall 4: a member that comes back with an emptied disk is refused, and told what to do")
    void anEmptiedDiskIsRefused() {
        assertThat(here.refusal(peer(0xc1, B, "store-b").greeting(A, Lane.ENTRIES)))
                .isNull();
        assertThat(here.refusal(peer(0xc1, B, "store-new").greeting(A, Lane.ENTRIES)))
                .contains("another data folder")
                .contains("restore")
                .contains("add it anew");
    }
}
