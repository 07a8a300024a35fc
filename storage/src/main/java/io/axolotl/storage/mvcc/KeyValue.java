package io.axolotl.storage.mvcc;

/**
 * One version of one key, as etcd shows it (MV-4). Arrays are shared: nobody writes to them.
 *
 * <p>Immutable by that convention.
 *
 * @param createRevision revision of the put that began this generation
 * @param modRevision revision of the change that made this version
 * @param version counts the puts of this generation from 1
 * @param lease the attached lease, 0 for none
 */
public record KeyValue(byte[] key, long createRevision, long modRevision, long version, byte[] value, long lease) {}
