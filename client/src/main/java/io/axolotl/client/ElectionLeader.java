package io.axolotl.client;

/** Who leads, by the key that proves it, with the value that was proclaimed last. Immutable. */
public record ElectionLeader(Header header, KeyValue kv) {}
