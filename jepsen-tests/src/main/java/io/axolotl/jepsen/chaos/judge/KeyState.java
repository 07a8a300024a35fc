package io.axolotl.jepsen.chaos.judge;

import org.jspecify.annotations.Nullable;

/**
 * What one key is in a search. Immutable.
 *
 * @param value null if the key is not there
 * @param createdFrom the put that made it has this revision or a higher one; 0 if it is not there
 * @param createdTo and at most this one; equal to the other as soon as it is known
 * @param version puts since then; 0 if it is not there
 * @param changed revision of the last change; if it is not exact, one that the change certainly has or is above
 */
record KeyState(@Nullable String value, long createdFrom, long createdTo, long version, long changed, boolean isExact) {
    static final KeyState ABSENT = gone(0, true);

    private static KeyState gone(long changed, boolean isExact) {
        return new KeyState(null, 0, 0, 0, changed, isExact);
    }

    boolean isThere() {
        return value != null;
    }

    /** Whether the last change may have this revision. */
    boolean mayBeOf(long revision) {
        return isExact ? changed == revision : revision >= changed;
    }

    /** Whether the put that made it may have this revision. */
    boolean mayBeMadeAt(long revision) {
        return createdFrom <= revision && revision <= createdTo;
    }

    /** The same, of which now is known at which revision the last change was. */
    KeyState knownAt(long revision) {
        // Each put since it was made has had a revision of its own.
        long latest = Math.min(createdTo, revision - version + 1);
        return new KeyState(value, version == 1 ? latest : createdFrom, latest, version, revision, true);
    }

    /** The same, of which now is known also which put made it. */
    KeyState madeAt(long revision) {
        return new KeyState(value, revision, revision, version, changed, isExact);
    }

    /** Without what tells how many puts there were, and which the first. */
    KeyState uncounted() {
        return new KeyState(value, 0, Long.MAX_VALUE, 0, changed, isExact);
    }

    /** After a put at a known revision; null if that is not above the last change. */
    @Nullable KeyState put(String written, long revision) {
        if (revision < leastNext()) {
            return null;
        }
        return isThere()
                ? new KeyState(
                        written, createdFrom, Math.min(createdTo, revision - version), version + 1, revision, true)
                : new KeyState(written, revision, revision, 1, revision, true);
    }

    /** After a put of which nobody knows the revision. */
    KeyState put(String written) {
        return isThere()
                ? new KeyState(written, createdFrom, createdTo, version + 1, leastNext(), false)
                : new KeyState(written, leastNext(), Long.MAX_VALUE, 1, leastNext(), false);
    }

    /** After a deletion at a known revision, of a key that is there; null if it cannot be. */
    @Nullable KeyState delete(long revision) {
        return isThere() && revision >= leastNext() ? gone(revision, true) : null;
    }

    /** After a deletion of which nobody knows the revision. */
    KeyState delete() {
        return isThere() ? gone(leastNext(), false) : this;
    }

    private long leastNext() {
        return changed + 1;
    }
}
