package io.axolotl.server.recovery;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.statemachine.Founding;
import java.util.function.Supplier;

/**
 * How a member comes to be one. Looked at when the data folder is empty; a folder that has an identity knows by itself whose
 * it is. Immutable.
 */
public sealed interface Origin {
    /** One of those that found a cluster. All of them are told the same. */
    record Founder(Place place) implements Origin {}

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
