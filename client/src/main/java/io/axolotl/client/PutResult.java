package io.axolotl.client;

import java.util.Optional;

/**
 * What a put did. Immutable.
 *
 * @param previous what it replaced, if that was asked for and there was something
 */
public record PutResult(Header header, Optional<KeyValue> previous) implements OpResult {}
