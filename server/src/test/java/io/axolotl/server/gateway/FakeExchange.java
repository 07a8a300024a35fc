package io.axolotl.server.gateway;

import io.axolotl.server.http.HttpAnswer;
import io.axolotl.server.http.HttpExchange;
import io.axolotl.server.http.HttpStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A request whose connection is the test: its tasks run when {@link #run} is called, and pieces are taken when the test takes them. */
final class FakeExchange implements HttpExchange {
    static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 50_000);

    private final byte[] body;
    private final List<Map.Entry<String, String>> headers;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    final List<String> pieces = new ArrayList<>();
    private final Queue<Runnable> untaken = new ArrayDeque<>();
    private @Nullable Runnable onGone;

    @Nullable HttpAnswer answer;

    boolean isBegun;
    boolean isEnded;

    FakeExchange(String body, List<Map.Entry<String, String>> headers) {
        this.body = body.getBytes(StandardCharsets.UTF_8);
        this.headers = headers;
    }

    /** Does what there is to do on the connection's thread. */
    void run() {
        for (Runnable task = poll(); task != null; task = poll()) {
            task.run();
        }
    }

    private @Nullable Runnable poll() {
        synchronized (tasks) {
            return tasks.poll();
        }
    }

    /** The client takes the oldest piece. */
    void take() {
        untaken.remove().run();
        run();
    }

    void go() {
        if (onGone != null) {
            onGone.run();
        }
        run();
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String path() {
        return "/";
    }

    @Override
    public List<String> query(String name) {
        return List.of();
    }

    @Override
    public List<String> header(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public List<Map.Entry<String, String>> headers() {
        return headers;
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public SocketAddress client() {
        return CLIENT;
    }

    @Override
    public @Nullable String certificateName() {
        return null;
    }

    @Override
    public boolean isEncrypted() {
        return false;
    }

    @Override
    public Executor executor() {
        return task -> {
            synchronized (tasks) {
                tasks.add(task);
            }
        };
    }

    @Override
    public void addHeader(String name, String value) {}

    @Override
    public void send(HttpAnswer sent) {
        if (answer != null || isBegun) {
            throw new IllegalStateException("answered twice");
        }
        answer = sent;
    }

    @Override
    public HttpStream begin(int status, String contentType) {
        if (answer != null || isBegun) {
            throw new IllegalStateException("answered twice");
        }
        isBegun = true;
        return new HttpStream() {
            @Override
            public void write(byte[] piece, Runnable onTaken) {
                pieces.add(new String(piece, StandardCharsets.UTF_8));
                untaken.add(onTaken);
            }

            @Override
            public void end() {
                isEnded = true;
            }
        };
    }

    @Override
    public void onGone(Runnable action) {
        onGone = action;
    }
}
