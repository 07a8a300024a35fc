package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("C.1, GU-6: what the failure of an attempt proves")
final class VerdictTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INVALID_ARGUMENT    | etcdserver: key is not provided                              | REFUSED
            INVALID_ARGUMENT    | etcdserver: key not found                                    | REFUSED
            INVALID_ARGUMENT    | etcdserver: value is provided                                | REFUSED
            INVALID_ARGUMENT    | etcdserver: lease is provided                                | REFUSED
            INVALID_ARGUMENT    | etcdserver: too many operations in txn request               | REFUSED
            INVALID_ARGUMENT    | etcdserver: duplicate key given in txn request               | REFUSED
            INVALID_ARGUMENT    | etcdserver: invalid sort option                              | REFUSED
            INVALID_ARGUMENT    | etcdserver: request is too large                             | REFUSED
            INVALID_ARGUMENT    | etcdserver: user name is empty                               | REFUSED
            INVALID_ARGUMENT    | etcdserver: revision of auth store is old                    | REFUSED
            OUT_OF_RANGE        | etcdserver: mvcc: required revision has been compacted       | REFUSED
            OUT_OF_RANGE        | etcdserver: mvcc: required revision is a future revision     | REFUSED
            RESOURCE_EXHAUSTED  | etcdserver: mvcc: database space exceeded                    | REFUSED
            RESOURCE_EXHAUSTED  | grpc: received message larger than max (3 vs. 2)             | REFUSED
            RESOURCE_EXHAUSTED  | gRPC message exceeds maximum size 2: 3                       | REFUSED
            NOT_FOUND           | etcdserver: requested lease not found                        | REFUSED
            PERMISSION_DENIED   | etcdserver: permission denied                                | REFUSED
            UNAUTHENTICATED     | etcdserver: invalid auth token                               | REFUSED
            FAILED_PRECONDITION | etcdserver: not leader                                       | REFUSED
            FAILED_PRECONDITION | etcdserver: bad leader transferee                            | REFUSED
            UNIMPLEMENTED       | unknown method Put                                           | REFUSED
            DATA_LOSS           | etcdserver: corrupt cluster                                  | REFUSED
            FAILED_PRECONDITION | etcdserver: rpc not supported for learner                    | TRY_ELSEWHERE
            UNAVAILABLE         | etcdserver: rpc not supported for learner                    | TRY_ELSEWHERE
            FAILED_PRECONDITION | etcdserver: not capable                                      | TRY_ELSEWHERE
            UNAVAILABLE         | etcdserver: not capable                                      | TRY_ELSEWHERE
            RESOURCE_EXHAUSTED  | etcdserver: no space left: the disk of this member is full; x | TRY_ELSEWHERE
            UNKNOWN             | etcdserver: too many requests                                | BUSY
            RESOURCE_EXHAUSTED  | etcdserver: too many requests                                | BUSY
            UNAVAILABLE         | etcdserver: no leader                                        | UNAVAILABLE
            UNAVAILABLE         | etcdserver: leader changed                                   | UNAVAILABLE
            UNAVAILABLE         | etcdserver: server stopped                                   | UNAVAILABLE
            UNAVAILABLE         | etcdserver: request timed out                                | UNAVAILABLE
            UNAVAILABLE         | etcdserver: request timed out, possibly due to previous leader failure | UNAVAILABLE
            UNAVAILABLE         | etcdserver: request timed out, possibly due to connection lost | UNAVAILABLE
            DEADLINE_EXCEEDED   | context deadline exceeded                                    | UNKNOWN
            CANCELLED           | context canceled                                             | UNKNOWN
            UNKNOWN             | etcdserver: request cancelled                                | UNKNOWN
            UNKNOWN             | etcdserver: request timed out, leader transfer took too long | UNKNOWN
            INTERNAL            | Received unexpected EOS on DATA frame from server            | UNKNOWN
            """)
    void sentAttemptsAreJudgedByCodeAndText(Status.Code code, String text, Verdict verdict) {
        assertThat(Verdict.of(Status.fromCode(code).withDescription(text), true))
                .isEqualTo(verdict);
    }

    @Test
    @DisplayName(
            "grpc-java turns ENHANCE_YOUR_CALM on the connection into RESOURCE_EXHAUSTED, for calls that may have run")
    void codesThatTheClientMakesUpProveNothing() {
        assertThat(Verdict.of(Status.RESOURCE_EXHAUSTED.withDescription("Bandwidth exhausted"), true))
                .isEqualTo(Verdict.UNKNOWN);
        assertThat(Verdict.of(
                        Status.PERMISSION_DENIED.withDescription("Permission denied as protocol is not secure enough"),
                        true))
                .isEqualTo(Verdict.UNKNOWN);
        assertThat(Verdict.of(Status.DATA_LOSS, true)).isEqualTo(Verdict.UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"OK"},
            mode = EnumSource.Mode.EXCLUDE)
    void whatNeverLeftIsNotSentWhateverTheCode(Status.Code code) {
        Verdict verdict = Verdict.of(Status.fromCode(code), false);
        assertThat(verdict).isEqualTo(Verdict.NOT_SENT);
        assertThat(verdict.provesNoEffect()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Verdict.class)
    void aWriteIsRepeatedOnlyIfItProvablyHadNoEffect(Verdict verdict) {
        if (verdict.mayRepeat(Effect.WRITE, false)) {
            assertThat(verdict.provesNoEffect()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Verdict.class)
    void aNumberedWriteIsRepeatedUnlessItWasRefused(Verdict verdict) {
        assertThat(verdict.mayRepeat(Effect.WRITE, true)).isEqualTo(verdict != Verdict.REFUSED);
    }

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void everyCodeOfTheWireHasOneOfOurs(Status.Code code) {
        assertThat(ErrorCode.of(Status.fromCode(code))).hasToString(code.name());
    }
}
