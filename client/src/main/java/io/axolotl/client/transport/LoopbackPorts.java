package io.axolotl.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Set;
import java.util.TreeSet;

/**
 * TCP ports of 127.0.0.1. Free ones are drawn below 32768, where kernels start to number the near ends of outgoing
 * connections: a port taken from that upper range could be gone to some client while its node is down. Safe for all threads.
 */
public final class LoopbackPorts {
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_000;
    private static final SecureRandom CHANCE = new SecureRandom();
    private static final Set<Integer> GIVEN = new TreeSet<>();

    private LoopbackPorts() {}

    /** A port that nobody listens on, and that was not given before by this JVM. */
    public static synchronized int free() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int port = LOWEST + CHANCE.nextInt(HIGHEST - LOWEST);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                return port;
            }
        }
        throw new IllegalStateException("found no free port of 127.0.0.1 between " + LOWEST + " and " + HIGHEST);
    }

    /** Whether a server could listen on the port now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
