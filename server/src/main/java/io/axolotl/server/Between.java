package io.axolotl.server;

import io.axolotl.server.driver.NodeService;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.peer.PeerTransport;

/**
 * What stands between a node and those it talks to, its peers and its clients. Nothing, in every server that is meant to serve: whoever has
 * to show that a wrong answer is noticed puts something here that gives one.
 *
 * <p>Asked once each, while the server starts.
 */
public interface Between {
    /** Everybody is spoken to directly. */
    Between NOTHING = new Between() {};

    /**
     * What the node sends to its peers through.
     *
     * @param peers what really sends
     * @param inbox where what they answer arrives
     */
    default PeerTransport peers(PeerTransport peers, PeerInbox inbox) {
        return peers;
    }

    /**
     * What serves clients.
     *
     * @param node what really does
     */
    default NodeService clients(NodeService node) {
        return node;
    }
}
