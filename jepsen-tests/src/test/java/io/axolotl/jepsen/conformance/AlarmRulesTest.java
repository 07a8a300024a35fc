package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.AlarmMember;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmRequest.AlarmAction;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.TxnRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Alarms are raised by hand here, and taken back. */
@AskedOfBoth
final class AlarmRulesTest extends Asked {
    private AlarmResponse alarm(AlarmAction action, AlarmType type) {
        return server().maintenance()
                .alarm(AlarmRequest.newBuilder()
                        .setAction(action)
                        .setMemberID(action == AlarmAction.GET ? 0 : member())
                        .setAlarm(type)
                        .build());
    }

    private long member() {
        return server().maintenance()
                .status(StatusRequest.getDefaultInstance())
                .getHeader()
                .getMemberId();
    }

    private AlarmMember of(AlarmType type) {
        return AlarmMember.newBuilder().setMemberID(member()).setAlarm(type).build();
    }

    private long grant() {
        return server().lease()
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(5_000).build())
                .getID();
    }

    private void revoke(long lease) {
        var unused = server().lease()
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
    }

    @AfterEach
    void disarm() {
        for (AlarmMember active : alarm(AlarmAction.GET, AlarmType.NONE).getAlarmsList()) {
            alarm(AlarmAction.DEACTIVATE, active.getAlarm());
        }
    }

    @Test
    @Contract("MT-1")
    void alarmsAreRaisedListedAndTakenBack() {
        assertThat(alarm(AlarmAction.GET, AlarmType.NONE).getAlarmsList()).isEmpty();
        assertThat(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE).getAlarmsList())
                .isEmpty();
        assertThat(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE).getAlarmsList())
                .containsExactly(of(AlarmType.NOSPACE));
        assertThat(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE).getAlarmsList())
                .containsExactly(of(AlarmType.NOSPACE));
        assertThat(alarm(AlarmAction.GET, AlarmType.NONE).getAlarmsList()).containsExactly(of(AlarmType.NOSPACE));
        assertThat(alarm(AlarmAction.GET, AlarmType.NOSPACE).getAlarmsList()).containsExactly(of(AlarmType.NOSPACE));
        assertThat(alarm(AlarmAction.GET, AlarmType.CORRUPT).getAlarmsList()).isEmpty();
        assertThat(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE).getAlarmsList())
                .containsExactly(of(AlarmType.NOSPACE));
        assertThat(alarm(AlarmAction.GET, AlarmType.NONE).getAlarmsList()).isEmpty();
    }

    @Test
    @Contract({"HD-3", "MT-1"})
    void alarmsAreAnsweredWithAHeaderToday() {
        assertThat(alarm(AlarmAction.GET, AlarmType.NONE).hasHeader())
                .isEqualTo(differing(KnownDifference.ALARM_HEADER, false, true));
    }

    @Test
    @Contract("MT-2")
    void statusTellsAlarms() {
        alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE);
        assertThat(server().maintenance()
                        .status(StatusRequest.getDefaultInstance())
                        .getErrorsList())
                .containsExactly("memberID:" + Long.toUnsignedString(member()) + " alarm:NOSPACE ");
    }

    @Test
    @Contract(value = "QU-2", errors = ContractError.NO_SPACE)
    void withoutSpaceOnlyWhatAddsDataIsRefused() {
        long lease = grant();
        put("a", "1");
        put("b", "1");
        long now = revision();
        alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE);
        refused(ContractError.NO_SPACE, () -> put("a", "2"));
        refused(ContractError.NO_SPACE, () -> txn(TxnRequest.newBuilder().addSuccess(op(putting("a", "2")))));
        refused(ContractError.NO_SPACE, this::grant);
        assertThat(get("a").getCount()).isEqualTo(1);
        assertThat(txn(TxnRequest.newBuilder().addSuccess(op(deleting("b")))).getSucceeded())
                .isTrue();
        assertThat(delete(deleting("a")).getDeleted()).isEqualTo(1);
        compact(now);
        revoke(lease);
        alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE);
        assertThat(put("a", "3")).isGreaterThan(now);
    }

    @Test
    @Contract(value = "QU-2", errors = ContractError.CORRUPT)
    void corruptClusterTakesNoWrites() {
        long lease = grant();
        long now = put("a", "1");
        alarm(AlarmAction.ACTIVATE, AlarmType.CORRUPT);
        refused(ContractError.CORRUPT, () -> put("a", "2"));
        refused(ContractError.CORRUPT, () -> delete(deleting("a")));
        refused(ContractError.CORRUPT, () -> txn(TxnRequest.newBuilder().addSuccess(op(putting("a", "2")))));
        refused(ContractError.CORRUPT, () -> compact(now));
        refused(ContractError.CORRUPT, this::grant);
        refused(ContractError.CORRUPT, () -> revoke(lease));
        // Ranges do not go through the log, where etcd asks for the alarm.
        assertThat(values(get("a").getKvsList())).containsExactly("1");
        alarm(AlarmAction.DEACTIVATE, AlarmType.CORRUPT);
        assertThat(revision()).isEqualTo(now);
    }
}
