package io.axolotl.raft.message;

import io.axolotl.raft.membership.NodeId;

/** A message and whom it is for. Immutable. */
public record Envelope(NodeId to, Message message) {}
