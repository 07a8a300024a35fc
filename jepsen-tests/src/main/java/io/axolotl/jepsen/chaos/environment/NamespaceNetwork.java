package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.Place;
import io.axolotl.jepsen.process.ServerProcess;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Every node in a network namespace of its own. The kernel cuts links, and carries what goes over whole ones; what is slow, narrow or
 * lossy goes through a {@link LinkSwitch}. Only inside an {@link io.axolotl.jepsen.process.Enclosure}, with which all of it ends.
 */
final class NamespaceNetwork implements Network {
    /** Nobody has it. */
    private static final String NOWHERE = "02:00:00:00:ff:ff";

    private final NodeNetwork network;
    private final Optional<LinkSwitch> slow;
    private final LinkRules links = new LinkRules(this::apply);

    private NamespaceNetwork(NodeNetwork network, Optional<LinkSwitch> slow) {
        this.network = network;
        this.slow = slow;
    }

    /** @param seed of losses and jitter */
    static NamespaceNetwork of(int nodes, long seed) {
        NodeNetwork network = NodeNetwork.of(nodes);
        if (LinkSwitch.obstacle().isPresent()) {
            return new NamespaceNetwork(network, Optional.empty());
        }
        LinkSwitch slow = LinkSwitch.open(seed);
        network.attach(LinkSwitch.DEVICE);
        return new NamespaceNetwork(network, Optional.of(slow));
    }

    @Override
    public String description() {
        return "network namespaces"
                + (slow.isPresent()
                        ? ", slow and lossy links by a userspace switch"
                        : ", without slow and lossy links");
    }

    @Override
    public Set<Ability> abilities() {
        Set<Ability> abilities = EnumSet.of(Ability.LINKS, Ability.CLIENT_LINKS);
        if (slow.isPresent()) {
            abilities.add(Ability.SLOW_LINKS);
            abilities.add(Ability.LOSSY_LINKS);
        }
        return abilities;
    }

    @Override
    public ServerProcess.Spec tailor(int node, ServerProcess.Spec spec) {
        return spec;
    }

    @Override
    public Place place(int node) {
        return network.place(node);
    }

    @Override
    public LinkRules links() {
        return links;
    }

    private void apply(Link link, LinkState state) {
        if (state.cut()) {
            network.divert(link.from(), link.to(), NOWHERE);
        } else if (state.equals(LinkState.WHOLE)) {
            network.undivert(link.from(), link.to());
        } else {
            slow.orElseThrow(() -> new UnsupportedOperationException("links cannot be slow here: " + description()))
                    .set(link, state);
            network.divert(link.from(), link.to(), LinkSwitch.address(link));
        }
    }

    @Override
    public void cutClients(int node, boolean cut) {
        if (cut) {
            network.cutClients(node);
        } else {
            network.mendClients(node);
        }
    }

    @Override
    public void close() {
        slow.ifPresent(LinkSwitch::close);
        if (slow.isPresent()) {
            network.remove(LinkSwitch.DEVICE);
        }
        network.close();
    }
}
