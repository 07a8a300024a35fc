package io.axolotl.storage.mvcc;

/** The answer to a request for the hash of history (MT-4). Immutable. */
public sealed interface HashAnswer {
    /**
     * @param revision the newest when the hash was taken
     * @param hashRevision through which history was hashed
     * @param compactRevision the floor from which on it was hashed; -1 if there never was one
     */
    record Hashed(int crc32c, long revision, long hashRevision, long compactRevision) implements HashAnswer {}

    record Refused(Refusal why) implements HashAnswer {}
}
