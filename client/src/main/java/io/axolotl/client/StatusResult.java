package io.axolotl.client;

import java.util.List;

/**
 * The state of one member as it sees itself (MT-2). Immutable.
 *
 * @param leaderId unsigned; 0 if the member knows no leader
 * @param raftIndex commit index
 * @param errors alarms and a missing leader, for people
 * @param storageVersion empty before etcd 3.6
 * @param dbSizeQuotaBytes 0 before etcd 3.6
 */
public record StatusResult(
        Header header,
        String version,
        long dbSizeBytes,
        long dbSizeInUseBytes,
        long dbSizeQuotaBytes,
        String storageVersion,
        long leaderId,
        long raftTerm,
        long raftIndex,
        long raftAppliedIndex,
        boolean isLearner,
        List<String> errors) {
    public StatusResult {
        errors = List.copyOf(errors);
    }

    public boolean isLeader() {
        return leaderId != 0 && leaderId == header.memberId();
    }
}
