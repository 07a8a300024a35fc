package io.axolotl.server.recovery;

import io.axolotl.raft.log.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one start of a node did and how long each part took: for the log, the metrics and whoever asks later.
 *
 * <p>Immutable.
 *
 * @param isFirstStart the folder was empty and a new member was founded in it
 * @param steps in order
 * @param appliedAtOpen what the state machine held when it was opened
 * @param snapshotUsed the snapshot that was put in place of an older state, or null
 * @param logLast the last entry of the log as found
 * @param logEntries records read from the log
 * @param logBytes bytes read from the log
 * @param tornBytes bytes of an unfinished write that were cut
 * @param isLogReset the log ended before the state, or disagreed with it, and was begun anew
 * @param catchUp how the node came up with the others; null while it has not
 */
public record RecoveryRecord(
        boolean isFirstStart,
        List<Step> steps,
        EntryId appliedAtOpen,
        @Nullable EntryId snapshotUsed,
        EntryId logLast,
        long logEntries,
        long logBytes,
        long tornBytes,
        boolean isLogReset,
        @Nullable CatchUp catchUp) {
    public RecoveryRecord {
        steps = List.copyOf(steps);
    }

    /** @param found what it came to, for people to read; may be empty */
    public record Step(String name, long nanos, String found) {}

    /**
     * From the start of the loops to the moment when everything that was committed then had been applied here.
     *
     * @param entries how far the applied index moved
     * @param snapshot the snapshot that was received and installed on the way, or null
     */
    public record CatchUp(
            long nanos, long entries, @Nullable EntryId snapshot) {}

    /** Entries that were in the log but not in the state: they are applied again as they turn out to be committed. */
    public long entriesToReplay() {
        return Math.max(0, logLast.index() - appliedAtOpen.index());
    }

    public long totalNanos() {
        long total = catchUp == null ? 0 : catchUp.nanos;
        for (Step step : steps) {
            total += step.nanos;
        }
        return total;
    }

    public RecoveryRecord with(CatchUp done) {
        return new RecoveryRecord(
                isFirstStart,
                steps,
                appliedAtOpen,
                snapshotUsed,
                logLast,
                logEntries,
                logBytes,
                tornBytes,
                isLogReset,
                done);
    }

    /** With one more step at the end. */
    public RecoveryRecord with(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new RecoveryRecord(
                isFirstStart,
                more,
                appliedAtOpen,
                snapshotUsed,
                logLast,
                logEntries,
                logBytes,
                tornBytes,
                isLogReset,
                catchUp);
    }

    /** One line per step, for the log. */
    public String toText() {
        StringBuilder text = new StringBuilder(isFirstStart ? "first start" : "recovery");
        int number = 1;
        for (Step step : steps) {
            line(text, number++, step.name, step.nanos, step.found);
        }
        if (catchUp != null) {
            String how = catchUp.entries + " entries"
                    + (catchUp.snapshot == null
                            ? " from the log"
                            : " by snapshot " + catchUp.snapshot + " and the log");
            line(text, number, "catch up with the others", catchUp.nanos, how);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, int number, String name, long nanos, String found) {
        text.append(String.format(Locale.ROOT, "%n  %2d. %-44s %9.3f ms  %s", number, name, nanos / 1e6, found));
    }
}
