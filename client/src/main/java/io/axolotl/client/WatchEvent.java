package io.axolotl.client;

import java.util.Optional;

/**
 * One change of one key. Immutable.
 *
 * @param kv what was put; of a delete the key and the revision alone
 * @param previous what was there before, if that was asked for, if there was something, and if it is still known
 */
public record WatchEvent(boolean isDelete, KeyValue kv, Optional<KeyValue> previous) {}
