package io.axolotl.server.driver;

import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.membership.NodeId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what happened inside the core into log lines: one readable line per change of state, the many small things only
 * when someone looks closely.
 *
 * <p>Confined to the driver thread.
 */
final class TraceLog {
    private static final Logger log = LoggerFactory.getLogger("io.axolotl.raft");

    private final NodeId self;

    TraceLog(NodeId self) {
        this.self = self;
    }

    void write(List<TraceEvent> events) {
        for (TraceEvent event : events) {
            write(event);
        }
    }

    private void write(TraceEvent event) {
        if (event instanceof TraceEvent.RoleChanged e) {
            log.info(
                    "node {} became {} in term {} (was {}); leader {}",
                    self,
                    e.to().word(),
                    e.term(),
                    e.from().word(),
                    e.leader() == null ? "unknown" : e.leader());
        } else if (event instanceof TraceEvent.TermAdopted e) {
            log.info("node {} adopted term {} (was {}) from node {}", self, e.to(), e.from(), e.because());
        } else if (event instanceof TraceEvent.LeaderKnown e) {
            log.info("node {}: leader of term {} is {}", self, e.term(), e.leader());
        } else if (event instanceof TraceEvent.ElectionStarted e) {
            log.info(
                    "node {} starts {} for term {}: {}",
                    self,
                    e.isPreVote() ? "a pre-vote" : "an election",
                    e.term(),
                    e.reason());
        } else if (event instanceof TraceEvent.VoteAnswered e) {
            log.info(
                    "node {} {} {} to {} for term {}: {}",
                    self,
                    e.isGranted() ? "granted" : "refused",
                    e.isPreVote() ? "a pre-vote" : "its vote",
                    e.candidate(),
                    e.term(),
                    e.reason());
        } else if (event instanceof TraceEvent.SteppedDown e) {
            log.warn("node {} stepped down in term {}: {}", self, e.term(), e.reason());
        } else if (event instanceof TraceEvent.SuffixTruncated e) {
            log.info(
                    "node {} cut its uncommitted entries {} to {}, the leader has {}",
                    self,
                    e.fromIndex(),
                    e.toIndex(),
                    e.leaderHad());
        } else if (event instanceof TraceEvent.AppendRefused e) {
            log.debug("node {} does not hold {} of leader {}, offers {}", self, e.previous(), e.leader(), e.hint());
        } else if (event instanceof TraceEvent.ProgressChanged e) {
            log.info(
                    "node {}: peer {} goes from {} to {} at index {}", self, e.peer(), e.from(), e.to(), e.nextIndex());
        } else if (event instanceof TraceEvent.CommitAdvanced e) {
            log.trace("node {} commits {} to {}", self, e.fromIndex(), e.toIndex());
        } else if (event instanceof TraceEvent.SnapshotOffered e) {
            log.info(
                    "node {} offers snapshot {} to peer {}, whose log ends too early",
                    self,
                    e.snapshot().last(),
                    e.peer());
        } else if (event instanceof TraceEvent.SnapshotInstallStarted e) {
            log.info("node {} installs snapshot {}", self, e.snapshot().last());
        } else if (event instanceof TraceEvent.SnapshotInstallFinished e) {
            log.info("node {} goes on from snapshot {}", self, e.snapshot().last());
        } else if (event instanceof TraceEvent.SnapshotIgnored e) {
            log.info(
                    "node {} needs nothing of snapshot {}, it knows {} entries to be committed",
                    self,
                    e.snapshot().last(),
                    e.commitIndex());
        } else if (event instanceof TraceEvent.ReadsQueued e) {
            log.debug("node {}: {} reads wait for the first commit of the term", self, e.count());
        } else if (event instanceof TraceEvent.ReadsConfirmed e) {
            log.trace("node {}: round {} confirmed {} reads", self, e.readRound(), e.count());
        } else if (event instanceof TraceEvent.ReadsRefused e) {
            log.debug("node {} refused {} reads: {}", self, e.count(), e.reason());
        } else if (event instanceof TraceEvent.MembershipAppended e) {
            log.info("node {}: entry {} puts {} in force", self, e.index(), e.membership());
        } else if (event instanceof TraceEvent.MembershipCommitted e) {
            log.info("node {}: the membership of entry {} is committed: {}", self, e.index(), e.membership());
        } else if (event instanceof TraceEvent.MembershipRolledBack e) {
            log.info(
                    "node {}: a change of the membership was undone, back to that of {}: {}",
                    self,
                    e.index(),
                    e.inForce());
        } else if (event instanceof TraceEvent.RemovedPeerReleased e) {
            log.info(
                    "node {} speaks no more to removed node {}, which {}",
                    self,
                    e.peer(),
                    e.isTold() ? "knows that it is removed" : "did not answer");
        } else if (event instanceof TraceEvent.TransferStarted e) {
            log.info("node {} hands leadership to {}", self, e.target());
        } else if (event instanceof TraceEvent.TransferEnded e) {
            log.info(
                    "node {}: handing leadership to {} {}: {}",
                    self,
                    e.target(),
                    e.isDone() ? "is done" : "has failed",
                    e.reason());
        } else if (event instanceof TraceEvent.HandoverChosen e) {
            log.warn("node {} chooses to hand leadership to {}: {}", self, e.heir(), e.reason());
        } else if (event instanceof TraceEvent.LeaderGone e) {
            log.warn("node {}: the process of leader {} seems to have ended, its port refuses", self, e.leader());
        } else if (event instanceof TraceEvent.DiskJudged e) {
            if (e.isSlow() || e.isHung()) {
                log.warn("node {}: its disk {}: {}", self, e.isHung() ? "hangs" : "is slow", e.evidence());
            } else {
                log.info("node {}: its disk does well again: {}", self, e.evidence());
            }
        } else if (event instanceof TraceEvent.ReadLeased e) {
            log.trace("node {}: its lease answers reads at {}", self, e.index());
        } else if (event instanceof TraceEvent.PauseDetected e) {
            log.warn(
                    "node {} did not run for {} ms (a paused process, a long collection, or no processor time)",
                    self,
                    TimeUnit.NANOSECONDS.toMillis(e.pausedNanos()));
        } else if (event instanceof TraceEvent.EmbargoLifted e) {
            log.info(
                    "node {} votes again: it holds {}, and so all that it acknowledged through term {} and then lost to damage",
                    self,
                    e.held(),
                    e.throughTerm());
        } else if (event instanceof TraceEvent.MessageIgnored e) {
            log.debug("node {} ignored {} from {}: {}", self, e.message(), e.from(), e.reason());
        } else {
            throw new AssertionError("no words for " + event);
        }
    }
}
