package io.axolotl.jepsen.chaos;

/**
 * Something a member reported or that was seen of it.
 *
 * @param kind "leader", "election", "recovery", "exit", "start", "snapshot-install", "caught-up"
 * @param detail in words
 * @param bytes where it applies else 0
 */
public record ClusterEvent(long atNanos, int member, String kind, String detail, long bytes) {}
