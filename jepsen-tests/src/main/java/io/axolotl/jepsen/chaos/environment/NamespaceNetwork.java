package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.Place;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Every node in a network namespace of its own. The kernel cuts links, and carries what goes over whole ones; what is slow, narrow or
 * lossy goes through a {@link LinkSwitch}. Only inside an {@link io.axolotl.jepsen.process.Enclosure}, with which all of it ends.
 */
final class NamespaceNetwork implements Network {
    /** Nobody has it. */
    private static final String NOWHERE = "02:00:00:00:ff:ff";

    /** What {@code timeout} ends with if it had to end the command. */
    private static final int TIMED_OUT = 124;

    private final NodeNetwork network;
    private final Optional<LinkSwitch> slow;
    private final LinkWays ways;

    private NamespaceNetwork(NodeNetwork network, Optional<PacketDevice> device, long seed) {
        this.network = network;
        this.slow = device.map(it -> new LinkSwitch(it, new LinkQueue(seed), this::switchDied));
        this.ways = new LinkWays(new Neighbours(network), slow.map(it -> it::set));
    }

    /** @param seed of what becomes of packets */
    static NamespaceNetwork of(int nodes, long seed) {
        NodeNetwork network = NodeNetwork.of(nodes);
        if (TapDevice.obstacle().isPresent()) {
            return new NamespaceNetwork(network, Optional.empty(), seed);
        }
        NamespaceNetwork made = new NamespaceNetwork(network, Optional.of(TapDevice.open(LinkSwitch.DEVICE)), seed);
        network.attach(LinkSwitch.DEVICE);
        made.slow.ifPresent(LinkSwitch::start);
        return made;
    }

    /** Packets are led by what the sender takes for the receiver's hardware address. */
    private record Neighbours(NodeNetwork network) implements LinkWays.Wiring {
        @Override
        public void straight(Link link) {
            network.undivert(link.from(), link.to());
        }

        @Override
        public void nowhere(Link link) {
            network.divert(link.from(), link.to(), NOWHERE);
        }

        @Override
        public void around(Link link) {
            network.divert(link.from(), link.to(), LinkSwitch.address(link));
        }
    }

    private void switchDied(String why) {
        ways.switchDied(why);
    }

    @Override
    public Optional<String> trouble() {
        return ways.trouble();
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
        return ways.rules();
    }

    @Override
    public Optional<LinkTally> tally(Link link) {
        return slow.map(it -> it.tally(link));
    }

    @Override
    public Optional<Boolean> isSilent(Link link, int port) {
        if (!Target.onPath("bash") || !Target.onPath("timeout")) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>(network.place(link.from()).prefix());
        String peer = network.place(link.to()).peerHost();
        words.addAll(List.of("timeout", "0.5", "bash", "-c", "exec 3<>/dev/tcp/" + peer + "/" + port));
        return Optional.of(Command.run(words, "").exitCode() == TIMED_OUT);
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
