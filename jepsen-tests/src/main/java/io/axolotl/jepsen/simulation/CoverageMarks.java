package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * The rare things that the suite must have seen ("sometimes" events): a green run in which one of them never happened proves
 * less than it seems to. How often each was reached, {@code axolotl simulate} prints.
 */
final class CoverageMarks {
    private static final List<String> REQUIRED = List.of(
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
            "reads: waited when their leader stepped down",
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
            "snapshot: came in the middle of a change of members",
            "snapshot: one of long ago came again",
            // members
            "core: MembershipAppended",
            "core: MembershipCommitted",
            "core: MembershipRolledBack",
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
            "crash: in the middle of a turn",
            "crash: at SNAPSHOT_TAKEN",
            "crash: at LOG_TO_BE_CUT",
            "crash: in the middle of slow work",
            "disk: a member stopped at a failed sync",
            "disk: a member stopped at a full disk",
            "recovery: came up with the others",
            "recovery: refused, another disk",
            "recovery: refused, damage",
            "recovery: a torn tail was cut",
            "recovery: a newer snapshot waited",
            "recovery: the log was begun anew behind a snapshot",
            "recovery: repair the log",
            "recovery: set the damaged state aside",
            "recovery: an embargo was lifted",
            "disk: what damage took was made up for",
            "judge: a loss was owned up to",
            "judge: one that has forgotten was watched",
            "fault atlas: spared what must survive",
            "fault atlas: put back to an old disk",
            "fault atlas: wiped a disk",
            "fault atlas: rot where members come and go",
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
            // the end
            "end: all were healed at once",
            "end: a majority was healed, the rest left broken",
            "end: one was left down",
            "end: one was left cut off",
            "end: one was left deaf",
            // judges
            "judge: two states compared",
            "judge: linearizable");

    private CoverageMarks() {}

    /** All that must have been reached: these, every fault, and something that struck at every named point. */
    static List<String> required() {
        List<String> all = new ArrayList<>(REQUIRED);
        for (Fault fault : Fault.values()) {
            all.add("fault: " + fault);
        }
        for (Moment moment : Moment.values()) {
            all.add("ambush: " + moment);
        }
        return all;
    }

    /** Those of them that were never reached. */
    static List<String> notReached(Marks marks) {
        return required().stream().filter(mark -> marks.count(mark) == 0).toList();
    }
}
