package io.axolotl.client.recipes;

/**
 * A file at one revision. Immutable.
 *
 * @param bytes its size
 * @param revision that of its last change: two files of a name with equal revisions are equal
 */
public record FileInfo(String name, long bytes, long revision) {}
