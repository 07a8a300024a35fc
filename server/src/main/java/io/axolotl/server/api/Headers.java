package io.axolotl.server.api;

import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.server.driver.NodeService;

/**
 * Response headers of this member (HD-1 to HD-3). Safe for all threads.
 */
final class Headers {
    private final NodeService node;
    private final long clusterId;
    private final long memberId;

    Headers(NodeService node) {
        this.node = node;
        this.clusterId = node.clusterId();
        this.memberId = node.self().value();
    }

    /** @param revision what the operation produced or read at (HD-2) */
    ResponseHeader at(long revision) {
        return withoutRevision().setRevision(revision).build();
    }

    /** The header of cluster calls (HD-3). */
    ResponseHeader.Builder withoutRevision() {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(memberId)
                .setRaftTerm(node.view().term());
    }
}
