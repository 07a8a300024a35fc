package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A small quota (contract B.12), with access control on. */
class QuotaUnderAccessControlTest extends UnderAccessControl {
    private static final int QUOTA_BYTES = 1 << 20;
    private static final String HALF = "x".repeat(QUOTA_BYTES / 2);

    QuotaUnderAccessControlTest() {
        super(new Edge(QUOTA_BYTES, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE));
    }

    @Test
    @DisplayName("QU-2, AU-10 who may write nothing takes nothing of the quota, and makes no cluster read-only")
    void whatIsRefusedRaisesNoAlarm() {
        addUser("eve", "none");
        String eve = login("eve", "none");
        TxnRequest.Builder many = TxnRequest.newBuilder();
        for (int i = 0; i < Edge.MAX_TXN_OPS; i++) {
            many.addSuccess(
                    RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(bytes("a" + i))));
        }
        for (int i = 0; i < 40; i++) {
            assertRefused(
                    EtcdError.PERMISSION_DENIED, () -> run(as(eve, edge.kv).txn(many.build())));
            assertRefused(
                    EtcdError.PERMISSION_DENIED, () -> run(as(eve, edge.kv).put(put("a", HALF))));
            assertRefused(
                    EtcdError.PERMISSION_DENIED, () -> run(as(alice, edge.kv).put(put("z", HALF))));
        }
        assertThat(edge.node.store().alarms().all()).isEmpty();
        run(as(alice, edge.kv).put(put("a", HALF)));
    }

    @Test
    @DisplayName("QU-1, QU-2 who may write is refused when the store is full, and that raises the alarm")
    void whoMayWriteIsBoundByTheQuota() {
        run(as(alice, edge.kv).put(put("a", HALF)));
        assertRefused(EtcdError.NO_SPACE, () -> run(as(alice, edge.kv).put(put("b", HALF))));
        assertThat(edge.node.store().alarms().all()).hasSize(1);
    }
}
