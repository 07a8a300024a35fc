package io.axolotl.jepsen.playground;

import io.axolotl.client.StatusResult;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Children;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The cluster and what is told about it. {@link #run} and the commands are confined to the main thread; deaths are told by
 * the threads that notice them.
 */
final class Playground {
    private static final int FIRST_CLIENT_PORT = 2379;
    private static final int FIRST_PEER_PORT = 2380;
    private static final List<Integer> STEPS = List.of(0, 20_000, 30_000, 40_000, 50_000);
    private static final Duration START_BOUND = Duration.ofSeconds(60);
    private static final Duration STOP_BOUND = Duration.ofSeconds(10);
    private static final Duration WATCH_PERIOD = Duration.ofMillis(500);

    private final ProcessCluster cluster;
    private final Optional<Path> keptFolder;
    private final PrintStream out = System.out;
    private final Object stopLock = new Object();
    private final java.util.Set<String> expectedDeaths = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    Playground(Target target, int nodes, int portOffset, Optional<Path> dataFolder) {
        keptFolder = dataFolder.map(Path::toAbsolutePath).map(Path::normalize);
        ProcessCluster.Builder builder = ProcessCluster.of(target)
                .size(nodes)
                .token("axolotl-playground")
                .ports(
                        node -> FIRST_CLIENT_PORT + STEPS.get(node) + portOffset,
                        node -> FIRST_PEER_PORT + STEPS.get(node) + portOffset);
        keptFolder.ifPresent(builder::root);
        cluster = builder.build();
    }

    /** A message if a port is taken. */
    Optional<String> busyPorts() {
        List<String> busy = new ArrayList<>();
        for (ServerProcess node : cluster.nodes()) {
            for (int port : List.of(node.spec().clientPort(), node.spec().peerPort())) {
                if (!LoopbackPorts.isFree(port)) {
                    busy.add(Integer.toString(port));
                }
            }
        }
        if (busy.isEmpty()) {
            return Optional.empty();
        }
        cluster.close();
        return Optional.of("127.0.0.1: " + (busy.size() == 1 ? "port " : "ports ") + String.join(", ", busy)
                + (busy.size() == 1 ? " is" : " are") + " in use, perhaps by an etcd or another playground."
                + "\nStop it, or move this one: ./axolotl playground --port-offset 100");
    }

    /** Starts, tells, takes commands, and returns when it was told to quit. */
    void run() {
        Children.beforeKilling(this::stop);
        out.println("Starting " + Text.count(cluster.nodes().size(), "node", "nodes") + " on 127.0.0.1 ...");
        long start = System.nanoTime();
        cluster.nodes().forEach(this::startNode);
        cluster.nodes().forEach(node -> node.awaitHealthy(START_BOUND));
        ServerProcess leader = cluster.awaitLeader(START_BOUND);
        cluster.nodes().forEach(this::tellReady);
        out.println(leader + " leads. Ready after " + Text.duration(System.nanoTime() - start) + ".");
        out.println();
        tellExamples();
        Thread watcher = new Thread(() -> watchLeader(leader), "watch-leader");
        watcher.setDaemon(true);
        watcher.start();
        new Console(this, out).run(System.in);
        stop();
    }

    private void tellReady(ServerProcess node) {
        out.println("  " + node + "  clients " + node.clientUrl() + "   peers "
                + node.spec().peerUrl() + "   process " + node.pid() + "   log "
                + node.spec().logFile());
    }

    private void tellExamples() {
        String endpoints = cluster.endpointsFlag().replace("http://", "");
        String first = cluster.nodes().get(0).clientUrl().replace("http://", "");
        out.println("Try, in another terminal:");
        out.println("  ./axolotl ctl --endpoints " + first + " put greeting hello");
        out.println("  ./axolotl ctl --endpoints " + endpoints + " endpoint status -w table");
        out.println("  ETCDCTL_API=3 etcdctl --endpoints " + first + " get greeting");
        out.println("  curl http://" + first + "/metrics");
        out.println("  ./axolotl bench --endpoints " + endpoints + " --op put --clients 100");
        out.println("Here: status, kill n1, start n1, pause n1, resume n1, help. Ctrl-C stops everything.");
        out.println(keptFolder
                .map(folder -> "The data stays in " + folder + ".")
                .orElse("The data is in " + cluster.root() + " and is removed at the end; --data-dir keeps it."));
    }

    private void startNode(ServerProcess node) {
        expectedDeaths.remove(node.name());
        node.start();
        long pid = node.pid();
        var unused = node.onExit().thenAccept(code -> tellDeath(node, pid, code));
    }

    private void tellDeath(ServerProcess node, long pid, int code) {
        if (!stopping && !expectedDeaths.remove(node.name())) {
            out.println(node + " (process " + pid + ") died: " + reason(code) + ". Its log: "
                    + node.spec().logFile() + "\nBring it back: start " + node);
        }
    }

    private static String reason(int code) {
        return switch (code) {
            case 137 -> "killed (signal 9)";
            case 143 -> "stopped (signal 15)";
            default -> "exit code " + code;
        };
    }

    private void watchLeader(ServerProcess first) {
        Optional<ServerProcess> told = Optional.of(first);
        while (!stopping) {
            Optional<ServerProcess> now = cluster.leader();
            if (!now.equals(told) && !stopping) {
                out.println(now.map(node -> node + " leads"
                                + cluster.status(node)
                                        .map(status -> " term " + status.raftTerm())
                                        .orElse("") + ".")
                        .orElse("Nobody leads: " + missingQuorum()));
                told = now;
            }
            LockSupport.parkNanos(WATCH_PERIOD.toNanos());
        }
    }

    private String missingQuorum() {
        long alive = cluster.nodes().stream().filter(ServerProcess::isAlive).count();
        int needed = cluster.nodes().size() / 2 + 1;
        return alive < needed
                ? alive + " of " + cluster.nodes().size() + " nodes live, " + needed + " are needed."
                : "an election is under way.";
    }

    /** @throws IllegalArgumentException if there is no such node */
    ServerProcess node(String name) {
        return cluster.node(name);
    }

    void kill(ServerProcess node) {
        if (!node.isAlive()) {
            out.println(node + " does not run.");
            return;
        }
        expectedDeaths.add(node.name());
        long pid = node.pid();
        node.kill();
        out.println(node + " (process " + pid + ") is killed. Bring it back: start " + node);
    }

    void restart(ServerProcess node) {
        if (node.isAlive()) {
            out.println(node + " runs already.");
            return;
        }
        startNode(node);
        try {
            node.awaitHealthy(START_BOUND);
            out.println(node + " is back (process " + node.pid() + ") after "
                    + Text.duration(System.nanoTime() - node.startedNanos()) + ".");
        } catch (Await.TooLateException e) {
            out.println(e.getMessage());
        }
    }

    void pause(ServerProcess node) {
        if (node.isAlive()) {
            node.pause();
            out.println(node + " is paused (SIGSTOP). Let it go on: resume " + node);
        } else {
            out.println(node + " does not run.");
        }
    }

    void resume(ServerProcess node) {
        if (node.isAlive()) {
            node.resume();
            out.println(node + " goes on.");
        } else {
            out.println(node + " does not run.");
        }
    }

    void tellStatus() {
        for (ServerProcess node : cluster.nodes()) {
            Optional<StatusResult> status = cluster.status(node);
            out.println("  " + node + "  "
                    + status.map(known -> (known.isLeader() ? "leader  " : "follower") + "  term " + known.raftTerm()
                                    + "  applied " + known.raftAppliedIndex() + "  process " + node.pid())
                            .orElse(node.isAlive() ? "silent    process " + node.pid() : "down"));
        }
    }

    /** Stops all nodes gracefully, once; a second call waits for the first. */
    void stop() {
        synchronized (stopLock) {
            if (stopping) {
                return;
            }
            stopping = true;
            out.println("Stopping ...");
            cluster.nodes().stream().filter(ServerProcess::isAlive).forEach(ServerProcess::resume);
            cluster.stop(STOP_BOUND);
            cluster.close();
            out.println(keptFolder
                    .map(folder -> "Stopped. The data is in " + folder + ".")
                    .orElse("Stopped."));
        }
    }
}
