package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.storage.mvcc.Refusal;
import io.grpc.Status;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract C.1, character by character: clients compare these texts. */
class EtcdErrorTest {
    private static final String TABLE = """
            EMPTY_KEY               | INVALID_ARGUMENT    | etcdserver: key is not provided
            KEY_NOT_FOUND           | INVALID_ARGUMENT    | etcdserver: key not found
            VALUE_PROVIDED          | INVALID_ARGUMENT    | etcdserver: value is provided
            LEASE_PROVIDED          | INVALID_ARGUMENT    | etcdserver: lease is provided
            TOO_MANY_OPERATIONS     | INVALID_ARGUMENT    | etcdserver: too many operations in txn request
            DUPLICATE_KEY           | INVALID_ARGUMENT    | etcdserver: duplicate key given in txn request
            INVALID_SORT_OPTION     | INVALID_ARGUMENT    | etcdserver: invalid sort option
            REQUEST_TOO_LARGE       | INVALID_ARGUMENT    | etcdserver: request is too large
            COMPACTED               | OUT_OF_RANGE        | etcdserver: mvcc: required revision has been compacted
            FUTURE_REVISION         | OUT_OF_RANGE        | etcdserver: mvcc: required revision is a future revision
            NO_SPACE                | RESOURCE_EXHAUSTED  | etcdserver: mvcc: database space exceeded
            CORRUPT                 | DATA_LOSS           | etcdserver: corrupt cluster
            UNKNOWN_METHOD          | UNKNOWN             | etcdserver: unknown method
            NOT_FOR_LEARNER         | FAILED_PRECONDITION | etcdserver: rpc not supported for learner
            WRONG_DOWNGRADE_VERSION_FORMAT   | INVALID_ARGUMENT | etcdserver: wrong downgrade target version format
            INVALID_DOWNGRADE_TARGET_VERSION | INVALID_ARGUMENT | etcdserver: invalid downgrade target version
            LEASE_NOT_FOUND         | NOT_FOUND           | etcdserver: requested lease not found
            LEASE_EXISTS            | FAILED_PRECONDITION | etcdserver: lease already exists
            LEASE_TTL_TOO_LARGE     | OUT_OF_RANGE        | etcdserver: too large lease TTL
            MEMBER_NOT_FOUND        | NOT_FOUND           | etcdserver: member not found
            TOO_MANY_REQUESTS       | RESOURCE_EXHAUSTED  | etcdserver: too many requests
            NO_LEADER               | UNAVAILABLE         | etcdserver: no leader
            NOT_LEADER              | FAILED_PRECONDITION | etcdserver: not leader
            LEADER_CHANGED          | UNAVAILABLE         | etcdserver: leader changed
            BAD_TRANSFEREE          | FAILED_PRECONDITION | etcdserver: bad leader transferee
            STOPPED                 | UNAVAILABLE         | etcdserver: server stopped
            TIMEOUT                 | UNAVAILABLE         | etcdserver: request timed out
            TIMEOUT_LEADER_FAILED   | UNAVAILABLE         | etcdserver: request timed out, possibly due to previous leader failure
            TIMEOUT_CONNECTION_LOST | UNAVAILABLE         | etcdserver: request timed out, possibly due to connection lost
            TRANSFER_TOO_LONG       | UNKNOWN             | etcdserver: request timed out, leader transfer took too long
            """;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = TABLE)
    @DisplayName("C.1: codes and texts")
    void codesAndTextsAreThoseOfTheContract(EtcdError error, Status.Code code, String text) {
        assertThat(error.status().getCode()).isEqualTo(code);
        assertThat(error.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    @DisplayName("C.3: an unknown outcome is only ever said with Unavailable")
    void unknownIsNeverToldAsARefusal(Failure failure) {
        assertThat(EtcdError.ofUnknown(failure).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void whyAnOutcomeIsUnknownIsKeptWhereItsCodeAllows() {
        assertThat(EtcdError.ofUnknown(Failure.TIMEOUT_LEADER_FAILED)).isEqualTo(EtcdError.TIMEOUT_LEADER_FAILED);
        assertThat(EtcdError.ofUnknown(Failure.LEADER_CHANGED)).isEqualTo(EtcdError.LEADER_CHANGED);
        assertThat(EtcdError.ofUnknown(Failure.TOO_LARGE)).isEqualTo(EtcdError.TIMEOUT);
        assertThat(EtcdError.ofUnknown(Failure.TRANSFER_TOO_LONG)).isEqualTo(EtcdError.TIMEOUT);
    }

    @Test
    void failuresKeepTheirNames() {
        Set<Failure> renamed = EnumSet.of(Failure.TOO_LARGE);
        for (Failure failure : Failure.values()) {
            if (!renamed.contains(failure)) {
                assertThat(EtcdError.of(failure).name()).isEqualTo(failure.name());
            }
        }
        assertThat(EtcdError.of(Failure.TOO_LARGE)).isEqualTo(EtcdError.REQUEST_TOO_LARGE);
        assertThat(EtcdError.of(Refusal.LEADER_REPLACED)).isEqualTo(EtcdError.LEADER_CHANGED);
        for (Refusal refusal : EnumSet.complementOf(EnumSet.of(Refusal.LEADER_REPLACED))) {
            assertThat(EtcdError.of(refusal).name()).isEqualTo(refusal.name());
        }
    }
}
