package io.axolotl.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GatewayPathsTest {
    @Test
    @DisplayName("A.1, A.4, A.5: every call of the API has its path, and no path leads to what is not there")
    void everyCallHasAPath() {
        List<String> calls = RandomMessages.files().stream()
                .flatMap(file -> file.getServices().stream())
                .flatMap(GatewayPathsTest::calls)
                // etcd 3.7's, which the contract knows no path of.
                .filter(call -> !call.equals("etcdserverpb.KV/RangeStream"))
                .toList();
        assertThat(GatewayPaths.byMethod().keySet()).containsExactlyInAnyOrderElementsOf(calls);
    }

    private static Stream<String> calls(ServiceDescriptor service) {
        return service.getMethods().stream()
                .map(MethodDescriptor::getName)
                .map(method -> service.getFullName() + "/" + method);
    }

    @Test
    void pathsAreThoseOfTheContract() {
        assertThat(GatewayPaths.byMethod())
                .containsEntry("etcdserverpb.KV/Compact", List.of("/v3/kv/compaction"))
                .containsEntry("etcdserverpb.Lease/LeaseRevoke", List.of("/v3/lease/revoke", "/v3/kv/lease/revoke"))
                .containsEntry("etcdserverpb.Maintenance/MoveLeader", List.of("/v3/maintenance/transfer-leadership"))
                .containsEntry("etcdserverpb.Auth/UserChangePassword", List.of("/v3/auth/user/changepw"))
                .containsEntry("v3electionpb.Election/Observe", List.of("/v3/election/observe"));
        assertThat(GatewayPaths.byMethod().values().stream().flatMap(List::stream))
                .doesNotHaveDuplicates()
                .hasSize(48 + 3);
    }
}
