package io.axolotl.jepsen.chaos;

/**
 * One probe.
 *
 * @param member -1 is the client that may choose
 * @param kind "write" or "read"
 * @param ok false if it did not answer within 100 ms
 */
public record Probe(long sentNanos, long tookNanos, int member, String kind, boolean ok) {}
