package io.axolotl.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A TCP relay in front of a server, whose connections can be cut like a cable. */
final class CuttableLink implements AutoCloseable {
    private final ServerSocket listener;
    private final int serverPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    CuttableLink(int serverPort) {
        this.serverPort = serverPort;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::acceptAll);
    }

    String endpoint() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** Ends all connections without a word of HTTP/2. New ones are accepted again. */
    void cut() {
        sockets.forEach(CuttableLink::reset);
        sockets.clear();
    }

    private static void reset(Socket socket) {
        try (socket) {
            if (!socket.isClosed()) {
                // A reset, not an orderly end.
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // The other side went first, which is as good.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                sockets.add(client);
                sockets.add(server);
                daemon(() -> copy(client, server));
                daemon(() -> copy(server, client));
            }
        } catch (IOException e) {
            // The listener was closed: nothing more to accept.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One side was cut; the other one has just been closed, which is all that is left to do.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "cuttable-link");
        thread.setDaemon(true);
        thread.start();
    }
}
