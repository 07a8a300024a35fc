package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DefragmentResponse;
import io.axolotl.client.proto.DowngradeRequest;
import io.axolotl.client.proto.DowngradeRequest.DowngradeAction;
import io.axolotl.client.proto.DowngradeResponse;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.HashRequest;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class UpkeepRulesTest extends Asked {
    private HashKVResponse hash(long revision) {
        return server().maintenance()
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
    }

    @Test
    @Contract({"MT-3", "HD-3"})
    void defragmentationAnswersNothingAndChangesNothing() {
        long now = put("a", "1");
        assertThat(server().maintenance().defragment(DefragmentRequest.getDefaultInstance()))
                .isEqualTo(DefragmentResponse.getDefaultInstance());
        assertThat(values(get("a").getKvsList())).containsExactly("1");
        assertThat(revision()).isEqualTo(now);
    }

    @Test
    @Contract("MT-4")
    void hashIsThatOfARevisionAndChangesWithTheData() {
        long first = put("a", "1");
        long second = put("a", "2");
        HashKVResponse now = hash(0);
        assertThat(now.getHeader().getRevision()).isEqualTo(second);
        assertThat(hash(second).getHash()).isEqualTo(now.getHash());
        assertThat(hash(first).getHash()).isNotEqualTo(now.getHash());
        assertThat(now.getHashRevision()).isEqualTo(differing(KnownDifference.HASH_REVISION, 0L, second));
        compact(second);
        assertThat(hash(0).getCompactRevision()).isEqualTo(second);
        put("a", "3");
        assertThat(hash(0).getHash()).isNotEqualTo(now.getHash());
    }

    @Test
    @Contract(
            value = "MT-4",
            errors = {ContractError.COMPACTED, ContractError.FUTURE_REVISION})
    void hashOfWhatIsNotThereIsRefused() {
        long first = put("a", "1");
        long second = put("a", "2");
        refused(ContractError.FUTURE_REVISION, () -> hash(second + 1));
        compact(second);
        refused(ContractError.COMPACTED, () -> hash(first));
    }

    @Test
    @Contract("MT-4")
    void wholeStoreHasAHashToo() {
        put("a", "1");
        var one = server().maintenance().hash(HashRequest.getDefaultInstance());
        assertThat(one.getHeader().getMemberId()).isNotZero();
        put("a", "2");
        assertThat(server().maintenance().hash(HashRequest.getDefaultInstance()).getHash())
                .isNotEqualTo(one.getHash());
    }

    private DowngradeResponse downgrade(DowngradeAction action, String version) {
        return server().maintenance()
                .downgrade(DowngradeRequest.newBuilder()
                        .setAction(action)
                        .setVersion(version)
                        .build());
    }

    @Test
    @Contract(
            value = "MT-7",
            errors = {ContractError.BAD_DOWNGRADE_VERSION, ContractError.BAD_DOWNGRADE_TARGET})
    void noVersionIsGoneBackTo() {
        if (differing(KnownDifference.DOWNGRADE, true, false)) {
            refused(
                    Status.Code.UNIMPLEMENTED,
                    "unknown method Downgrade for service etcdserverpb.Maintenance",
                    () -> downgrade(DowngradeAction.CANCEL, ""));
            return;
        }
        for (DowngradeAction action : new DowngradeAction[] {DowngradeAction.VALIDATE, DowngradeAction.ENABLE}) {
            refused(ContractError.BAD_DOWNGRADE_VERSION, () -> downgrade(action, "no version"));
            refused(ContractError.BAD_DOWNGRADE_TARGET, () -> downgrade(action, "3.4.0"));
        }
        assertThat(downgrade(DowngradeAction.CANCEL, "").getVersion()).matches("\\d+\\.\\d+.*");
    }
}
