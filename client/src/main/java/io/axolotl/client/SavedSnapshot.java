package io.axolotl.client;

/**
 * A snapshot that was saved (MT-5). Immutable.
 *
 * @param sizeBytes of the file, its checksum included
 * @param version of the server's storage; empty before etcd 3.6
 */
public record SavedSnapshot(long sizeBytes, String version) {}
