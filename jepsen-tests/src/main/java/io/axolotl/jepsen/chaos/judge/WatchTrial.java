package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.Row;
import io.axolotl.jepsen.chaos.kv.Told;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one watch was told, held against what is known. Used once; confined to one thread. */
final class WatchTrial {
    /** For so long a member that serves everybody else may keep a watch waiting. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private record Change(String key, long revision) {}

    private final Told.Watching watching;
    private final Chronicle chronicle;
    private final List<Compaction> compactions;
    private final Presence presence;
    private final Findings findings;
    private final Set<Change> told = new HashSet<>();
    private long firstRevision;
    private long lastRevision;
    private long bookmark;

    WatchTrial(
            Told.Watching watching,
            Chronicle chronicle,
            List<Compaction> compactions,
            Presence presence,
            Findings findings) {
        this.watching = watching;
        this.chronicle = chronicle;
        this.compactions = compactions;
        this.presence = presence;
        this.findings = findings;
    }

    /** @param messages in the order in which they came */
    void run(List<Told> messages) {
        for (Told message : messages) {
            if (message.call().kind().equals(Told.REACH)) {
                checkReach(message);
            } else if (message.call().kind().equals(Told.CLOSED)) {
                checkSilence(message);
            } else if (message.call().isDone()) {
                checkMessage(message);
            }
        }
        checkAllTold(messages);
    }

    private void checkMessage(Told message) {
        if (message.isCanceled()) {
            checkEnd(message);
            return;
        }
        if (message.isBookmark()) {
            // A member that lags may say how far it is: less than was told is no news and no lie.
            bookmark = Math.max(bookmark, message.revision());
            return;
        }
        long before = lastRevision;
        for (Told.Event event : message.events()) {
            checkEvent(message, event, before);
        }
    }

    /** @param before the last revision of earlier messages */
    private void checkEvent(Told message, Told.Event event, long before) {
        Row row = event.row();
        if (row.mod() < lastRevision) {
            findings.add("ordered: revision " + row.mod() + " was told after " + lastRevision, message);
        } else if (row.mod() == before) {
            findings.add("atomic: revision " + before + " was told in two messages", message);
        }
        if (row.mod() <= bookmark) {
            findings.add(
                    "bookmarkable: revision " + row.mod() + " was told after the bookmark of " + bookmark, message);
        }
        if (!told.add(new Change(row.key(), row.mod()))) {
            findings.add("unique: revision " + row.mod() + " of " + row.key() + " was told twice", message);
        }
        if (!watching.covers(row.key()) || row.mod() < watching.from()) {
            findings.add(
                    "filter: revision " + row.mod() + " of " + row.key() + " is nothing that was watched", message);
        }
        if (!event.isDelete() && (row.create() == row.mod()) != (row.version() == 1)) {
            findings.add("isCreate: revision " + row.mod() + " of " + row.key() + " does not know what it is", message);
        }
        if (watching.hasPrevious()) {
            checkPrevious(message, event);
        }
        firstRevision = firstRevision == 0 ? row.mod() : firstRevision;
        lastRevision = Math.max(lastRevision, row.mod());
    }

    private void checkPrevious(Told message, Told.Event event) {
        Row row = event.row();
        Row previous = event.previous();
        Chronicle.Fact known = chronicle.newest(row.key(), row.mod() - 1).orElse(null);
        if (previous == null) {
            boolean mayBeGone = chronicle.mayHaveVanished(row.key()) || isCompacted(row.mod() - 1, message);
            if (!mayBeGone && (event.isDelete() || row.version() > 1)) {
                findings.add("prevKV: an event does not tell what was there before", message);
            }
            return;
        }
        boolean isContradicted = known != null && (known.isDelete() || known.mod() != previous.mod());
        boolean isOutOfStep =
                !event.isDelete() && (previous.version() + 1 != row.version() || previous.create() != row.create());
        if (isContradicted || isOutOfStep) {
            findings.add(
                    "prevKV: before revision " + row.mod() + " of " + row.key() + " was something else than is told",
                    message,
                    known == null ? "nothing is known of it" : known);
        }
    }

    /** Whether reading at the revision may have been impossible when the message came. */
    private boolean isCompacted(long revision, Told message) {
        return compactions.stream()
                .anyMatch(compaction -> compaction.mayHaveHappened()
                        && compaction.revision() > revision
                        && compaction.call().invokedNanos() <= message.call().returnedNanos());
    }

    private void checkEnd(Told message) {
        if (message.compactRevision() == 0) {
            findings.add("resumable: the server has ended the watch, and history was there", message);
            return;
        }
        long next = lastRevision == 0 && bookmark == 0 ? watching.from() : Math.max(lastRevision, bookmark) + 1;
        boolean isDue = message.compactRevision() > next && isCompacted(message.compactRevision() - 1, message);
        if (next != 0 && !isDue) {
            findings.add(
                    "resumable: the watch was ended as compacted at " + message.compactRevision()
                            + " though it was to go on at " + next,
                    message);
        }
    }

    private void checkReach(Told message) {
        long due = message.call().input().get("until").getAsLong();
        long reached = message.call().output().get("revision").getAsLong();
        // A watch from now on that was told of nothing may have begun after that.
        if (reached < due && (reached != 0 || watching.from() != 0)) {
            findings.add("reliable: at the end the watch had not told of revision " + due, message);
        }
    }

    /** A watch that its listener has ended, on a member that had served all along and knew of something for long. */
    private void checkSilence(Told message) {
        Call call = message.call();
        long since = call.returnedNanos() - PATIENCE_NANOS;
        long from = watching.from() == 0 ? firstRevision : watching.from();
        if (from == 0
                || call.invokedNanos() > since
                || !presence.servedThroughout(call.endpoint(), since, call.returnedNanos())) {
            return;
        }
        long known = presence.revisionAt(call.endpoint(), since);
        long reached = Math.max(lastRevision, bookmark);
        for (String key : keys()) {
            Chronicle.Fact due = chronicle.newest(key, known).orElse(null);
            if (due != null && due.mod() >= from && due.mod() > reached) {
                findings.add(
                        "reliable: for " + PATIENCE_NANOS / 1_000_000_000 + " s the watch did not tell of revision "
                                + due.mod() + ", which its member had",
                        due,
                        message);
                return;
            }
        }
    }

    private Iterable<String> keys() {
        return watching.isPrefix() ? chronicle.keys(watching.key()) : List.of(watching.key());
    }

    /** Of all that is known to have happened between the first revision that is due and the last that was told. */
    private void checkAllTold(List<Told> messages) {
        long from = watching.from() == 0 ? firstRevision : watching.from();
        long to = Math.max(lastRevision, bookmark);
        if (from == 0 || from > to) {
            return;
        }
        for (String key : keys()) {
            for (Chronicle.Fact fact :
                    chronicle.history(key).subMap(from, true, to, true).values()) {
                if (!told.contains(new Change(key, fact.mod()))) {
                    findings.add(
                            "reliable: a watch of " + watching.key() + " from " + from + " was told up to " + to
                                    + ", but not of revision " + fact.mod(),
                            fact,
                            messages.get(messages.size() - 1));
                }
            }
        }
    }
}
