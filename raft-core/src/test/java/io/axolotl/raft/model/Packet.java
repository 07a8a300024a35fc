package io.axolotl.raft.model;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;

/** A message on its way. Immutable. */
record Packet(NodeId from, NodeId to, Message message) {}
