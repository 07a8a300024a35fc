package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A network in which nodes can be cut off from each other: every node has a network namespace of its own with two interfaces, one
 * to this JVM for clients and one to the bridge that all peers share. Cutting a node takes its port off the bridge: what it sends
 * vanishes and it hears nothing, as behind a dead switch, but nobody is told. Clients still reach it. One direction between two nodes
 * is cut by a wrong hardware address for the receiver in the sender's table.
 *
 * <p>Only inside an {@link Enclosure}, which also does away with all of it. Confined to one thread.
 */
public final class NodeNetwork implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String BRIDGE = "peers";

    /** Keeps a namespace while no server lives in it. */
    private final List<Process> holders = new ArrayList<>();

    private final int nodes;

    private NodeNetwork(int nodes) {
        this.nodes = nodes;
    }

    /** @param nodes how many places there will be, at most 60 */
    public static NodeNetwork of(int nodes) {
        NodeNetwork network = new NodeNetwork(nodes);
        ip("link set lo up", "link add " + BRIDGE + " type bridge stp_state 0 forward_delay 0", "link set peers up");
        for (int node = 0; node < nodes; node++) {
            network.add(node);
        }
        return network;
    }

    private void add(int node) {
        Process holder = hold();
        holders.add(holder);
        ip(
                "link add " + peerPort(node) + " type veth peer name peer netns " + holder.pid(),
                "link set " + peerPort(node) + " master " + BRIDGE + " up",
                "link add " + clientPort(node) + " type veth peer name client netns " + holder.pid(),
                "addr add " + client(node, 1) + "/30 dev " + clientPort(node),
                "link set " + clientPort(node) + " up");
        List<String> inside = new ArrayList<>(List.of(
                "link set lo up",
                "link set peer address " + mac(node),
                "addr add " + peerHost(node) + "/24 dev peer",
                "link set peer up",
                "addr add " + client(node, 2) + "/30 dev client",
                "link set client up"));
        for (int other = 0; other < nodes; other++) {
            if (other != node) {
                // Nobody asks for addresses: a cut loses packets, it does not make hosts unknown.
                inside.add("neigh add " + peerHost(other) + " lladdr " + mac(other) + " nud permanent dev peer");
            }
        }
        List<String> words = new ArrayList<>(enter(node));
        words.addAll(List.of("ip", "-batch", "-"));
        Command.require(words, String.join("\n", inside) + "\n");
    }

    private static Process hold() {
        try {
            Process holder = new ProcessBuilder("unshare", "--net", "--", "sleep", "infinity").start();
            Children.adopt(holder);
            Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
            Await.fact("a network namespace", BOUND, () -> isOther(ours, holder.pid()));
            return holder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a network namespace", e);
        }
    }

    private static boolean isOther(Path ours, long pid) {
        try {
            return !Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", "net"))
                    .equals(ours);
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " has no namespace", e);
        }
    }

    private static void ip(String... lines) {
        Command.require(
                List.of("ip", "-batch", "-"), List.of(lines).stream().collect(Collectors.joining("\n", "", "\n")));
    }

    private static String peerPort(int node) {
        return "p" + node;
    }

    private static String clientPort(int node) {
        return "c" + node;
    }

    private static String peerHost(int node) {
        return "10.88.1." + (node + 1);
    }

    private static String client(int node, int end) {
        return "10.88.2." + (4 * node + end);
    }

    private static String mac(int node) {
        return String.format("02:00:00:00:01:%02x", node + 1);
    }

    /** The hardware address of a node's port to its peers, in six bytes. */
    public static byte[] hardwareAddress(int node) {
        return new byte[] {2, 0, 0, 0, 1, (byte) (node + 1)};
    }

    private List<String> enter(int node) {
        return List.of("nsenter", "--net=/proc/" + holders.get(node).pid() + "/ns/net", "--");
    }

    /** @param node counting from 0 */
    public Place place(int node) {
        return new Place(client(node, 2), peerHost(node), enter(node));
    }

    /** Cuts a node off from all others, in both directions. */
    public void cut(int node) {
        ip("link set " + peerPort(node) + " nomaster");
    }

    /** Undoes {@link #cut}. */
    public void mend(int node) {
        ip("link set " + peerPort(node) + " master " + BRIDGE);
    }

    /**
     * Has what one node sends to another go to a hardware address instead: to one that nobody has, and it vanishes, while what the
     * other sends still arrives.
     *
     * @param address such as {@code 02:00:00:00:80:81}
     */
    public void divert(int from, int to, String address) {
        List<String> words = new ArrayList<>(enter(from));
        words.addAll(
                List.of("ip", "neigh", "replace", peerHost(to), "lladdr", address, "nud", "permanent", "dev", "peer"));
        Command.require(words, "");
    }

    /** Undoes {@link #divert}. */
    public void undivert(int from, int to) {
        divert(from, to, mac(to));
    }

    /** Puts a further device of this network namespace on the peers' bridge, which never takes it for the way to a node. */
    public void attach(String device) {
        ip(
                "link set " + device + " master " + BRIDGE,
                "link set " + device + " type bridge_slave learning off",
                "link set " + device + " up");
    }

    /** Removes a device that was attached. */
    public void remove(String device) {
        ip("link del " + device);
    }

    /** Cuts clients off from a node; its peers still reach it. */
    public void cutClients(int node) {
        ip("link set " + clientPort(node) + " down");
    }

    /** Undoes {@link #cutClients}. */
    public void mendClients(int node) {
        ip("link set " + clientPort(node) + " up");
    }

    @Override
    public void close() {
        for (int node = 0; node < holders.size(); node++) {
            ip("link del " + peerPort(node), "link del " + clientPort(node));
        }
        ip("link del " + BRIDGE);
        holders.forEach(Process::destroyForcibly);
    }
}
