package io.axolotl.server.api.watch;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The watchers that are behind and have room for events, grouped by the revision that they go on from. Groups take turns in the
 * order of their revisions, and after the last begins the first again: so one with a long way to go holds nobody up, and two
 * that come to the same revision go on as one.
 *
 * <p>Confined to the watch thread.
 */
final class Cohorts {
    private final NavigableMap<Long, WatcherGroup> byNext = new TreeMap<>();
    private int size;

    /** The turn is of the first cohort at or above this. */
    private long turn;

    /** Puts a watcher into the cohort of its {@link Watcher#next}. */
    void add(Watcher watcher) {
        byNext.computeIfAbsent(watcher.next(), WatcherGroup::new).add(watcher);
        size++;
    }

    /** @throws AssertionError if it is not in one of these */
    void remove(Watcher watcher) {
        WatcherGroup cohort = byNext.get(watcher.next());
        if (cohort == null) {
            throw new AssertionError("nobody goes on from revision " + watcher.next());
        }
        cohort.remove(watcher);
        size--;
        if (cohort.isEmpty()) {
            byNext.remove(cohort.next());
        }
    }

    /** Takes out the cohort whose turn it is; null if nobody is behind. */
    @Nullable WatcherGroup take() {
        Map.Entry<Long, WatcherGroup> due = byNext.ceilingEntry(turn);
        if (due == null) {
            due = byNext.firstEntry();
        }
        if (due == null) {
            return null;
        }
        byNext.remove(due.getKey());
        size -= due.getValue().size();
        turn = due.getKey() + 1;
        return due.getValue();
    }

    /** Where the cohort after one at {@code next} stands; {@code Long.MAX_VALUE} if there is none. */
    long following(long next) {
        Long following = byNext.higherKey(next);
        return following == null ? Long.MAX_VALUE : following;
    }

    /** Gives a cohort back that has got on to {@code next}. If somebody is there already, they go on together, and at once. */
    void giveBack(WatcherGroup cohort, long next) {
        if (cohort.isEmpty()) {
            return;
        }
        size += cohort.size();
        WatcherGroup met = byNext.get(next);
        if (met == null) {
            cohort.goesOnFrom(next);
            byNext.put(next, cohort);
            turn = next + 1;
            return;
        }
        boolean isLarger = cohort.size() > met.size();
        WatcherGroup stays = isLarger ? cohort : met;
        WatcherGroup dissolves = isLarger ? met : cohort;
        stays.goesOnFrom(next);
        for (Watcher watcher : dissolves.members()) {
            dissolves.remove(watcher);
            stays.add(watcher);
        }
        byNext.put(next, stays);
        turn = next;
    }

    /** The first revision that somebody has to get who was put off; {@code Long.MAX_VALUE} if nobody was. */
    long putOffFrom() {
        for (WatcherGroup cohort : byNext.values()) {
            if (cohort.hasPutOff()) {
                return cohort.next();
            }
        }
        return Long.MAX_VALUE;
    }

    /** Watchers in all of them. */
    int size() {
        return size;
    }

    /** How many readings they need. */
    int count() {
        return byNext.size();
    }
}
