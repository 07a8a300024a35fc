package io.axolotl.jepsen.workload;

import io.axolotl.client.transport.NettyTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client port of one member and of no other: a call is sent there once, or not at all. After a failure the next call asks for
 * a new connection at once, so that what is measured is the server's absence and not a client's patience. Safe for all threads.
 */
public final class MemberLink implements AutoCloseable {
    private static final long RECONNECT_NANOS = 20_000_000;

    private final String member;
    private final ManagedChannel channel;
    private final AtomicLong reconnectedNanos = new AtomicLong(System.nanoTime());
    private volatile boolean hasFailed;

    /** @param clientUrl such as {@code http://127.0.0.1:2379} */
    public MemberLink(NettyTransport transport, String member, String clientUrl) {
        URI url = URI.create(clientUrl);
        this.member = member;
        this.channel = transport.channel(url.getHost(), url.getPort());
    }

    /** The member's name. */
    public String member() {
        return member;
    }

    /**
     * Sends a call.
     *
     * @param answered gets the answer, or nothing if there was none for whatever reason; runs on a network thread
     */
    public <Q, A> void call(MethodDescriptor<Q, A> method, Q request, Duration bound, Consumer<Optional<A>> answered) {
        if (hasFailed) {
            long last = reconnectedNanos.get();
            long now = System.nanoTime();
            if (now - last >= RECONNECT_NANOS && reconnectedNanos.compareAndSet(last, now)) {
                channel.resetConnectBackoff();
            }
        }
        ClientCall<Q, A> call =
                channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(bound.toNanos(), TimeUnit.NANOSECONDS));
        call.start(new Listener<>(answered), new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    /**
     * Lets go of the connection; the next call makes a new one. For a member that was cut off: what TCP has not delivered it repeats ever more
     * rarely, and would be heard again long after the member could be.
     */
    public void renew() {
        channel.enterIdle();
    }

    /** Collects the one answer of a call. Called by one thread at a time. */
    private final class Listener<A> extends ClientCall.Listener<A> {
        private final Consumer<Optional<A>> answered;
        private @Nullable A answer;

        Listener(Consumer<Optional<A>> answered) {
            this.answered = answered;
        }

        @Override
        public void onMessage(A message) {
            answer = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            hasFailed = !status.isOk();
            answered.accept(status.isOk() ? Optional.ofNullable(answer) : Optional.empty());
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
