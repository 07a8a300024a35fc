package io.axolotl.client;

/**
 * How to watch. Immutable.
 *
 * @param startRevision the first revision to be told of; 0 is from now on (WA-3)
 * @param previous whether events carry what was there before (WA-8)
 * @param progress whether to be told now and then how far the watch is when nothing happens (WA-9)
 * @param withoutPuts leave them out (WA-7)
 * @param withoutDeletes leave them out
 */
public record WatchOptions(
        long startRevision, boolean previous, boolean progress, boolean withoutPuts, boolean withoutDeletes) {
    public static final WatchOptions DEFAULT = new WatchOptions(0, false, false, false, false);

    public WatchOptions from(long revision) {
        return new WatchOptions(revision, previous, progress, withoutPuts, withoutDeletes);
    }

    public WatchOptions withPrevious(boolean wanted) {
        return new WatchOptions(startRevision, wanted, progress, withoutPuts, withoutDeletes);
    }

    public WatchOptions withProgress(boolean wanted) {
        return new WatchOptions(startRevision, previous, wanted, withoutPuts, withoutDeletes);
    }
}
