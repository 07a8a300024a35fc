package io.axolotl.jepsen.demo;

import com.google.gson.GsonBuilder;
import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.Audit;
import io.axolotl.jepsen.workload.Outage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The figures of one demo. Its JSON form is these records, field by field; times are in milliseconds. Immutable.
 *
 * @param processors of the machine that all three servers and the writers shared
 */
record DemoReport(
        int nodes,
        int processors,
        double totalSeconds,
        LeaderKilled leaderKilled,
        Replayed replayed,
        Installed installed,
        AllKilled allKilled,
        Verdict verdict) {

    /**
     * Phase 1.
     *
     * @param noServiceMillis longest stretch without an answered probe
     * @param backMillis until service was back for good
     * @param isBackForGood whether a second without a disturbance was seen at all
     */
    record LeaderKilled(
            String killed,
            String newLeader,
            long oldTerm,
            long newTerm,
            double noServiceMillis,
            double backMillis,
            boolean isBackForGood,
            int failedProbes,
            double newLeaderMillis) {}

    /**
     * Phase 2. Times from the start of the process.
     *
     * @param missedEntries what the others applied while it was down
     */
    record Replayed(
            String node, long missedEntries, double servingMillis, double caughtUpMillis, NodeRecovery recovery) {}

    /** Phase 3. Times from the start of the process. */
    record Installed(String node, long missedEntries, double caughtUpMillis, NodeRecovery recovery) {}

    /**
     * Phase 4.
     *
     * @param restartedToServiceMillis from the start of the three processes to the first answered probe
     */
    record AllKilled(
            double noServiceMillis,
            double restartedToServiceMillis,
            String leader,
            long term,
            List<NodeRecovery> recoveries) {
        AllKilled {
            recoveries = List.copyOf(recoveries);
        }
    }

    /**
     * What is left of every write.
     *
     * @param digests by member, all at the revision of the audit
     */
    record Verdict(Audit audit, List<MemberDigest> digests) {
        Verdict {
            digests = List.copyOf(digests);
        }

        boolean areDigestsEqual() {
            return digests.stream().map(MemberDigest::sha256).distinct().count() == 1;
        }
    }

    record MemberDigest(String node, long revision, long keys, String sha256) {}

    /** Nothing lost, nothing twice, all members equal. */
    boolean isClean() {
        return verdict.audit.isClean() && verdict.areDigestsEqual();
    }

    /** Whether this run showed what the phases are for: one node back by log replay, one by snapshot install. */
    boolean hasShownBothWays() {
        return replayed.recovery.snapshots() == 0 && installed.recovery.snapshots() > 0;
    }

    /** How the demo ends: 0 if all is well, 2 if anything was lost or differs, 3 if too little was shown to tell. */
    int exitCode() {
        if (!isClean()) {
            return 2;
        }
        return hasShownBothWays() ? 0 : 3;
    }

    static double millis(long nanos) {
        return Math.round(nanos / 1e5) / 10.0;
    }

    static LeaderKilled leaderKilled(
            String killed, String newLeader, long oldTerm, long newTerm, Outage outage, long newLeaderNanos) {
        return new LeaderKilled(
                killed,
                newLeader,
                oldTerm,
                newTerm,
                millis(outage.silenceNanos()),
                millis(outage.backNanos()),
                outage.isOver(),
                outage.failedProbes(),
                millis(newLeaderNanos));
    }

    private static String time(double millis) {
        return Text.duration((long) (millis * 1e6));
    }

    /** For the terminal. */
    String summary() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "1  Leader killed (kill -9)",
                "no service for " + time(leaderKilled.noServiceMillis) + "; "
                        + leaderKilled.newLeader + " leads term " + leaderKilled.newTerm + " after "
                        + time(leaderKilled.newLeaderMillis));
        line(
                text,
                "2  Leader restarted",
                Text.count(replayed.missedEntries) + " entries behind, "
                        + (replayed.recovery.snapshots() == 0 ? "log replay" : "by snapshot") + ", caught up "
                        + time(replayed.caughtUpMillis) + " after its start");
        line(
                text,
                "3  Follower past compaction",
                installedInWords() + ", caught up " + time(installed.caughtUpMillis) + " after its start");
        line(
                text,
                "4  All three killed",
                "first answer " + time(allKilled.restartedToServiceMillis) + " after the restart; " + allKilled.leader
                        + " leads term " + allKilled.term);
        text.append('\n');
        line(text, "Verdict", verdictInWords());
        line(text, "", digestsInWords());
        return text.toString();
    }

    private static void line(StringBuilder text, String head, String body) {
        text.append(String.format("%-30s%s%n", head, body));
    }

    private String installedInWords() {
        NodeRecovery recovery = installed.recovery;
        return Text.count(installed.missedEntries) + " entries behind, "
                + (recovery.snapshots() == 0
                        ? "no snapshot was needed"
                        : "snapshot of " + Text.bytes(recovery.snapshotBytes()) + " received in "
                                + time(recovery.snapshotMillis()));
    }

    private String verdictInWords() {
        Audit audit = verdict.audit;
        String text = "acknowledged " + Text.count(audit.acknowledged()) + ", found " + Text.count(audit.found())
                + ", lost " + Text.count(audit.lost()) + ", duplicated " + Text.count(audit.duplicated());
        if (audit.altered() > 0 || audit.phantoms() > 0) {
            text += ", altered " + audit.altered() + ", phantoms " + audit.phantoms();
        }
        return text + " (outcome unknown " + Text.count(audit.unknown()) + ", of which applied "
                + Text.count(audit.unknownApplied()) + ")";
    }

    private String digestsInWords() {
        return verdict.areDigestsEqual()
                ? "the digests of all members are equal: "
                        + verdict.digests.get(0).sha256.substring(0, 16)
                : "THE MEMBERS DIFFER: " + verdict.digests;
    }

    /** Writes {@code report.md} and {@code report.json} into a folder, which is made if missing. */
    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.md"), markdown());
            Files.writeString(
                    folder.resolve("report.json"),
                    new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + folder, e);
        }
    }

    private String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("# Recovery report\n\n");
        text.append(nodes)
                .append(" servers, ")
                .append(processors)
                .append(" processors, ")
                .append(String.format(java.util.Locale.ROOT, "%.0f s", totalSeconds))
                .append(" in all.\n\n");
        text.append("**")
                .append(isClean() ? "Nothing was lost." : "SOMETHING WAS LOST OR DIFFERS.")
                .append("** ");
        text.append(verdictInWords()).append("; ").append(digestsInWords()).append(".\n\n");
        for (String example : verdict.audit.examples()) {
            text.append("- ").append(example).append('\n');
        }
        table(
                text,
                "1. Leader killed (kill -9)",
                List.of(
                        row("killed", leaderKilled.killed + ", leader of term " + leaderKilled.oldTerm),
                        row("longest time without an answer", time(leaderKilled.noServiceMillis)),
                        row(
                                "service back for good",
                                leaderKilled.isBackForGood
                                        ? time(leaderKilled.backMillis) + " after the kill"
                                        : "not within 30 s: the machine is too busy to tell"),
                        row("probes without an answer", Integer.toString(leaderKilled.failedProbes)),
                        row("new leader", leaderKilled.newLeader + ", term " + leaderKilled.newTerm),
                        row("new leader known", time(leaderKilled.newLeaderMillis) + " after the kill")));
        table(
                text,
                "2. The killed node restarted",
                List.of(
                        row("node", replayed.node),
                        row("entries it had missed", Text.count(replayed.missedEntries)),
                        row("serving", time(replayed.servingMillis) + " after its start"),
                        row("caught up", time(replayed.caughtUpMillis) + " after its start"),
                        row("snapshots needed", Long.toString(replayed.recovery.snapshots())),
                        row("steps of its recovery", replayed.recovery.stepsInWords())));
        table(
                text,
                "3. A follower down past log compaction: snapshot install",
                List.of(
                        row("node", installed.node),
                        row("entries it had missed", Text.count(installed.missedEntries)),
                        row("snapshots received", Long.toString(installed.recovery.snapshots())),
                        row("bytes", Text.bytes(installed.recovery.snapshotBytes())),
                        row("time for receiving", time(installed.recovery.snapshotMillis())),
                        row("caught up", time(installed.caughtUpMillis) + " after its start"),
                        row("steps of its recovery", installed.recovery.stepsInWords())));
        List<String> all = new java.util.ArrayList<>(List.of(
                row("longest time without an answer", time(allKilled.noServiceMillis)),
                row("from the restart to the first answer", time(allKilled.restartedToServiceMillis)),
                row("leader", allKilled.leader + ", term " + allKilled.term)));
        allKilled.recoveries.forEach(
                recovery -> all.add(row("steps of the recovery of " + recovery.node(), recovery.stepsInWords())));
        table(text, "4. All nodes killed (kill -9)", all);
        table(
                text,
                "Members at the end",
                verdict.digests.stream()
                        .map(digest -> row(
                                digest.node,
                                Text.count(digest.keys) + " keys at revision " + digest.revision + ", SHA-256 "
                                        + digest.sha256))
                        .toList());
        return text.toString();
    }

    private static String row(String name, String value) {
        return "| " + name + " | " + value + " |\n";
    }

    private static void table(StringBuilder text, String title, List<String> rows) {
        text.append("\n## ").append(title).append("\n\n| | |\n|---|---|\n");
        rows.forEach(text::append);
    }
}
