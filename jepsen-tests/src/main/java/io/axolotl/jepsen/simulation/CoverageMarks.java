package io.axolotl.jepsen.simulation;

import java.util.List;

/**
 * The rare things that the suite must have seen ("sometimes" events): a green run in which one of them never happened proves
 * less than it seems to. How often each was reached, {@code axolotl simulate} prints.
 */
final class CoverageMarks {
    static final List<String> REQUIRED = List.of(
            // elections and leaders
            "core: SteppedDown",
            "core: TransferStarted",
            "core: TransferEnded",
            "core: HandoverChosen",
            "core: LeaderGone",
            "core: PauseDetected",
            "core: DiskJudged",
            "core: VoteAnswered",
            "core: TermAdopted",
            // logs
            "core: SuffixTruncated",
            "core: AppendRefused",
            "core: ProgressChanged",
            "log: prefix cut",
            "log writer: several Readys in one sync",
            // reads
            "core: ReadsQueued",
            "core: ReadsRefused",
            "core: ReadsConfirmed",
            "core: ReadLeased",
            // snapshots
            "core: SnapshotOffered",
            "core: SnapshotInstallStarted",
            "core: SnapshotInstallFinished",
            "core: SnapshotIgnored",
            "snapshot: taken",
            "snapshot: transferred",
            "snapshot: transfer failed",
            "snapshot: transfer resumed",
            "snapshot: installed",
            // members
            "core: MembershipAppended",
            "core: MembershipCommitted",
            "core: RemovedPeerReleased",
            "member: joined",
            "member: left",
            "member: published itself",
            "member: taken out by the operator",
            "member: a joiner found no place yet",
            "operator: AddMember done",
            "operator: PromoteMember done",
            "operator: PromoteMember refused",
            "operator: RemoveMember done",
            "operator: RemoveMember refused",
            "operator: a lost member was replaced",
            "handshake: a removed member was told so",
            "handshake: one with another disk was turned away",
            // crashes, disks, recovery
            "crash: between two disk operations",
            "crash: in the middle of a batch",
            "crash: after a sync, before anybody was told",
            "disk: a member stopped at a failed sync",
            "disk: a member stopped at a full disk",
            "recovery: came up with the others",
            "recovery: refused, another disk",
            "judge: one that has forgotten was watched",
            "fault atlas: spared what must survive",
            "fault atlas: put back to an old disk",
            "fault atlas: wiped a disk",
            // clients and the network
            "client: proposal forwarded",
            "client: forwarded proposal refused",
            "client: told that nobody knows",
            "client: refused for certain: TOO_MANY_REQUESTS",
            "client: refused for certain: DISK_FULL",
            "client: unknown",
            "client: refused",
            "session: opened",
            "session: asked again",
            "session: a repeat was committed",
            "network: message lost",
            "network: message repeated",
            "network: message of long ago played again",
            "network: message very late",
            "network: message into a cut link",
            // judges
            "judge: two states compared",
            "judge: linearizable");

    private CoverageMarks() {}

    /** Those of them that were never reached. */
    static List<String> notReached(Marks marks) {
        return REQUIRED.stream().filter(mark -> marks.count(mark) == 0).toList();
    }
}
