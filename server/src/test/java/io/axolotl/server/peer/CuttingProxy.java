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
                start(() -> pump(near, far, limit));
                start(() -> pump(far, near, Long.MAX_VALUE));
            }
        } catch (IOException e) {
            // Closed: nothing more is passed on.
        }
    }

    private static void pump(Socket from, Socket to, long limitBytes) {
        byte[] buffer = new byte[BUFFER_BYTES];
        long passed = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (passed < limitBytes) {
                int count = in.read(buffer);
                if (count < 0) {
                    return;
                }
                out.write(buffer, 0, count);
                passed += count;
            }
        } catch (IOException e) {
            // The other direction has closed both.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
