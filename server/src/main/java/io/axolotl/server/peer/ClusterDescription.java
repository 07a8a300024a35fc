package io.axolotl.server.peer;

import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.util.List;

/**
 * A cluster as one of its members tells it to a process that wants to join. Immutable.
 *
 * @param appliedIndex how far the one who tells it has come
 * @param members those that are members and those that are to become members
 */
public record ClusterDescription(long clusterId, Founding founding, long appliedIndex, List<MemberAttributes> members) {
    public ClusterDescription {
        members = List.copyOf(members);
    }
}
