package io.axolotl.client;

/** The answer to a compaction. Immutable. */
public record CompactResult(Header header) {}
