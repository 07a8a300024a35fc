package io.axolotl.client;

import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberUpdateRequest;
import java.util.List;

/**
 * Who the members are, and changes of that. A change whose answer is lost has an unknown outcome: {@link #members} tells what has
 * become of it.
 *
 * <p>Safe for all threads.
 */
public final class Cluster {
    private final CallRunner runner;

    Cluster(CallRunner runner) {
        this.runner = runner;
    }

    /** The members, confirmed by a quorum. */
    public Pending<MembersResult> members() {
        return members(true);
    }

    /**
     * @param linearizable false: what one member knows, without asking a quorum (CL-4)
     */
    public Pending<MembersResult> members(boolean linearizable) {
        return runner.run(
                Calls.MEMBERS,
                MemberListRequest.newBuilder().setLinearizable(linearizable).build());
    }

    /** Adds a member that votes as soon as it is added, so it should be started at once (CL-1, CL-2). */
    public Pending<MemberAddResult> memberAdd(List<String> peerUrls) {
        return add(peerUrls, false);
    }

    /** Adds a member that receives everything and does not vote until it is promoted (CL-1). */
    public Pending<MemberAddResult> memberAddAsLearner(List<String> peerUrls) {
        return add(peerUrls, true);
    }

    private Pending<MemberAddResult> add(List<String> peerUrls, boolean isLearner) {
        return runner.run(
                Calls.MEMBER_ADD,
                MemberAddRequest.newBuilder()
                        .addAllPeerURLs(peerUrls)
                        .setIsLearner(isLearner)
                        .build());
    }

    /**
     * Lets a learner vote, once it holds what the leader holds (CL-3).
     *
     * @param memberId unsigned
     */
    public Pending<MembersResult> memberPromote(long memberId) {
        return runner.run(
                Calls.MEMBER_PROMOTE,
                MemberPromoteRequest.newBuilder().setID(memberId).build());
    }

    /**
     * Tells the cluster that a member is reached elsewhere (CL-3).
     *
     * @param memberId unsigned
     */
    public Pending<MembersResult> memberUpdate(long memberId, List<String> peerUrls) {
        return runner.run(
                Calls.MEMBER_UPDATE,
                MemberUpdateRequest.newBuilder()
                        .setID(memberId)
                        .addAllPeerURLs(peerUrls)
                        .build());
    }

    /**
     * Removes a member for good: its id never comes back (CL-2, CL-3).
     *
     * @param memberId unsigned
     */
    public Pending<MembersResult> memberRemove(long memberId) {
        return runner.run(
                Calls.MEMBER_REMOVE,
                MemberRemoveRequest.newBuilder().setID(memberId).build());
    }
}
