package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to one server, which can be cut again and again. */
final class Cable implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private final int port;

    Cable(int port) throws IOException {
        this.port = port;
        run(() -> {
            while (true) {
                Socket near = listening.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), this.port);
                ends.add(near);
                ends.add(far);
                run(() -> near.getInputStream().transferTo(far.getOutputStream()));
                run(() -> far.getInputStream().transferTo(near.getOutputStream()));
            }
        });
    }

    private interface Passing {
        void pass() throws IOException;
    }

    private static void run(Passing passing) {
        Thread thread = new Thread(
                () -> {
                    try {
                        passing.pass();
                    } catch (IOException e) {
                        assertThat(e).as("it was cut").isNotNull();
                    }
                },
                "cable");
        thread.setDaemon(true);
        thread.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    void cut() throws IOException {
        for (Socket end : ends) {
            end.close();
        }
        ends.clear();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
