package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.TxnRequest;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class MvccRulesTest extends Asked {
    @Test
    @Contract("MV-2")
    void everyChangeTakesOneRevision() {
        long before = revision();
        assertThat(put("a", "1")).isEqualTo(before + 1);
        assertThat(put("b", "1")).isEqualTo(before + 2);
        assertThat(txn(TxnRequest.newBuilder()
                                .addSuccess(op(putting("c", "1")))
                                .addSuccess(op(putting("d", "1")))
                                .addSuccess(op(deleting("a"))))
                        .getHeader()
                        .getRevision())
                .isEqualTo(before + 3);
        assertThat(delete(deleting()).getHeader().getRevision()).isEqualTo(before + 4);
        assertThat(revision()).isEqualTo(before + 4);
    }

    @Test
    @Contract("MV-3")
    void whatChangesNothingTakesNoRevision() {
        long before = put("a", "1");
        get("a");
        delete(deleting("none"));
        txn(TxnRequest.newBuilder().addSuccess(op(deleting("none"))).addSuccess(op(ranging("a"))));
        txn(TxnRequest.newBuilder()
                .addCompare(comparing("a", Compare.CompareResult.EQUAL)
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setVersion(7))
                .addSuccess(op(putting("a", "2"))));
        compact(before);
        assertThat(revision()).isEqualTo(before);
    }

    @Test
    @Contract("MV-4")
    void keyCountsItsVersionsWithinAGeneration() {
        long first = put("a", "1");
        long second = put("a", "2");
        KeyValue changed = get("a").getKvs(0);
        assertThat(changed.getCreateRevision()).isEqualTo(first);
        assertThat(changed.getModRevision()).isEqualTo(second);
        assertThat(changed.getVersion()).isEqualTo(2);
        delete(deleting("a"));
        long third = put("a", "3");
        KeyValue again = get("a").getKvs(0);
        assertThat(again.getCreateRevision()).isEqualTo(third);
        assertThat(again.getModRevision()).isEqualTo(third);
        assertThat(again.getVersion()).isEqualTo(1);
    }

    @Test
    @Contract("MV-7")
    void keysAreOrderedAsUnsignedBytesAndValuesMayBeEmpty() {
        for (String suffix : new String[] {"\u00ff", "\u007f", "\0", "a", "", "\u0080"}) {
            put(suffix, "");
        }
        var all = range(RangeRequest.newBuilder().setKey(key("")).setRangeEnd(end()));
        assertThat(suffixes(all.getKvsList())).containsExactly("", "\0", "a", "\u007f", "\u0080", "\u00ff");
        assertThat(values(all.getKvsList())).containsOnly("");
    }

    @Test
    @Contract(value = "MV-7", errors = ContractError.EMPTY_KEY)
    void emptyKeyIsNone() {
        refused(ContractError.EMPTY_KEY, () -> put(PutRequest.newBuilder().setValue(bytes("1"))));
        refused(
                ContractError.EMPTY_KEY,
                () -> delete(DeleteRangeRequest.newBuilder().setRangeEnd(NO_END)));
        refused(
                ContractError.EMPTY_KEY,
                () -> range(RangeRequest.newBuilder().setKey(ByteString.EMPTY).setRangeEnd(NO_END)));
    }
}
