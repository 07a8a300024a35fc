package io.axolotl.jepsen.chaos.judge;

import org.jspecify.annotations.Nullable;

/**
 * What one key is in a search. Immutable.
 *
 * @param value null if the key is not there
 * @param create revision of the put that made it; 0 if nobody was told, or it is not there
 * @param version puts since then; 0 if it is not there
 * @param changed revision of the last change; if it is not exact, one that the change certainly has or is above
 */
record KeyState(@Nullable String value, long create, long version, long changed, boolean isExact) {
    static final KeyState ABSENT = new KeyState(null, 0, 0, 0, true);

    boolean isThere() {
        return value != null;
    }

    /** Whether the last change may have this revision. */
    boolean mayBeOf(long revision) {
        return isExact ? changed == revision : revision >= changed;
    }

    /** After a put at a known revision; null if that is not above the last change. */
    @Nullable KeyState put(String written, long revision) {
        return revision < leastNext() ? null : put(written, revision, true);
    }

    /** After a put of which nobody knows the revision. */
    KeyState put(String written) {
        return put(written, leastNext(), false);
    }

    private KeyState put(String written, long revision, boolean isKnown) {
        return new KeyState(written, isThere() ? create : isKnown ? revision : 0, version + 1, revision, isKnown);
    }

    /** After a deletion at a known revision, of a key that is there; null if it cannot be. */
    @Nullable KeyState delete(long revision) {
        return isThere() && revision >= leastNext() ? new KeyState(null, 0, 0, revision, true) : null;
    }

    /** After a deletion of which nobody knows the revision. */
    KeyState delete() {
        return isThere() ? new KeyState(null, 0, 0, leastNext(), false) : this;
    }

    private long leastNext() {
        return changed + 1;
    }
}
