package io.axolotl.server.http;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request that has arrived as a whole, or as far as it was read.
 *
 * @param body its bytes are taken from the {@link HttpBudget}; whoever gets the request gives them back
 * @param refusal what is answered instead of a page, and is the last of its connection; null if it can be served
 */
record Http1Request(HttpRequest head, byte[] body, @Nullable HttpAnswer refusal) {}
