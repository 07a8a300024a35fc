package io.axolotl.server.peer;

import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks members of a cluster what they know of it, before this process is one of them. Confined to the thread that starts
 * the node, which waits for the answers.
 */
public final class ClusterInquiry {
    private static final Logger log = LoggerFactory.getLogger(ClusterInquiry.class);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Much for a machine that is there, and not too much to wait for one that is not. */
    private static final long PATIENCE_OF_FOUNDERS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private ClusterInquiry() {}

    /**
     * Asks all and takes the newest answer: one that lags may not know of the member that wants to join.
     *
     * @return nothing if nobody answers
     */
    public static Optional<ClusterDescription> ask(
            List<PeerAddress> members, PeerSecurity security, ThreadFactory threads) {
        return askAll(members, security, PATIENCE_NANOS, Level.WARN, threads).stream()
                .max((one, other) -> Long.compare(one.appliedIndex(), other.appliedIndex()));
    }

    /**
     * Asks the other founders whether the cluster is there already. Those of a new one are only about to listen, which is known
     * at once; one that does not answer at all is waited for, but not for long.
     */
    public static List<ClusterDescription> askFounders(
            List<PeerAddress> others, PeerSecurity security, ThreadFactory threads) {
        return askAll(others, security, PATIENCE_OF_FOUNDERS_NANOS, Level.DEBUG, threads);
    }

    private static List<ClusterDescription> askAll(
            List<PeerAddress> members, PeerSecurity security, long patienceNanos, Level level, ThreadFactory threads) {
        if (members.isEmpty()) {
            return List.of();
        }
        DescribeRequest request = DescribeRequest.newBuilder()
                .setProtocolVersion(Handshake.PROTOCOL_VERSION)
                .build();
        PeerChannels channels = new PeerChannels(threads, patienceNanos, security.tls());
        List<ManagedChannel> opened = new ArrayList<>();
        List<Future<io.axolotl.server.peer.proto.ClusterDescription>> asked = new ArrayList<>();
        try {
            for (PeerAddress member : members) {
                ManagedChannel channel = channels.channel(member, channels.controlLoop());
                opened.add(channel);
                asked.add(PeerGrpc.newFutureStub(channel)
                        .withDeadlineAfter(patienceNanos, TimeUnit.NANOSECONDS)
                        .describe(request));
            }
            List<ClusterDescription> answers = new ArrayList<>();
            for (int i = 0; i < asked.size(); i++) {
                try {
                    answers.add(DescriptionCodec.decode(asked.get(i).get()));
                } catch (ExecutionException e) {
                    Status status = Status.fromThrowable(e);
                    log.atLevel(level)
                            .log("{} does not tell of its cluster: {}", members.get(i), PeerLink.describe(status));
                }
            }
            return answers;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the members of the cluster were asked for it", e);
        } finally {
            opened.forEach(ManagedChannel::shutdownNow);
            channels.close();
        }
    }
}
