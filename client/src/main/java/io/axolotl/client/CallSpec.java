package io.axolotl.client;

import io.grpc.MethodDescriptor;
import java.util.function.Function;

/**
 * What the client needs to know about a kind of call. Immutable.
 *
 * @param name for messages and metrics
 * @param effect whether it can change anything
 * @param decode response to result
 * @param header header of the result
 * @param isNumbered whether the servers tell a repeat of it in a session
 */
record CallSpec<Q, A, R>(
        String name,
        Effect effect,
        MethodDescriptor<Q, A> method,
        Function<A, R> decode,
        Function<R, Header> header,
        boolean isNumbered) {
    CallSpec(
            String name,
            Effect effect,
            MethodDescriptor<Q, A> method,
            Function<A, R> decode,
            Function<R, Header> header) {
        this(name, effect, method, decode, header, false);
    }

    CallSpec<Q, A, R> asRead() {
        return new CallSpec<>(name, Effect.READ, method, decode, header);
    }

    CallSpec<Q, A, R> numbered() {
        return new CallSpec<>(name, effect, method, decode, header, true);
    }
}
