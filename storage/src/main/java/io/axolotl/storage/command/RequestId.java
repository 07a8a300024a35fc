package io.axolotl.storage.command;

/**
 * Tells the node that proposed a command which of its callers to answer when the command is applied. Part of every
 * command in the log.
 *
 * <p>Immutable.
 *
 * @param origin the node id of the proposing member
 * @param number never used twice by that member: its high bits are drawn at each start
 */
public record RequestId(long origin, long number) {}
