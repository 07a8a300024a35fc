package io.axolotl.server.http;

import io.axolotl.client.tls.CertificateNames;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * What a request is whatever carries it: it is answered once, what it holds comes out of the budget of its port, and who waits for
 * its client to go is told. The public methods are safe for all threads and hop to the event loop of the channel, to which all
 * else is confined.
 */
abstract class LoopExchange implements HttpExchange {
    /** Answers up to this size are sent even when the budget is used up: that a member is sick must not be kept back. */
    private static final int FREE_ANSWER_BYTES = 4096;

    final ChannelHandlerContext context;
    final QueryStringDecoder target;
    private final HttpBudget budget;
    private final List<Map.Entry<String, String>> added = new ArrayList<>();
    private final AtomicBoolean isAnswered = new AtomicBoolean();

    /** Of the budget: of the request, and of what is on its way out. */
    private long heldBytes;

    private boolean isOver;

    /** It was over before the client had its whole answer. */
    private boolean isGone;

    private @Nullable Runnable onGone;

    /** @param heldBytes taken from the budget already */
    LoopExchange(ChannelHandlerContext context, String target, HttpBudget budget, long heldBytes) {
        this.context = context;
        this.target = new QueryStringDecoder(target);
        this.budget = budget;
        this.heldBytes = heldBytes;
    }

    // ---- what its carrier does ----

    abstract void write(HttpAnswer answer);

    abstract void beginPieces(int status, String contentType);

    abstract ChannelFuture writePiece(byte[] piece);

    /** The client has taken a piece, and the next is not here yet. */
    abstract void pieceTaken();

    abstract void endPieces();

    /** Nothing can be said any more: the client takes up where it was. */
    abstract void cutOff();

    // ---- what its carrier says ----

    final boolean isOver() {
        return isOver;
    }

    /** @param isWhole whether the client has its whole answer, as far as anybody can tell */
    final void over(boolean isWhole) {
        if (isOver) {
            return;
        }
        isOver = true;
        isGone = !isWhole;
        Runnable action = onGone;
        onGone = null;
        if (isGone && action != null) {
            action.run();
        }
    }

    /** Percent signs that begin no character; found before a page meets them. */
    final boolean isUndecodable() {
        try {
            target.path();
            target.parameters();
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    final boolean take(long bytes) {
        if (!budget.take(bytes)) {
            return false;
        }
        heldBytes += bytes;
        return true;
    }

    private void give(long bytes) {
        heldBytes -= bytes;
        budget.give(bytes);
    }

    final void giveAll() {
        give(heldBytes);
    }

    /** The headers of an answer that do not depend on what carries it. */
    final void headersTo(String contentType, BiConsumer<String, String> add) {
        synchronized (added) {
            added.forEach(header -> add.accept(header.getKey(), header.getValue()));
        }
        add.accept("x-content-type-options", "nosniff");
        if (!contentType.isEmpty()) {
            add.accept("content-type", contentType);
        }
    }

    // ---- for pages ----

    @Override
    public final String path() {
        return target.path();
    }

    @Override
    public final List<String> query(String name) {
        return target.parameters().getOrDefault(name, List.of());
    }

    @Override
    public final SocketAddress client() {
        return context.channel().remoteAddress();
    }

    @Override
    public final boolean isEncrypted() {
        return context.pipeline().get(SslHandler.class) != null;
    }

    @Override
    public final @Nullable String certificateName() {
        SslHandler secured = context.pipeline().get(SslHandler.class);
        if (secured == null) {
            return null;
        }
        try {
            Certificate shown = secured.engine().getSession().getPeerCertificates()[0];
            return shown instanceof X509Certificate certificate ? CertificateNames.commonName(certificate) : null;
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }

    @Override
    public final Executor executor() {
        return context.executor();
    }

    @Override
    public final void addHeader(String name, String value) {
        synchronized (added) {
            added.add(Map.entry(name, value));
        }
    }

    @Override
    public final void onGone(Runnable action) {
        onLoop(() -> {
            if (isGone) {
                action.run();
            } else if (!isOver) {
                onGone = action;
            }
        });
    }

    @Override
    public final void send(HttpAnswer answer) {
        requireFirst();
        onLoop(() -> {
            if (!isOver) {
                write(affordable(answer));
            }
        });
    }

    private HttpAnswer affordable(HttpAnswer wanted) {
        int bytes = wanted.body().length;
        return bytes <= FREE_ANSWER_BYTES || take(bytes) ? wanted : Http1Collector.overloaded();
    }

    @Override
    public final HttpStream begin(int status, String contentType) {
        requireFirst();
        onLoop(() -> {
            if (!isOver) {
                beginPieces(status, contentType);
            }
        });
        return new Pieces();
    }

    private void requireFirst() {
        if (!isAnswered.compareAndSet(false, true)) {
            throw new IllegalStateException("request " + target.path() + " was answered before");
        }
    }

    private void onLoop(Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
        } else {
            context.executor().execute(task);
        }
    }

    private final class Pieces implements HttpStream {
        @Override
        public void write(byte[] piece, Runnable onTaken) {
            onLoop(() -> {
                if (isOver) {
                    return;
                }
                if (take(piece.length)) {
                    ChannelFuture unused =
                            writePiece(piece).addListener(written -> taken(written.isSuccess(), piece.length, onTaken));
                } else {
                    cutOff();
                }
            });
        }

        private void taken(boolean isTaken, int bytes, Runnable onTaken) {
            if (isOver) {
                return;
            }
            give(bytes);
            if (isTaken) {
                pieceTaken();
                onTaken.run();
            } else {
                cutOff();
            }
        }

        @Override
        public void end() {
            onLoop(() -> {
                if (!isOver) {
                    endPieces();
                }
            });
        }
    }
}
