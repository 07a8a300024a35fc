package io.axolotl.server.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.server.peer.proto.MemberDescription;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.nio.file.Path;
import java.util.List;

/** A {@link ClusterDescription} to and from its wire form. No state. */
final class DescriptionCodec {
    private DescriptionCodec() {}

    static io.axolotl.server.peer.proto.ClusterDescription encode(ClusterDescription description) {
        var out = io.axolotl.server.peer.proto.ClusterDescription.newBuilder()
                .setProtocolVersion(Handshake.PROTOCOL_VERSION)
                .setClusterId(description.clusterId())
                .setFounding(
                        UnsafeByteOperations.unsafeWrap(description.founding().encode()))
                .setAppliedIndex(description.appliedIndex());
        for (MemberAttributes member : description.members()) {
            StoreId store = member.storeId();
            out.addMembers(MemberDescription.newBuilder()
                    .setId(member.id())
                    .setName(member.name())
                    .addAllPeerUrls(member.peerUrls())
                    .addAllClientUrls(member.clientUrls())
                    .setIsLearner(member.isLearner())
                    .setStoreId(store == null ? "" : store.toString()));
        }
        return out.build();
    }

    /** @throws RuntimeException if the founding is not what a member sends */
    static ClusterDescription decode(io.axolotl.server.peer.proto.ClusterDescription in) {
        List<MemberAttributes> members = in.getMembersList().stream()
                .map(member -> new MemberAttributes(
                        member.getId(),
                        member.getName(),
                        member.getPeerUrlsList(),
                        member.getClientUrlsList(),
                        member.getIsLearner(),
                        false,
                        StoreId.parse(member.getStoreId())))
                .toList();
        return new ClusterDescription(
                in.getClusterId(),
                Founding.decode(in.getFounding().toByteArray(), Path.of("what a member has sent")),
                in.getAppliedIndex(),
                members);
    }
}
