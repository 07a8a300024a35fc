package io.axolotl.jepsen.differential;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.grpc.MethodDescriptor;

/**
 * One request and the method that it goes to; revisions are the episode's ({@link Revisions}). Immutable.
 *
 * @param method unary, or a stream that answers one request with one message
 */
record Call<Q extends Message, A extends Message>(MethodDescriptor<Q, A> method, Q request) implements Step {
    /** The method's own name: {@code Range}. */
    @Override
    public String name() {
        String name = method.getBareMethodName();
        return name == null ? method.getFullMethodName() : name;
    }

    @Override
    public String toString() {
        return name() + " {" + TextFormat.printer().emittingSingleLine(true).printToString(request) + "}";
    }
}
