package io.axolotl.server.recovery;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.storage.statemachine.Founding;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a member comes to be one. Looked at when the data folder is empty; a folder that has an identity knows by itself whose
 * it is. Immutable.
 */
public sealed interface Origin {
    /**
     * One of those that found a cluster. All of them are told the same. Two that have lost their disks could found it again
     * and elect each other, beside a third that has kept all that was acknowledged: so each asks the others first.
     *
     * @param others what the other founders say of the cluster, those that answer at once; may wait for a moment
     */
    record Founder(Place place, Supplier<List<ClusterDescription>> others) implements Origin {}

    /**
     * One that joins a cluster that is there, which has a place for it.
     *
     * @param ask asks the members for the place; raises {@link
     *     io.axolotl.storage.identity.ForeignFolderException} if they have none, or cannot be asked
     */
    record Joiner(Supplier<Place> ask) implements Origin {}

    /**
     * Who a new member is.
     *
     * @param founding what the cluster began with
     */
    record Place(long clusterId, NodeId self, Founding founding) {}
}
