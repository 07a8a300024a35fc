package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.Children;
import io.axolotl.jepsen.process.Place;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.SystemCalls;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A cluster with all that can be done to what it runs on: its network, and as far as faults ask for them the disks and the clocks of
 * its nodes. Nothing is started. Closing takes everything away again; what a killed run leaves behind is ended by the kernel with its
 * namespaces, or removed by the next run.
 *
 * <p>Thread rule: made and closed by one thread; its parts have their own.
 */
public final class Environment implements AutoCloseable {
    /** Enough for the log, snapshots and reserve of a run of hours. */
    private static final int DISK_MEGABYTES = 768;

    private final Network network;
    private final List<SmallDisk> disks;
    private final List<NodeClock> clocks;
    private final List<MemoryRoom> memories;
    private final ProcessCluster cluster;

    /**
     * What to make. Immutable.
     *
     * @param folder for data and logs; removed by nobody here
     * @param isEnclosed whether this program runs inside an {@link io.axolotl.jepsen.process.Enclosure}
     * @param wanted what faults need of it
     * @param flags of every node, names without dashes
     * @param wrapper words before the program of every node, which has to keep its process id; empty for none
     * @param main as {@link ProcessCluster.Builder#main}; empty for the target's program
     */
    public record Plan(
            Target target,
            int nodes,
            Path folder,
            boolean isEnclosed,
            Set<Ability> wanted,
            Map<String, String> flags,
            List<String> wrapper,
            List<String> main,
            long seed) {
        public Plan {
            wanted = wanted.isEmpty() ? EnumSet.noneOf(Ability.class) : EnumSet.copyOf(wanted);
            flags = Map.copyOf(flags);
            wrapper = List.copyOf(wrapper);
            main = List.copyOf(main);
        }
    }

    /** What the network asks for while it is not there yet. */
    private static final class Awaited {
        private volatile Optional<ProcessCluster> cluster = Optional.empty();
    }

    private Environment(
            Network network,
            List<SmallDisk> disks,
            List<NodeClock> clocks,
            List<MemoryRoom> memories,
            ProcessCluster cluster) {
        this.network = network;
        this.disks = disks;
        this.clocks = clocks;
        this.memories = memories;
        this.cluster = cluster;
    }

    /**
     * Tries what this machine lets us do.
     *
     * @return what is missing, each with the reason in words for people
     */
    public static Map<Ability, String> missing(Target target, boolean isEnclosed) {
        Map<Ability, String> missing = new EnumMap<>(Ability.class);
        if (isEnclosed) {
            TapDevice.obstacle().ifPresent(reason -> {
                missing.put(Ability.SLOW_LINKS, reason);
                missing.put(Ability.LOSSY_LINKS, reason);
            });
            SmallDisk.obstacle().ifPresent(reason -> missing.put(Ability.SMALL_DISKS, reason));
            SmallDisk.powerCutObstacle().ifPresent(reason -> missing.put(Ability.POWER_CUTS, reason));
            DiskShare.obstacle().ifPresent(reason -> missing.put(Ability.DISK_SHARES, reason));
        } else {
            String reason = "the nodes have no network namespaces here";
            missing.put(Ability.LOSSY_LINKS, reason + ", and proxies know no packets");
            missing.put(Ability.CLIENT_LINKS, reason);
            for (Ability ofDisks : List.of(Ability.SMALL_DISKS, Ability.POWER_CUTS, Ability.DISK_SHARES)) {
                missing.put(ofDisks, "mounts would outlive a run that is killed: " + reason);
            }
        }
        SystemCalls.obstacle().ifPresent(reason -> missing.put(Ability.SYSTEM_CALLS, reason));
        ProcessorShare.obstacle().ifPresent(reason -> missing.put(Ability.PROCESSOR_SHARES, reason));
        MemoryRoom.obstacle().ifPresent(reason -> missing.put(Ability.MEMORY_ROOMS, reason));
        if (target == Target.ETCD) {
            missing.put(
                    Ability.CLOCKS, "a Go program does not ask the C library for the time, so libfaketime has no say");
        } else {
            NodeClock.obstacle().ifPresent(reason -> missing.put(Ability.CLOCKS, reason));
        }
        return missing;
    }

    /** Makes it. What was made is taken away again if a part of it cannot be. */
    public static Environment of(Plan plan) {
        ControlGroup.removeLeftOvers(ProcessorShare.HIERARCHY);
        ControlGroup.removeLeftOvers(MemoryRoom.HIERARCHY);
        ControlGroup.removeLeftOvers(DiskShare.HIERARCHY);
        Awaited awaited = new Awaited();
        Network network = plan.isEnclosed
                ? NamespaceNetwork.of(plan.nodes, plan.seed)
                : new ProxyNetwork(plan.nodes, node -> pid(awaited.cluster, node));
        List<SmallDisk> disks = new ArrayList<>();
        List<MemoryRoom> memories = new ArrayList<>();
        try {
            for (int node = 0; node < plan.nodes && plan.wanted.contains(Ability.MEMORY_ROOMS); node++) {
                memories.add(MemoryRoom.make());
            }
            Files.createDirectories(plan.folder);
            ProcessCluster.Builder builder = ProcessCluster.of(plan.target)
                    .size(plan.nodes)
                    .root(plan.folder)
                    .main(plan.main)
                    .places(node -> wrapped(
                            network.place(node),
                            memories.isEmpty() ? List.of() : memories.get(node).wrapper(),
                            plan.wrapper));
            plan.flags.forEach(builder::flag);
            if (plan.wanted.contains(Ability.SMALL_DISKS) || plan.wanted.contains(Ability.POWER_CUTS)) {
                for (int node = 0; node < plan.nodes; node++) {
                    SmallDisk disk = SmallDisk.mount(plan.folder, "disk-" + (node + 1), DISK_MEGABYTES);
                    disks.add(disk);
                    builder.dataFolder("n" + (node + 1), disk.folder().resolve("data"));
                }
            }
            List<NodeClock> clocks = new ArrayList<>();
            if (plan.wanted.contains(Ability.CLOCKS)) {
                Path library = NodeClock.library().orElseThrow();
                for (int node = 0; node < plan.nodes; node++) {
                    clocks.add(NodeClock.of(library, plan.folder, node));
                }
            }
            builder.tailor((node, spec) -> {
                ServerProcess.Spec placed = network.tailor(node, spec);
                return clocks.isEmpty() ? placed : clocks.get(node).tailor(placed);
            });
            Environment made = new Environment(network, disks, clocks, memories, builder.build());
            awaited.cluster = Optional.of(made.cluster);
            Children.afterKilling(made::unmount);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + plan.folder, e);
        } catch (RuntimeException e) {
            disks.forEach(SmallDisk::close);
            memories.forEach(MemoryRoom::close);
            network.close();
            throw e;
        }
    }

    private static Place wrapped(Place place, List<String> inner, List<String> innermost) {
        List<String> prefix = new ArrayList<>(place.prefix());
        prefix.addAll(inner);
        prefix.addAll(innermost);
        return new Place(place.clientHost(), place.peerHost(), prefix);
    }

    private static OptionalLong pid(Optional<ProcessCluster> cluster, int node) {
        return cluster.map(it -> it.nodes().get(node))
                .filter(ServerProcess::isAlive)
                .map(it -> OptionalLong.of(it.pid()))
                .orElse(OptionalLong.empty());
    }

    public ProcessCluster cluster() {
        return cluster;
    }

    public Network network() {
        return network;
    }

    /** In words for people and reports. */
    public String description() {
        return network.description()
                + (disks.isEmpty() ? "" : ", a disk of " + DISK_MEGABYTES + " MiB for each node")
                + (clocks.isEmpty() ? "" : ", a wall clock for each node");
    }

    /** By the number of the node; empty if none was wanted. */
    public Optional<SmallDisk> disk(int node) {
        return node < disks.size() ? Optional.of(disks.get(node)) : Optional.empty();
    }

    /** By the number of the node; empty if none was wanted. */
    public Optional<NodeClock> clock(int node) {
        return node < clocks.size() ? Optional.of(clocks.get(node)) : Optional.empty();
    }

    /** By the number of the node; empty if none was wanted. */
    public Optional<MemoryRoom> memory(int node) {
        return node < memories.size() ? Optional.of(memories.get(node)) : Optional.empty();
    }

    /**
     * Before nodes are started: that nobody else listens where they are to.
     *
     * @throws IllegalStateException naming the ports, who has them, and what can be done
     */
    public void requireFreePorts() {
        List<String> taken = new ArrayList<>();
        for (int node = 0; node < cluster.nodes().size(); node++) {
            taken.addAll(PortCheck.taken(
                    cluster.nodes().get(node).spec(), network.place(node).prefix()));
        }
        if (!taken.isEmpty()) {
            throw new IllegalStateException(String.join("; ", taken)
                    + ". End that process, or start the run again: ports are drawn anew each time");
        }
    }

    private synchronized void unmount() {
        disks.forEach(SmallDisk::close);
        disks.clear();
    }

    /** Kills what lives and takes the network and the disks away. Folders stay; what is on disks of their own has to be copied before. */
    @Override
    public void close() {
        clocks.forEach(NodeClock::endDrift);
        cluster.close();
        network.close();
        memories.forEach(MemoryRoom::close);
        unmount();
    }
}
