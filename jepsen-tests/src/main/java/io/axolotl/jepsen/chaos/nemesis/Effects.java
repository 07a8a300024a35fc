package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.environment.DiskShare;
import io.axolotl.jepsen.chaos.environment.Link;
import io.axolotl.jepsen.chaos.environment.LinkTally;
import io.axolotl.jepsen.chaos.environment.Network;
import io.axolotl.jepsen.chaos.environment.SmallDisk;
import io.axolotl.jepsen.chaos.nemesis.Effect.Seen;
import io.axolotl.jepsen.process.MetricsPage;
import io.axolotl.jepsen.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** What shows that faults are felt, as cheaply as it can be told. Stateless. */
final class Effects {
    private static final Duration PAGE_BOUND = Duration.ofMillis(800);
    private static final String SYNCS = "etcd_disk_wal_fsync_duration_seconds";
    private static final int CONNECT_MILLIS = 500;
    /** Each takes half a second. */
    private static final int MOST_LINKS = 3;
    /** Less than this was hardly ever meant to happen. */
    private static final double LEAST_EXPECTED = 8;

    /** Of the requests that a disk serves: who asks for less need not wait. */
    private static final double SHARE_WORTH_WAITING = 0.8;

    private static final long SILENCE_NANOS = 1_500_000_000L;

    private Effects() {}

    static Effect dead(List<ServerProcess> nodes) {
        return Effect.of(() -> nodes.stream().noneMatch(ServerProcess::isAlive));
    }

    /** A process is stopped in its tracks, as the kernel says. */
    static boolean isStopped(long pid) {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name before it may hold anything.
            return line.substring(line.lastIndexOf(')') + 2).startsWith("T");
        } catch (IOException e) {
            throw new UncheckedIOException("there is no process " + pid, e);
        }
    }

    /** Links that are cut: of some of them, whoever wants to connect gets no answer. Whether the receiver lives does not matter. */
    static Effect silent(Scene scene, Collection<Link> links) {
        Network network = scene.environment().network();
        List<Link> some = links.stream().limit(MOST_LINKS).toList();
        return () -> {
            for (Link link : some) {
                Optional<Boolean> isSilent =
                        network.isSilent(link, scene.node(link.to()).spec().peerPort());
                if (isSilent.isEmpty()) {
                    return Seen.HIDDEN;
                }
                if (!isSilent.get()) {
                    return Seen.NOT_YET;
                }
            }
            return Seen.YES;
        };
    }

    /**
     * Links to whose packets something happens.
     *
     * @param what of the count has to grow
     * @param share of the packets to which it happens: if that comes to a few only, chance may have spared them
     */
    static Effect counted(Scene scene, Collection<Link> links, ToLongFunction<LinkTally> what, double share) {
        Network network = scene.environment().network();
        Map<Link, LinkTally> before = new HashMap<>();
        links.forEach(link -> network.tally(link).ifPresent(tally -> before.put(link, tally)));
        boolean[] isHindered = {false};
        return () -> {
            if (before.isEmpty()) {
                return Seen.HIDDEN;
            }
            long happened = 0;
            long taken = 0;
            for (Map.Entry<Link, LinkTally> each : before.entrySet()) {
                LinkTally now = network.tally(each.getKey()).orElseThrow();
                happened += what.applyAsLong(now) - what.applyAsLong(each.getValue());
                taken += now.taken() - each.getValue().taken();
            }
            if (happened > 0) {
                return Seen.YES;
            }
            // Once is enough: who was cut off waits ever longer before it tries again.
            isHindered[0] |= links.stream()
                    .anyMatch(link -> network.links().state(link).cut()
                            || !scene.node(link.from()).isAlive()
                            || !scene.node(link.to()).isAlive());
            boolean isSpared = taken > 0 && taken * share < LEAST_EXPECTED;
            return isHindered[0] || isSpared ? Seen.HIDDEN : Seen.NOT_YET;
        };
    }

    /** Clients that are cut off from a node: a connection to it is not even refused. */
    static Effect unreachable(ServerProcess node) {
        URI url = URI.create(node.clientUrl());
        return Effect.of(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
                return false;
            } catch (SocketTimeoutException | NoRouteToHostException e) {
                return true;
            } catch (IOException e) {
                return String.valueOf(e.getMessage()).contains("unreachable");
            }
        });
    }

    /** How many syncs of the log a node has made, and how long they took; nothing if it does not say. */
    private static Optional<double[]> syncs(ServerProcess node) {
        try {
            return node.get("/metrics", PAGE_BOUND).map(MetricsPage::parse).map(page ->
                    new double[] {page.sum(SYNCS + "_count"), page.sum(SYNCS + "_sum")});
        } catch (RuntimeException e) {
            // It is asked when the harm is done: whoever has to undo it must hear of it all the same.
            return Optional.empty();
        }
    }

    /** A disk whose syncs take longer: those since now took so long. Who was not asked to sync shows nothing. */
    static Effect slowSyncs(ServerProcess node, Duration perSync) {
        Optional<double[]> before = syncs(node);
        return () -> {
            Optional<double[]> now = syncs(node);
            double count = before.isEmpty() || now.isEmpty() ? 0 : now.get()[0] - before.get()[0];
            if (count <= 1) {
                return Seen.HIDDEN;
            }
            double seconds = now.get()[1] - before.get()[1];
            // The first of them may have begun before.
            return seconds >= (count - 1) * perSync.toNanos() / 1e9 ? Seen.YES : Seen.NOT_YET;
        };
    }

    /** A disk that serves so many requests: syncs take as long as one of them at least. */
    static Effect narrow(ServerProcess node, DiskShare share) {
        Effect slow = slowSyncs(node, share.perRequest());
        return () -> ofNarrow(slow.look(), share.requests(), share.requestsAllowed());
    }

    /**
     * Whoever has asked for clearly less than there is had nothing to wait for.
     *
     * @param syncs whether they take as long as they should
     * @param served as many requests as could have been
     */
    static Seen ofNarrow(Seen syncs, long requests, double served) {
        return syncs == Seen.NOT_YET && requests < served * SHARE_WORTH_WAITING ? Seen.HIDDEN : syncs;
    }

    /** A disk on which no sync ends: none does for a while, or nothing is heard of the node any more, or it has given up. */
    static Effect noSyncs(ServerProcess node) {
        double[] last = {-1};
        long[] since = {System.nanoTime()};
        return Effect.of(() -> {
            if (!node.isAlive()) {
                return true;
            }
            double count = syncs(node).map(it -> it[0]).orElse(last[0]);
            if (count != last[0]) {
                last[0] = count;
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > SILENCE_NANOS;
        });
    }

    /** Calls to the disk that fail: the node has ended, or its log tells of it. Who was not asked to sync has called nobody. */
    static Effect told(ServerProcess node, String words) {
        Optional<double[]> before = syncs(node);
        return () -> {
            if (!node.isAlive() || node.log().contains(words)) {
                return Seen.YES;
            }
            Optional<double[]> now = syncs(node);
            boolean isAsked = before.isPresent() && now.isPresent() && now.get()[0] > before.get()[0];
            return isAsked ? Seen.NOT_YET : Seen.HIDDEN;
        };
    }

    /** Disks to which nothing can be written. */
    static Effect refusing(List<SmallDisk> disks, String words) {
        return Effect.of(() -> disks.stream()
                .allMatch(
                        disk -> disk.refusal().filter(it -> it.contains(words)).isPresent()));
    }
}
