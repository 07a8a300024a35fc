package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.CompactionRequest;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class CompactRulesTest extends Asked {
    @Test
    @Contract(
            value = "CP-1",
            errors = {ContractError.COMPACTED, ContractError.FUTURE_REVISION})
    void compactionGoesForwardWithinThePast() {
        long first = put("a", "1");
        long now = put("a", "2");
        refused(ContractError.FUTURE_REVISION, () -> compact(now + 1));
        assertThat(compact(first).getHeader().getRevision()).isEqualTo(now);
        refused(ContractError.COMPACTED, () -> compact(first));
        refused(ContractError.COMPACTED, () -> compact(first - 1));
        refused(ContractError.COMPACTED, () -> compact(0));
        refused(ContractError.COMPACTED, () -> compact(-1));
        assertThat(compact(now).getHeader().getRevision()).isEqualTo(now);
        assertThat(revision()).isEqualTo(now);
    }

    @Test
    @Contract("CP-2")
    void newestVersionsUpToTheRevisionStay() {
        put("a", "1");
        long kept = put("a", "2");
        put("b", "1");
        long deleted = delete(deleting("b")).getHeader().getRevision();
        long now = put("a", "3");
        compact(deleted);
        assertThat(values(range(ranging().setRevision(deleted)).getKvsList())).containsExactly("2");
        assertThat(range(ranging("a").setRevision(deleted)).getKvs(0).getModRevision())
                .isEqualTo(kept);
        assertThat(values(range(ranging().setRevision(now)).getKvsList())).containsExactly("3");
        assertThat(get("a").getKvs(0).getVersion()).isEqualTo(3);
    }

    @Test
    @Contract("CP-3")
    void physicalCompactionAnswersAsTheOther() {
        put("a", "1");
        long now = put("a", "2");
        assertThat(server().kv()
                        .compact(CompactionRequest.newBuilder()
                                .setRevision(now)
                                .setPhysical(true)
                                .build())
                        .getHeader()
                        .getRevision())
                .isEqualTo(now);
        refused(ContractError.COMPACTED, () -> range(ranging("a").setRevision(now - 1)));
    }
}
