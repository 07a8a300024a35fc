package io.axolotl.client;

/**
 * A key with its value and its place in history (MV-4). Immutable.
 *
 * @param createRevision revision of the put that made the key after it was last absent
 * @param modRevision revision of the last put
 * @param version puts since the key was last absent, counting from 1
 * @param lease 0 if the key has none
 */
public record KeyValue(Bytes key, long createRevision, long modRevision, long version, Bytes value, long lease) {}
