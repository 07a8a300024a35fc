package io.axolotl.server.api.watch;

import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.ResponseHeader;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * How the edge writes what all its services write.
 *
 * <p>Immutable: safe for all threads.
 *
 * @param header of this member, for a revision
 * @param keyValue without copying
 */
public record Forms(
        LongFunction<ResponseHeader> header, Function<io.axolotl.storage.mvcc.KeyValue, KeyValue> keyValue) {}
