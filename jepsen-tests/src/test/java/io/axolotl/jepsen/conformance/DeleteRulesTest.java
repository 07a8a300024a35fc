package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class DeleteRulesTest extends Asked {
    private void fourKeys() {
        for (String suffix : new String[] {"b", "d", "a", "c"}) {
            put(suffix, "of " + suffix);
        }
    }

    @Test
    @Contract(value = "DL-1", errors = ContractError.EMPTY_KEY)
    void deletedCountsLiveKeysOfTheRange() {
        fourKeys();
        refused(ContractError.EMPTY_KEY, () -> delete(DeleteRangeRequest.newBuilder()));
        assertThat(delete(deleting("none")).getDeleted()).isZero();
        assertThat(delete(deleting("c").setRangeEnd(key("b"))).getDeleted()).isZero();
        assertThat(delete(deleting("a")).getDeleted()).isEqualTo(1);
        assertThat(delete(deleting("a")).getDeleted()).isZero();
        assertThat(delete(deleting("a").setRangeEnd(key("c"))).getDeleted()).isEqualTo(1);
        assertThat(suffixes(range(ranging()).getKvsList())).containsExactly("c", "d");
        assertThat(delete(deleting()).getDeleted()).isEqualTo(2);
    }

    @Test
    @Contract("DL-1")
    void zeroByteAsTheEndIsNoEnd() {
        fourKeys();
        assertThat(delete(deleting("c").setRangeEnd(NO_END)).getDeleted()).isGreaterThanOrEqualTo(2);
        assertThat(suffixes(range(ranging()).getKvsList())).containsExactly("a", "b");
    }

    @Test
    @Contract("DL-2")
    void previousKeyValuesAreThoseRemovedInOrder() {
        fourKeys();
        List<KeyValue> before = range(ranging()).getKvsList();
        DeleteRangeResponse removed = delete(deleting().setPrevKv(true));
        assertThat(removed.getPrevKvsList()).isEqualTo(before);
        assertThat(suffixes(removed.getPrevKvsList())).containsExactly("a", "b", "c", "d");
        assertThat(delete(deleting().setPrevKv(true)).getPrevKvsList()).isEmpty();
    }
}
