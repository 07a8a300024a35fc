/**
 * How this node talks to the other members. The rest of the server sees three small types and no gRPC: {@link
 * io.axolotl.server.peer.PeerTransport} to send, {@link io.axolotl.server.peer.PeerInbox} for what arrives, and {@link
 * io.axolotl.server.peer.PeerObserver} for what can be measured. A framed channel could take gRPC's place without a
 * change above.
 *
 * <p>Sending never blocks, never throws, and may lose: Raft repeats what matters. Each peer has three connections, opened
 * by the sender: entries, control (heartbeats, votes, reads) and snapshots, so that a heartbeat never waits behind a
 * megabyte of entries or a gigabyte of snapshot (pitfall 24). Every stream starts with a {@link
 * io.axolotl.server.peer.Handshake}, so that a peer of another cluster, a stale address, another version or an emptied
 * disk is refused by name (faults N21, pitfall 4). What a stream carries is checksummed above TCP (N15). Links that fall
 * silent are cut by an echo that each side sends, well before TCP would notice (N16).
 *
 * <p>Inside: {@link io.axolotl.server.peer.GrpcPeerTransport} owns a {@link io.axolotl.server.peer.PeerLink} per peer and
 * lane; {@link io.axolotl.server.peer.PeerService} is the receiving side; {@link io.axolotl.server.peer.MessageCodec}
 * turns messages into frames and back, and is the only class besides the services that sees generated types. {@link
 * io.axolotl.server.peer.SnapshotStreamer} and {@link io.axolotl.server.peer.SnapshotInbox} are the two ends of a
 * snapshot transfer; its bytes bypass the core.
 *
 * <p>Thread rule: the ports are safe for all threads; each link is confined to its event loop.
 */
@NullMarked
package io.axolotl.server.peer;

import org.jspecify.annotations.NullMarked;
