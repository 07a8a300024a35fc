package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class MaintenanceRulesTest extends Asked {
    private static final long DEFAULT_QUOTA_BYTES = 2L << 30;

    private StatusResponse status() {
        return server().maintenance().status(StatusRequest.getDefaultInstance());
    }

    @Test
    @Contract("MT-2")
    void statusHoldsWhatClientsComputeWith() {
        put("a", "1");
        StatusResponse status = status();
        assertThat(status.getVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(status.getDbSize()).isPositive();
        assertThat(status.getDbSizeInUse()).isPositive().isLessThanOrEqualTo(status.getDbSize());
        assertThat(status.getRaftAppliedIndex()).isPositive().isLessThanOrEqualTo(status.getRaftIndex());
        assertThat(status.getLeader()).isEqualTo(status.getHeader().getMemberId());
        assertThat(status.getRaftTerm()).isPositive();
        assertThat(status.getErrorsList()).isEmpty();
        assertThat(status.getIsLearner()).isFalse();
    }

    @Test
    @Contract("MT-2")
    void statusOfToday() {
        StatusResponse status = status();
        boolean isOld = differing(KnownDifference.NEWER_STATUS, true, false);
        assertThat(status.getStorageVersion()).matches(isOld ? "" : "\\d+\\.\\d+\\.\\d+");
        assertThat(status.getDbSizeQuota()).isEqualTo(isOld ? 0 : DEFAULT_QUOTA_BYTES);
        assertThat(status.hasDowngradeInfo()).isEqualTo(!isOld);
        assertThat(status.getDowngradeInfo().getEnabled()).isFalse();
    }

    private MoveLeaderResponse moveLeader(long target) {
        return server().maintenance()
                .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
    }

    @Test
    @Contract(
            value = {"MT-6", "HD-3"},
            errors = ContractError.BAD_TRANSFEREE)
    void leadershipGoesToMembersOnly() {
        refused(ContractError.BAD_TRANSFEREE, () -> moveLeader(0x7777));
        MoveLeaderResponse alreadyThere = moveLeader(status().getLeader());
        assertThat(alreadyThere).isEqualTo(MoveLeaderResponse.getDefaultInstance());
    }
}
