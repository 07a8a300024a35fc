package io.axolotl.jepsen.chaos.kv;

/**
 * A condition of a transaction: {@code ["key", mod]} in JSON. Immutable.
 *
 * @param mod the revision of the last put of the key; 0 if it must not be there
 */
public record Guard(String key, long mod) {}
