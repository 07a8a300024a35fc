package io.axolotl.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.util.ArrayList;
import java.util.List;

/**
 * A log as a plain list, and what a crash may leave of it: the synced state, or that with some first part of what was
 * appended since. Never trims its front, so it can tell whether an older prefix is right too.
 */
final class WalModel {
    /** Entries after {@code origin}. Immutable. */
    private record State(EntryId origin, List<Entry> entries) {
        State with(Entry entry) {
            List<Entry> next = new ArrayList<>(after(origin.index(), entry.index()));
            next.add(entry);
            return new State(origin, List.copyOf(next));
        }

        EntryId last() {
            return entries.isEmpty() ? origin : entries.get(entries.size() - 1).id();
        }

        EntryId idAt(long index) {
            return index == origin.index()
                    ? origin
                    : entries.get((int) (index - origin.index() - 1)).id();
        }

        /** Entries {@code (previousIndex, toIndexExclusive)}. */
        List<Entry> after(long previousIndex, long toIndexExclusive) {
            return entries.stream()
                    .filter(entry -> entry.index() > previousIndex && entry.index() < toIndexExclusive)
                    .toList();
        }
    }

    private State synced = new State(EntryId.ZERO, List.of());
    private State newest = synced;
    private final List<State> unsynced = new ArrayList<>();
    private EntryId floor = EntryId.ZERO;

    EntryId last() {
        return newest.last();
    }

    EntryId lastSynced() {
        return synced.last();
    }

    /** The last entry that is in the durable state beside the log. */
    EntryId floor() {
        return floor;
    }

    /** Call before the log is asked to append. */
    void append(List<Entry> entries) {
        for (Entry entry : entries) {
            newest = newest.with(entry);
            unsynced.add(newest);
        }
    }

    /** Call after the log has synced. */
    void sync() {
        synced = newest;
        unsynced.clear();
    }

    /** Call before the log is asked to drop entries up to this one. */
    void raiseFloor(long index) {
        floor = synced.idAt(index);
    }

    /** Call before the log is reset to a snapshot that is no entry of it: the snapshot is durable from here on. */
    void reset(EntryId snapshot) {
        floor = snapshot;
        synced = new State(snapshot, List.of());
        newest = synced;
        unsynced.clear();
    }

    EntryId idAt(long index) {
        return newest.idAt(index);
    }

    /** The log after a crash: checks it and goes on from what is there. */
    void recover(Wal wal, String when) {
        List<State> allowed = new ArrayList<>(List.of(synced));
        allowed.addAll(unsynced);
        State found = allowed.stream()
                .filter(state -> holds(wal, state))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new AssertionError(when + ": the log holds " + describe(wal)
                        + ", which is neither the synced state up to " + synced.last() + " nor a part of what followed"
                        + " up to " + newest.last()));
        synced = found;
        newest = found;
        unsynced.clear();
    }

    /** The log holds exactly what has been synced. */
    void check(Wal wal, String when) {
        assertThat(holds(wal, synced))
                .as(when + ": the log holds " + describe(wal) + " and should end at " + synced.last())
                .isTrue();
    }

    private boolean holds(Wal wal, State state) {
        EntryId previous = wal.previous();
        EntryId last = wal.last();
        if (previous.index() > floor.index() || !last.equals(state.last())) {
            return false;
        }
        // A log that was not reset may begin before the origin of the model only if it was not reset at all.
        if (previous.index() < state.origin().index()
                || !state.idAt(previous.index()).equals(previous)) {
            return false;
        }
        List<Entry> expected = state.after(previous.index(), Long.MAX_VALUE);
        List<Entry> actual =
                expected.isEmpty() ? List.of() : wal.entries(previous.index() + 1, last.index() + 1, Long.MAX_VALUE);
        boolean termsAgree = expected.stream().allMatch(entry -> wal.term(entry.index()) == entry.term());
        List<Entry> memberships = expected.stream()
                .filter(entry -> entry.kind() == Entry.Kind.MEMBERSHIP)
                .toList();
        return expected.equals(actual) && termsAgree && memberships.equals(wal.membershipEntries());
    }

    private static String describe(Wal wal) {
        return "(" + wal.previous() + ", " + wal.last() + "]";
    }
}
