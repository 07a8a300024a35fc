package io.axolotl.jepsen.chaos.environment;

import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.process.Place;
import io.axolotl.jepsen.process.ServerProcess;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * All nodes on 127.0.0.1, each behind a proxy before its peer port, which is the one that it tells the others. Needs no rights. Who
 * has made a connection is told by {@code /proc}, so each direction between two nodes is a link of its own although all of them
 * have one address. A link holds back and delays bytes; packets are TCP's own matter: nothing can be done to them here.
 */
final class ProxyNetwork implements Network {
    private final int nodes;
    private final IntFunction<OptionalLong> pid;
    private final Map<Integer, PeerProxy> proxies = new LinkedHashMap<>();
    private final LinkRules links = new LinkRules((link, state) -> {
        if (!state.isOfBytes()) {
            throw new UnsupportedOperationException("nothing can be done to packets here: " + description());
        }
    });

    /** @param pid the living process of a node, if there is one */
    ProxyNetwork(int nodes, IntFunction<OptionalLong> pid) {
        this.nodes = nodes;
        this.pid = pid;
    }

    @Override
    public String description() {
        return "127.0.0.1 with a userspace proxy before each peer port";
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.LINKS, Ability.SLOW_LINKS);
    }

    @Override
    public Place place(int node) {
        return Place.LOOPBACK;
    }

    @Override
    public ServerProcess.Spec tailor(int node, ServerProcess.Spec spec) {
        int behind = LoopbackPorts.free();
        proxies.put(
                node,
                new PeerProxy(node, spec.peerPort(), behind, links::state, port -> nodeOf(port, spec.peerPort())));
        return spec.with("listen-peer-urls", "http://127.0.0.1:" + behind);
    }

    private Optional<Integer> nodeOf(int nearPort, int farPort) {
        Optional<String> socket = SocketOwners.socket(nearPort, farPort);
        for (int node = 0; node < nodes && socket.isPresent(); node++) {
            OptionalLong process = pid.apply(node);
            if (process.isPresent() && SocketOwners.holds(process.getAsLong(), socket.get())) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    @Override
    public LinkRules links() {
        return links;
    }

    @Override
    public void close() {
        proxies.values().forEach(PeerProxy::close);
    }
}
