package io.axolotl.client;

import io.axolotl.client.proto.MemberListRequest;

/** Who the members are. Safe for all threads. */
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
}
