package io.axolotl.jepsen.process;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.StatusResult;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Nodes n1, n2, … of one cluster as processes of this machine, with their folders {@code n1}, {@code n2}, … and logs
 * {@code n1.log}, … under one root. Closing kills what lives and, if the root was made here, removes it.
 *
 * <p>Questions are safe for all threads; starting and stopping is for one thread at a time.
 */
public final class ProcessCluster implements AutoCloseable {
    private static final Duration STATUS_BOUND = Duration.ofMillis(500);

    private final Builder kind;
    private final Path root;
    private final List<ServerProcess> nodes;
    private final AxolotlClient observer;
    /** Nodes ever made: names and places are not given twice. */
    private int made;

    private ProcessCluster(Builder kind, Path root, List<ServerProcess> nodes) {
        this.kind = kind;
        this.root = root;
        this.nodes = new CopyOnWriteArrayList<>(nodes);
        this.made = nodes.size();
        this.observer = AxolotlClient.builder()
                .endpoints(endpoints())
                .requestTimeout(STATUS_BOUND)
                .networkThreads(1)
                .build();
    }

    public static Builder of(Target target) {
        return new Builder(target);
    }

    /** Says what cluster to make. Confined to one thread. */
    public static final class Builder {
        private final Target target;
        private int size = 3;
        private String token = "axolotl-" + Long.toHexString(System.nanoTime());
        private Optional<Path> root = Optional.empty();
        private IntUnaryOperator clientPort = node -> LoopbackPorts.free();
        private IntUnaryOperator peerPort = node -> LoopbackPorts.free();
        private final Map<String, String> flags = new LinkedHashMap<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final Map<String, Path> dataFolders = new LinkedHashMap<>();
        private List<String> main = List.of();
        private IntFunction<Place> place = node -> Place.LOOPBACK;
        private BiFunction<Integer, ServerProcess.Spec, ServerProcess.Spec> tailor = (node, spec) -> spec;

        private Builder(Target target) {
            this.target = target;
        }

        public Builder size(int nodes) {
            size = nodes;
            return this;
        }

        /** A folder that is kept. Without one, a temporary folder is made and removed at the end. */
        public Builder root(Path folder) {
            root = Optional.of(folder);
            return this;
        }

        /**
         * Fixed ports.
         *
         * @param client port by node, counting from 0
         */
        public Builder ports(IntUnaryOperator client, IntUnaryOperator peer) {
            clientPort = client;
            peerPort = peer;
            return this;
        }

        /**
         * A flag of every node.
         *
         * @param name without dashes
         */
        public Builder flag(String name, String value) {
            flags.put(name, value);
            return this;
        }

        /** The most heap of every node's Java machine, such as {@code 256m}, whatever its options say. Nothing to an etcd. */
        public Builder heap(String most) {
            // The one place that a Java machine reads after its command line.
            environment.put("_JAVA_OPTIONS", "-Xmx" + most);
            return this;
        }

        /** What every node runs in the place of the target's program: a main class of ours and its first arguments. */
        public Builder main(List<String> classAndArguments) {
            main = List.copyOf(classAndArguments);
            return this;
        }

        /** Keeps the data of one node elsewhere than under the root. */
        public Builder dataFolder(String node, Path folder) {
            dataFolders.put(node, folder);
            return this;
        }

        public Builder token(String clusterToken) {
            token = clusterToken;
            return this;
        }

        /**
         * Where the nodes run; on loopback otherwise.
         *
         * @param places by node, counting from 0; also asked for nodes that join later
         */
        public Builder places(IntFunction<Place> places) {
            place = places;
            return this;
        }

        /**
         * Changes what a node is made of, after everything else was said but who its members are.
         *
         * @param change by node, counting from 0; also asked for nodes that join later
         */
        public Builder tailor(BiFunction<Integer, ServerProcess.Spec, ServerProcess.Spec> change) {
            tailor = change;
            return this;
        }

        /** Makes the folders; starts nothing. */
        public ProcessCluster build() {
            Path folder = root.orElseGet(Builder::temporaryFolder);
            List<ServerProcess.Spec> specs = new ArrayList<>();
            for (int node = 0; node < size; node++) {
                specs.add(spec(folder, node));
            }
            String members = initialCluster(specs.stream());
            return new ProcessCluster(
                    this,
                    folder,
                    specs.stream()
                            .map(spec -> new ServerProcess(
                                    spec.with("initial-cluster", members).with("initial-cluster-state", "new")))
                            .toList());
        }

        /** A node of this kind, without its members. */
        private ServerProcess.Spec spec(Path folder, int node) {
            String name = "n" + (node + 1);
            Path data = dataFolders.getOrDefault(name, folder.resolve(name));
            ServerProcess.Spec bare = new ServerProcess.Spec(
                    target,
                    name,
                    clientPort.applyAsInt(node),
                    peerPort.applyAsInt(node),
                    data,
                    folder.resolve(name + ".log"),
                    List.of(),
                    environment,
                    place.apply(node),
                    main);
            ServerProcess.Spec spec = bare.with("name", name)
                    .with("data-dir", data.toString())
                    .with("listen-client-urls", bare.clientUrl())
                    .with("advertise-client-urls", bare.clientUrl())
                    .with("listen-peer-urls", bare.peerUrl())
                    .with("initial-advertise-peer-urls", bare.peerUrl())
                    .with("initial-cluster-token", token);
            for (Map.Entry<String, String> flag : flags.entrySet()) {
                spec = spec.with(flag.getKey(), flag.getValue());
            }
            return tailor.apply(node, spec);
        }

        private static String initialCluster(Stream<ServerProcess.Spec> members) {
            return members.map(member -> member.name() + "=" + member.peerUrl()).collect(Collectors.joining(","));
        }

        private static Path temporaryFolder() {
            try {
                return Files.createTempDirectory("axolotl-");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make a temporary folder", e);
            }
        }
    }

    public Path root() {
        return root;
    }

    /** All nodes, dead ones too, in the order of their names. */
    public List<ServerProcess> nodes() {
        return List.copyOf(nodes);
    }

    /**
     * A further node, with a name, ports and a folder that no node had before. It is not started, and the members do not know
     * it: adding its peer URL is the caller's part.
     *
     * @param members those that it will find when it starts
     */
    public ServerProcess join(List<ServerProcess> members) {
        ServerProcess.Spec spec = kind.spec(root, made++);
        String initialCluster =
                Builder.initialCluster(Stream.concat(members.stream().map(ServerProcess::spec), Stream.of(spec)));
        ServerProcess node = new ServerProcess(
                spec.with("initial-cluster", initialCluster).with("initial-cluster-state", "existing"));
        nodes.add(node);
        return node;
    }

    /**
     * Puts a new member in the place of one: with its name, ports and folder, which is emptied. The old one must be dead; the new one
     * is not started: removing the old one and adding the peer URL again is the caller's part.
     *
     * @param peerUrls of the members that it will find when it starts, its own included: others may be on their way out or in
     */
    public ServerProcess replace(ServerProcess old, Collection<String> peerUrls) {
        if (old.isAlive()) {
            throw new IllegalStateException(old + " runs");
        }
        delete(old.spec().dataFolder());
        ServerProcess node = new ServerProcess(old.spec()
                .with(
                        "initial-cluster",
                        Builder.initialCluster(nodes.stream()
                                .map(ServerProcess::spec)
                                .filter(spec -> peerUrls.contains(spec.peerUrl()))))
                .with("initial-cluster-state", "existing"));
        nodes.set(nodes.indexOf(old), node);
        return node;
    }

    /** Kills a node if it lives, and no longer counts it. Its folder stays. */
    public void drop(ServerProcess node) {
        node.kill();
        nodes.remove(node);
    }

    /** @param name such as {@code n1} */
    public ServerProcess node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no node " + name + " among " + nodes));
    }

    /** All nodes but this one. */
    public List<ServerProcess> others(ServerProcess one) {
        return nodes.stream().filter(node -> node != one).toList();
    }

    /** The client URLs of all nodes. */
    public List<String> endpoints() {
        return nodes.stream().map(ServerProcess::clientUrl).toList();
    }

    /** The client URLs of all nodes as {@code --endpoints} takes them. */
    public String endpointsFlag() {
        return String.join(",", endpoints());
    }

    /** A client of the whole cluster; the caller closes it. */
    public AxolotlClient client() {
        return AxolotlClient.builder().endpoints(endpoints()).build();
    }

    /** A client of one node only; the caller closes it. */
    public static AxolotlClient clientOf(ServerProcess node) {
        return AxolotlClient.builder().endpoints(node.clientUrl()).build();
    }

    /** Starts the nodes that do not live and waits until all are healthy. */
    public void start(Duration bound) {
        List<ServerProcess> dead =
                nodes.stream().filter(node -> !node.isAlive()).toList();
        dead.forEach(ServerProcess::start);
        long deadline = System.nanoTime() + bound.toNanos();
        dead.forEach(node -> node.awaitHealthy(Duration.ofNanos(Math.max(1, deadline - System.nanoTime()))));
    }

    /** What a node says of itself, if it lives and answers soon. */
    public Optional<StatusResult> status(ServerProcess node) {
        if (!node.isAlive()) {
            return Optional.empty();
        }
        try {
            return Optional.of(observer.maintenance().status(node.clientUrl()).await());
        } catch (AxolotlException e) {
            return Optional.empty();
        }
    }

    /** The node that leads the highest term of which any node says that it leads. A deposed leader may not know it yet. */
    public Optional<ServerProcess> leader() {
        Map<ServerProcess, StatusResult> leaders = new LinkedHashMap<>();
        for (ServerProcess node : nodes) {
            status(node).filter(StatusResult::isLeader).ifPresent(status -> leaders.put(node, status));
        }
        return leaders.entrySet().stream()
                .max(Comparator.comparingLong(entry -> entry.getValue().raftTerm()))
                .map(Map.Entry::getKey);
    }

    public ServerProcess awaitLeader(Duration bound) {
        return Await.answer("a leader", bound, this::leader);
    }

    /** Waits until another node leads. */
    public ServerProcess awaitLeaderOtherThan(ServerProcess old, Duration bound) {
        return Await.answer("a leader other than " + old, bound, () -> leader().filter(node -> node != old));
    }

    /** A living node that does not lead. */
    public ServerProcess aFollower() {
        ServerProcess leader = awaitLeader(Duration.ofSeconds(10));
        return nodes.stream()
                .filter(node -> node != leader && node.isAlive())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no follower lives"));
    }

    /** Waits until a node has applied what the leader had committed when this was called. */
    public void awaitCaughtUp(ServerProcess node, Duration bound) {
        long goal = Await.answer("the leader's commit index", bound, () -> leader().flatMap(this::status))
                .raftIndex();
        Await.fact(
                node + " to apply up to " + goal,
                bound,
                () -> status(node)
                        .map(status -> status.raftAppliedIndex() >= goal)
                        .orElse(false));
    }

    /** Asks all living nodes to stop, waits, and kills those that do not within the bound. */
    public void stop(Duration bound) {
        nodes.forEach(ServerProcess::beginStop);
        long deadline = System.nanoTime() + bound.toNanos();
        for (ServerProcess node : nodes) {
            while (node.isAlive() && System.nanoTime() < deadline) {
                java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
            }
            node.kill();
        }
    }

    /** The logs of all nodes, for the message of a failed test. */
    public String logs() {
        return nodes.stream().map(node -> "---- " + node + "\n" + node.log()).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        observer.close();
        nodes.forEach(ServerProcess::kill);
        if (kind.root.isEmpty()) {
            delete(root);
        }
    }

    /** Removes a folder and all in it. */
    public static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
