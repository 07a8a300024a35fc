package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class HeaderRulesTest extends Asked {
    @Test
    @Contract("HD-1")
    void everyHeaderNamesClusterMemberAndTerm() {
        StatusResponse status = server().maintenance().status(StatusRequest.getDefaultInstance());
        List<ResponseHeader> headers = List.of(
                get("none").getHeader(),
                put(putting("a", "1")).getHeader(),
                delete(deleting("a")).getHeader(),
                txn(TxnRequest.newBuilder()).getHeader(),
                server().cluster()
                        .memberList(MemberListRequest.getDefaultInstance())
                        .getHeader(),
                compact(revision()).getHeader());
        assertThat(headers).allSatisfy(header -> {
            assertThat(header.getClusterId())
                    .isEqualTo(status.getHeader().getClusterId())
                    .isNotZero();
            assertThat(header.getMemberId()).isEqualTo(status.getLeader()).isNotZero();
            assertThat(header.getRaftTerm()).isEqualTo(status.getRaftTerm()).isPositive();
        });
    }

    @Test
    @Contract("HD-2")
    void readOfThePastCarriesThePresentRevision() {
        long first = put("a", "1");
        long second = put("a", "2");
        assertThat(range(ranging("a").setRevision(first)).getHeader().getRevision())
                .isEqualTo(second);
        assertThat(delete(deleting("none")).getHeader().getRevision()).isEqualTo(second);
        assertThat(server().maintenance()
                        .status(StatusRequest.getDefaultInstance())
                        .getHeader()
                        .getRevision())
                .isEqualTo(second);
    }

    @Test
    @Contract("HD-3")
    void clusterCallsHaveNoRevision() {
        put("a", "1");
        assertThat(server().cluster()
                        .memberList(MemberListRequest.getDefaultInstance())
                        .getHeader()
                        .getRevision())
                .isZero();
    }

    @Test
    @Contract("HD-4")
    void answersWithinATransactionHaveHeadersWithARevisionAlone() {
        long before = put("a", "0");
        TxnResponse answer = txn(TxnRequest.newBuilder()
                .addSuccess(op(ranging("a")))
                .addSuccess(op(putting("a", "1")))
                .addSuccess(op(deleting("none")))
                .addSuccess(op(TxnRequest.newBuilder().addSuccess(op(putting("b", "1"))))));
        ResponseOp range = answer.getResponses(0);
        ResponseOp put = answer.getResponses(1);
        ResponseOp delete = answer.getResponses(2);
        ResponseOp nested = answer.getResponses(3);
        assertThat(range.getResponseRange().getHeader()).isEqualTo(only(before));
        assertThat(put.getResponsePut().getHeader()).isEqualTo(only(before + 1));
        assertThat(delete.getResponseDeleteRange().getHeader()).isEqualTo(only(before + 1));
        assertThat(nested.getResponseTxn().hasHeader()).isTrue();
        assertThat(nested.getResponseTxn().getHeader()).isEqualTo(ResponseHeader.getDefaultInstance());
        assertThat(nested.getResponseTxn().getResponses(0).getResponsePut().getHeader())
                .isEqualTo(only(before + 1));
    }

    private static ResponseHeader only(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
