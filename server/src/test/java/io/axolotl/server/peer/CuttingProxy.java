package io.axolotl.server.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/**
 * Passes connections on to one address, holds what comes after so many bytes, and breaks off when told: by then the target has had
 * the time to take what came before, which a broken connection alone would not give it.
 */
final class CuttingProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final CountDownLatch cut = new CountDownLatch(1);
    private volatile long holdAfterBytes = Long.MAX_VALUE;

    CuttingProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    }

    /** For connections that are made from now on. */
    void holdAfter(long bytes) {
        holdAfterBytes = bytes;
    }

    /** Breaks off the connections that hold something back, once and for all. */
    void cut() {
        cut.countDown();
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
                long limit = holdAfterBytes;
                start(() -> passThere(near, far, limit));
                start(() -> passBack(far, near));
            }
        } catch (IOException e) {
            // Closed: nothing more is passed on.
        }
    }

    private void passThere(Socket near, Socket far, long limitBytes) {
        try (near;
                far) {
            if (pass(near, far, limitBytes)) {
                cut.await();
            }
        } catch (IOException e) {
            // The way back has closed both.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void passBack(Socket far, Socket near) {
        try (far;
                near) {
            boolean unused = pass(far, near, Long.MAX_VALUE);
        } catch (IOException e) {
            // One end has gone, and takes the other with it.
        }
    }

    /** @return whether the limit was reached, and not the end */
    private static boolean pass(Socket from, Socket to, long limitBytes) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        long passed = 0;
        while (passed < limitBytes) {
            int count = in.read(buffer);
            if (count < 0) {
                return false;
            }
            out.write(buffer, 0, count);
            passed += count;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
