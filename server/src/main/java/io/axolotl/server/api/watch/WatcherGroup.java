package io.axolotl.server.api.watch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Watchers that go on from the same revision, and so share a reading. Confined to the watch thread. */
final class WatcherGroup {
    private final Set<Watcher> members = new LinkedHashSet<>();
    private final WatcherIndex<Watcher> index = new WatcherIndex<>();
    private long next;
    private int putOff;

    /** @param next the first revision that they have not been given */
    WatcherGroup(long next) {
        this.next = next;
    }

    long next() {
        return next;
    }

    void goesOnFrom(long newNext) {
        next = newNext;
    }

    void add(Watcher watcher) {
        if (!members.add(watcher)) {
            throw new AssertionError("watcher " + watcher.id() + " is in its group already");
        }
        index.add(watcher.span(), watcher);
        putOff += watcher.isPutOff() ? 1 : 0;
        watcher.joined(this);
    }

    void remove(Watcher watcher) {
        if (!members.remove(watcher)) {
            throw new AssertionError("watcher " + watcher.id() + " is not in its group");
        }
        index.remove(watcher.span(), watcher);
        putOff -= watcher.isPutOff() ? 1 : 0;
        watcher.left();
    }

    WatcherIndex<Watcher> index() {
        return index;
    }

    /** A copy, so that members may leave while it is walked. */
    List<Watcher> members() {
        return new ArrayList<>(members);
    }

    int size() {
        return members.size();
    }

    /** Whether somebody here is {@link Watcher#isPutOff}. */
    boolean hasPutOff() {
        return putOff > 0;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }
}
