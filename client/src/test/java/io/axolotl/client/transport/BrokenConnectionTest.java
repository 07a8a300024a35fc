package io.axolotl.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("N10, GU-6: a call whose connection breaks ends as unavailable, whoever notices first")
final class BrokenConnectionTest {
    /** Every call ends at once with this. */
    private static final class Ending extends Channel {
        private final Status status;

        Ending(Status status) {
            this.status = status;
        }

        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return new ClientCall<>() {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    listener.onClose(status, new Metadata());
                }

                @Override
                public void request(int messages) {}

                @Override
                public void cancel(@Nullable String why, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "nobody";
        }
    }

    private static Status seen(Status status) {
        Status[] seen = {Status.OK};
        ClientCall<RangeRequest, RangeResponse> call = ClientInterceptors.intercept(
                        new Ending(status), new BrokenConnection())
                .newCall(KVGrpc.getRangeMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status end, Metadata trailers) {
                        seen[0] = end;
                    }
                },
                new Metadata());
        return seen[0];
    }

    @Test
    void aClosedChannelIsUnavailable() {
        Throwable cause = new ClosedChannelException();
        Status status = seen(Status.UNKNOWN.withDescription("channel closed").withCause(cause));
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).isEqualTo("channel closed");
        assertThat(status.getCause()).isSameAs(cause);
    }

    @Test
    void whatAServerSaysStays() {
        Status unknown = Status.UNKNOWN.withDescription("etcdserver: request cancelled");
        assertThat(seen(unknown)).isSameAs(unknown);
    }

    @Test
    void aFaultOfThisProcessStays() {
        Status fault = Status.UNKNOWN.withCause(new IllegalStateException("mine"));
        assertThat(seen(fault)).isSameAs(fault);
        Status cancelled = Status.CANCELLED.withCause(new IOException("mine"));
        assertThat(seen(cancelled)).isSameAs(cancelled);
    }
}
