package io.axolotl.server.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes connections on to one address, and breaks each of them when it has carried so many bytes there. */
final class CuttingProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private volatile long cutAfterBytes = Long.MAX_VALUE;

    CuttingProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    }

    /** Holds for connections that are made from now on. */
    void cutAfter(long bytes) {
        cutAfterBytes = bytes;
    }

    private static void start(Runnable body) {
        Thread thread = new Thread(body, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listening.accept();
                Socket far = new Socket(target.getAddress(), target.getPort());
                long limit = cutAfterBytes;
                start(() -> passThere(near, far, limit));
                start(() -> passBack(far, near));
            }
        } catch (IOException e) {
            // Closed: nothing more is passed on.
        }
    }

    /** What was passed on before the cut arrives: only the way there ends, and with it the connection once the target has seen that. */
    private static void passThere(Socket near, Socket far, long limitBytes) {
        try {
            pass(near, far, limitBytes);
            far.shutdownOutput();
        } catch (IOException e) {
            // The way back has closed both.
        }
    }

    private static void passBack(Socket far, Socket near) {
        try (far;
                near) {
            pass(far, near, Long.MAX_VALUE);
        } catch (IOException e) {
            // One end has gone, and takes the other with it.
        }
    }

    private static void pass(Socket from, Socket to, long limitBytes) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        long passed = 0;
        while (passed < limitBytes) {
            int count = in.read(buffer);
            if (count < 0) {
                return;
            }
            out.write(buffer, 0, count);
            passed += count;
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
