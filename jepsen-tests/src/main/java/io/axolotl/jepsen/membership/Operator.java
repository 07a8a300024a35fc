package io.axolotl.jepsen.membership;

import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ServerProcess;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Changes who the members are as a patient operator does, over etcd's Cluster service: asks one member after the other, asks again
 * when it is told that the cluster is not ready for the change, and believes only the member list. A change whose answer was lost is
 * therefore not made twice. Confined to one thread.
 */
public final class Operator implements AutoCloseable {
    private static final Duration CALL_BOUND = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final NettyTransport transport = new NettyTransport(
            "operator",
            1,
            new NettyTransport.Settings(
                    Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(10), Optional.empty(), false));
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final Supplier<List<ServerProcess>> voters;
    private int turn;

    /** @param voters those who can be asked */
    public Operator(Supplier<List<ServerProcess>> voters) {
        this.voters = voters;
    }

    /**
     * Tells the members of a node that is about to be started.
     *
     * @return its member id
     */
    public long add(ServerProcess node, boolean isLearner) {
        String peerUrl = node.spec().peerUrl();
        MemberAddRequest request = MemberAddRequest.newBuilder()
                .addPeerURLs(peerUrl)
                .setIsLearner(isLearner)
                .build();
        return until(
                        node + " to be added",
                        stub -> stub.memberAdd(request),
                        members -> members.stream()
                                .anyMatch(member -> member.getPeerURLsList().contains(peerUrl)))
                .stream()
                .filter(member -> member.getPeerURLsList().contains(peerUrl))
                .mapToLong(Member::getID)
                .findFirst()
                .orElseThrow();
    }

    /** Lets a learner vote. */
    public void promote(long id) {
        MemberPromoteRequest request =
                MemberPromoteRequest.newBuilder().setID(id).build();
        var unused = until(
                "learner " + Long.toHexString(id) + " to be promoted",
                stub -> stub.memberPromote(request),
                members -> members.stream().anyMatch(member -> member.getID() == id && !member.getIsLearner()));
    }

    /** Removes a member for good. */
    public void remove(long id) {
        MemberRemoveRequest request = MemberRemoveRequest.newBuilder().setID(id).build();
        var unused = until(
                "member " + Long.toHexString(id) + " to be removed",
                stub -> stub.memberRemove(request),
                members -> members.stream().noneMatch(member -> member.getID() == id));
    }

    /** The members, as the next of them tells, after asking a quorum where it knows how to. */
    public List<Member> members() {
        return Await.answer("the member list", BOUND, () -> {
            try {
                return Optional.of(list(next()));
            } catch (StatusRuntimeException e) {
                return Optional.empty();
            }
        });
    }

    private static List<Member> list(ClusterGrpc.ClusterBlockingStub stub) {
        return stub.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList();
    }

    /**
     * Asks for a change until the list shows it.
     *
     * @return that list, never empty
     */
    private List<Member> until(
            String what, Function<ClusterGrpc.ClusterBlockingStub, ?> change, Predicate<List<Member>> isMade) {
        List<String> refusals = new ArrayList<>();
        try {
            return Await.answer(what, BOUND, () -> {
                ClusterGrpc.ClusterBlockingStub stub = next();
                try {
                    var unused = change.apply(stub);
                } catch (StatusRuntimeException e) {
                    refusals.add(e.getStatus().toString());
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
                try {
                    return Optional.of(list(stub)).filter(members -> !members.isEmpty() && isMade.test(members));
                } catch (StatusRuntimeException e) {
                    refusals.add(e.getStatus().toString());
                    return Optional.empty();
                }
            });
        } catch (Await.TooLateException e) {
            throw new Await.TooLateException(e.getMessage() + "; the last answer was: "
                    + (refusals.isEmpty() ? "none" : refusals.get(refusals.size() - 1)));
        }
    }

    /** The member whose turn it is. */
    private ClusterGrpc.ClusterBlockingStub next() {
        List<ServerProcess> all = voters.get();
        ServerProcess node = all.get(turn++ % all.size());
        ManagedChannel channel = channels.computeIfAbsent(node.name(), name -> {
            URI url = URI.create(node.clientUrl());
            return transport.channel(url.getHost(), url.getPort());
        });
        channel.resetConnectBackoff();
        return ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        transport.close();
    }
}
