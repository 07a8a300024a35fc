package io.axolotl.server.peer;

import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks members of a cluster what they know of it, before this process is one of them. Confined to the thread that starts
 * the node, which waits for the answers.
 */
public final class ClusterInquiry {
    private static final Logger log = LoggerFactory.getLogger(ClusterInquiry.class);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private ClusterInquiry() {}

    /**
     * Asks each in turn and takes the newest answer: one that lags may not know of the member that wants to join.
     *
     * @return nothing if nobody answers
     */
    public static Optional<ClusterDescription> ask(List<InetSocketAddress> members, ThreadFactory threads) {
        PeerChannels channels = new PeerChannels(threads, PATIENCE_NANOS);
        List<ClusterDescription> answers = new ArrayList<>();
        try {
            for (InetSocketAddress member : members) {
                ManagedChannel channel = channels.channel(member, channels.controlLoop());
                try {
                    var answer = PeerGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(PATIENCE_NANOS, TimeUnit.NANOSECONDS)
                            .describe(DescribeRequest.newBuilder()
                                    .setProtocolVersion(Handshake.PROTOCOL_VERSION)
                                    .build());
                    answers.add(DescriptionCodec.decode(answer));
                } catch (StatusRuntimeException e) {
                    log.warn("{} does not tell of its cluster: {}", member, PeerLink.describe(e.getStatus()));
                } finally {
                    channel.shutdownNow();
                }
            }
        } finally {
            channels.close();
        }
        return answers.stream().max((one, other) -> Long.compare(one.appliedIndex(), other.appliedIndex()));
    }
}
