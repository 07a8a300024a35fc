package io.axolotl.raft.model;

import io.axolotl.raft.membership.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one event on one node brings about outside of it. */
final class Effects {
    /** A node may serve this read once everything through {@code index} is applied. */
    record Answer(NodeId node, long readId, long index) {}

    final List<Packet> sent = new ArrayList<>();
    final List<Answer> answers = new ArrayList<>();

    /** The id under which a read was asked; 0 if none was. */
    long askedRead;

    /** What the node itself has broken, or null. */
    @Nullable String violation;
}
