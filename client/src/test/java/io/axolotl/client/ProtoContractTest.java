package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A: the wire, where it is easiest to get wrong")
final class ProtoContractTest {
    private static int number(Descriptor message, String field) {
        FieldDescriptor descriptor = message.findFieldByName(field);
        assertThat(descriptor).as("%s.%s", message.getName(), field).isNotNull();
        return descriptor.getNumber();
    }

    private static void hasMethods(ServiceDescriptor service, String name, String... methods) {
        assertThat(service.getName()).isEqualTo(name);
        assertThat(service.getMethods())
                .extracting(MethodDescriptor::getBareMethodName)
                .containsExactly(methods);
    }

    @Test
    void fieldNumbersThatBreakTheCountAreKept() {
        assertThat(number(WatchResponse.getDescriptor(), "events")).isEqualTo(11);
        assertThat(number(Compare.getDescriptor(), "range_end")).isEqualTo(64);
        assertThat(number(Compare.getDescriptor(), "lease")).isEqualTo(8);
        assertThat(number(StatusResponse.getDescriptor(), "downgradeInfo")).isEqualTo(13);
        assertThat(number(PutRequest.getDescriptor(), "prev_kv")).isEqualTo(4);
        assertThat(number(RangeRequest.getDescriptor(), "max_create_revision")).isEqualTo(13);
        assertThat(number(Permission.getDescriptor(), "permType")).isEqualTo(1);
    }

    @Test
    void everyServiceHasItsNameAndItsMethods() {
        hasMethods(
                KVGrpc.getServiceDescriptor(),
                "etcdserverpb.KV",
                "Range",
                "Put",
                "DeleteRange",
                "Txn",
                "Compact",
                "RangeStream");
        hasMethods(WatchGrpc.getServiceDescriptor(), "etcdserverpb.Watch", "Watch");
        hasMethods(
                LeaseGrpc.getServiceDescriptor(),
                "etcdserverpb.Lease",
                "LeaseGrant",
                "LeaseRevoke",
                "LeaseKeepAlive",
                "LeaseTimeToLive",
                "LeaseLeases");
        hasMethods(
                ClusterGrpc.getServiceDescriptor(),
                "etcdserverpb.Cluster",
                "MemberAdd",
                "MemberRemove",
                "MemberUpdate",
                "MemberList",
                "MemberPromote");
        hasMethods(
                MaintenanceGrpc.getServiceDescriptor(),
                "etcdserverpb.Maintenance",
                "Alarm",
                "Status",
                "Defragment",
                "Hash",
                "HashKV",
                "Snapshot",
                "MoveLeader",
                "Downgrade");
        assertThat(AuthGrpc.getServiceDescriptor().getName()).isEqualTo("etcdserverpb.Auth");
        assertThat(AuthGrpc.getServiceDescriptor().getMethods()).hasSize(17);
        hasMethods(
                ElectionGrpc.getServiceDescriptor(),
                "v3electionpb.Election",
                "Campaign",
                "Proclaim",
                "Leader",
                "Observe",
                "Resign");
        hasMethods(LockGrpc.getServiceDescriptor(), "v3lockpb.Lock", "Lock", "Unlock");
    }

    @Test
    void streamsAreStreams() {
        assertThat(WatchGrpc.getWatchMethod().getType()).isEqualTo(MethodDescriptor.MethodType.BIDI_STREAMING);
        assertThat(LeaseGrpc.getLeaseKeepAliveMethod().getType()).isEqualTo(MethodDescriptor.MethodType.BIDI_STREAMING);
        assertThat(MaintenanceGrpc.getSnapshotMethod().getType())
                .isEqualTo(MethodDescriptor.MethodType.SERVER_STREAMING);
        assertThat(KVGrpc.getRangeStreamMethod().getType()).isEqualTo(MethodDescriptor.MethodType.SERVER_STREAMING);
        assertThat(ElectionGrpc.getObserveMethod().getType()).isEqualTo(MethodDescriptor.MethodType.SERVER_STREAMING);
        assertThat(KVGrpc.getPutMethod().getType()).isEqualTo(MethodDescriptor.MethodType.UNARY);
    }
}
