package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.AlarmMember;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmRequest.AlarmAction;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** MT-1, MT-2 and B.12 through the wire. */
class AlarmServiceTest {
    private Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private AlarmResponse alarm(AlarmAction action, long memberId, AlarmType type) {
        return edge.maintenance.alarm(AlarmRequest.newBuilder()
                .setAction(action)
                .setMemberID(memberId)
                .setAlarm(type)
                .build());
    }

    private static AlarmMember member(long id, AlarmType type) {
        return AlarmMember.newBuilder().setMemberID(id).setAlarm(type).build();
    }

    @Test
    @DisplayName(
            "MT-1: get lists one kind or all, activate and deactivate tell what they have changed; HD-3: with a header")
    void alarmsAreListedRaisedAndDisarmed() {
        edge.kv.put(put("k", "v"));
        assertThat(alarm(AlarmAction.GET, 0, AlarmType.NONE).getAlarmsList()).isEmpty();

        AlarmResponse raised = alarm(AlarmAction.ACTIVATE, 7, AlarmType.NOSPACE);
        assertThat(raised.getAlarmsList()).containsExactly(member(7, AlarmType.NOSPACE));
        assertThat(raised.getHeader().getRevision()).isEqualTo(2);
        assertThat(raised.getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
        alarm(AlarmAction.ACTIVATE, 8, AlarmType.CORRUPT);

        assertThat(alarm(AlarmAction.GET, 0, AlarmType.NONE).getAlarmsList())
                .containsExactly(member(7, AlarmType.NOSPACE), member(8, AlarmType.CORRUPT));
        assertThat(alarm(AlarmAction.GET, 0, AlarmType.CORRUPT).getAlarmsList())
                .containsExactly(member(8, AlarmType.CORRUPT));
        assertThat(alarm(AlarmAction.DEACTIVATE, 7, AlarmType.CORRUPT).getAlarmsList())
                .isEmpty();
        assertThat(alarm(AlarmAction.DEACTIVATE, 8, AlarmType.CORRUPT).getAlarmsList())
                .containsExactly(member(8, AlarmType.CORRUPT));
        assertThat(alarm(AlarmAction.GET, 0, AlarmType.NONE).getAlarmsList())
                .containsExactly(member(7, AlarmType.NOSPACE));
    }

    @Test
    @DisplayName("MT-1: an alarm of no kind changes nothing; an unknown action is refused")
    void alarmsOfNoKindChangeNothing() {
        int before = edge.node.proposals.get();
        assertThat(alarm(AlarmAction.ACTIVATE, 7, AlarmType.NONE).getAlarmsList())
                .isEmpty();
        assertThat(edge.node.proposals).hasValue(before);
        assertRefused(
                EtcdError.UNKNOWN_METHOD,
                () -> edge.maintenance.alarm(
                        AlarmRequest.newBuilder().setActionValue(9).build()));
    }

    @Test
    @DisplayName("MT-1: the list is linearizable, and a change is as certain as any write")
    void alarmsFailAsReadsAndWritesDo() {
        edge.node.barrierFailure = Failure.TIMEOUT;
        assertRefused(EtcdError.TIMEOUT, () -> alarm(AlarmAction.GET, 0, AlarmType.NONE));
        edge.node.outcome = new ProposalResult.Unknown(Failure.TIMEOUT_LEADER_FAILED);
        assertRefused(EtcdError.TIMEOUT_LEADER_FAILED, () -> alarm(AlarmAction.ACTIVATE, 7, AlarmType.NOSPACE));
    }

    @Test
    @DisplayName("QU-2, C.1: under NOSPACE puts and transactions with puts are refused by text, all else goes on")
    void nospaceRefusesPuts() {
        edge.kv.put(put("k", "v"));
        alarm(AlarmAction.ACTIVATE, 7, AlarmType.NOSPACE);

        assertRefused(EtcdError.NO_SPACE, () -> edge.kv.put(put("k", "v2")));
        assertRefused(
                EtcdError.NO_SPACE,
                () -> edge.kv.txn(TxnRequest.newBuilder()
                        .addFailure(RequestOp.newBuilder().setRequestPut(put("x", "y")))
                        .build()));
        assertThat(edge.kv.range(Edge.range("k").build()).getCount()).isEqualTo(1);
        assertThat(edge.kv
                        .deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(bytes("k"))
                                .build())
                        .getDeleted())
                .isEqualTo(1);
        edge.kv.compact(CompactionRequest.newBuilder().setRevision(2).build());

        alarm(AlarmAction.DEACTIVATE, 7, AlarmType.NOSPACE);
        assertThat(edge.kv.put(put("k", "v3")).getHeader().getRevision()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "QU-2, C.1: under CORRUPT every change is refused as data loss; reads are served, as seen on etcd 3.4.23")
    void corruptRefusesChanges() {
        edge.kv.put(put("k", "v"));
        alarm(AlarmAction.ACTIVATE, 7, AlarmType.CORRUPT);

        assertRefused(EtcdError.CORRUPT, () -> edge.kv.put(put("k", "v2")));
        assertRefused(
                EtcdError.CORRUPT,
                () -> edge.kv.deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes("k")).build()));
        assertRefused(
                EtcdError.CORRUPT,
                () -> edge.kv.compact(
                        CompactionRequest.newBuilder().setRevision(2).build()));
        assertThat(edge.kv.range(Edge.range("k").build()).getCount()).isEqualTo(1);
        assertThat(edge.kv
                        .txn(TxnRequest.newBuilder()
                                .addSuccess(RequestOp.newBuilder()
                                        .setRequestRange(Edge.range("k").build()))
                                .build())
                        .getSucceeded())
                .isTrue();
    }

    @Test
    @DisplayName(
            "MT-2: the status tells alarms in etcd's words, the blank at the end included, and that this member is in"
                    + " doubt")
    void theStatusTellsAlarms() {
        alarm(AlarmAction.ACTIVATE, -1, AlarmType.NOSPACE);
        alarm(AlarmAction.ACTIVATE, 7, AlarmType.CORRUPT);
        edge.node.leader = null;
        edge.node.isTrusted = false;

        assertThat(edge.maintenance.status(StatusRequest.getDefaultInstance()).getErrorsList())
                .containsExactly(
                        "etcdserver: no leader",
                        "memberID:18446744073709551615 alarm:NOSPACE ",
                        "memberID:7 alarm:CORRUPT ",
                        EtcdError.QUARANTINED.text());
    }

    @Test
    @DisplayName(
            "QU-1, QU-2: the call that finds the quota reached is refused, and NOSPACE of this member is raised by then")
    void reachingTheQuotaRaisesTheAlarm() {
        edge.close();
        edge = new Edge(1, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE);

        assertRefused(EtcdError.NO_SPACE, () -> edge.kv.put(put("k", "v")));

        assertThat(alarm(AlarmAction.GET, 0, AlarmType.NONE).getAlarmsList())
                .containsExactly(member(FakeNode.SELF.value(), AlarmType.NOSPACE));
        assertThat(edge.kv
                        .deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(bytes("k"))
                                .build())
                        .getDeleted())
                .isZero();
    }
}
