package io.axolotl.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A port of the loopback that leads to another one, as a cable does: it can be led elsewhere, broken off, and held. What is held
 * neither arrives nor is lost: bytes, ends of connections and new connections all wait, and go on when it is let go, as they do
 * after a cut that TCP outlasts.
 *
 * <p>The methods are safe for all threads but the event loop's, and what they change is in force when they return; the rest is confined to the event
 * loop.
 */
final class Relay implements AutoCloseable {
    private final EventLoop loop;
    private final Channel listening;

    /** Connections that have come, with whatever they lead to. */
    private final Set<Cable> cables = new LinkedHashSet<>();

    private @Nullable InetSocketAddress target;
    private volatile boolean isHeld;

    /** Leads nowhere at first: who connects is broken off. */
    Relay(EventLoop loop) {
        this.loop = loop;
        this.listening = new ServerBootstrap()
                .group(loop, loop)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel near) {
                        new Cable(near).lay();
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** Where it listens, for as long as it is not closed. */
    InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** From now on connections are led there. */
    void leadTo(InetSocketAddress address) {
        onLoop(() -> target = address);
    }

    /** Breaks off the connections that there are, those that are held once they are let go. */
    void breakOff() {
        onLoop(() -> List.copyOf(cables).forEach(Cable::breakOff));
    }

    /** As {@link #breakOff}, and nobody is there any more. */
    void leadNowhere() {
        onLoop(() -> {
            target = null;
            List.copyOf(cables).forEach(Cable::breakOff);
        });
    }

    void hold(boolean holds) {
        onLoop(() -> {
            if (isHeld != holds) {
                isHeld = holds;
                if (!holds) {
                    List.copyOf(cables).forEach(Cable::letGo);
                }
            }
        });
    }

    boolean isHeld() {
        return isHeld;
    }

    @Override
    public void close() {
        Future<?> unused = listening.close().syncUninterruptibly();
        onLoop(() -> {
            isHeld = false;
            List.copyOf(cables).forEach(Cable::breakOff);
        });
    }

    private void onLoop(Runnable change) {
        Future<?> unused = loop.submit(change).syncUninterruptibly();
    }

    /** One connection and its continuation. */
    private final class Cable {
        private final End near;
        private @Nullable End far;
        private boolean isBegun;
        private boolean isWhole;
        private boolean isBroken;

        Cable(SocketChannel accepted) {
            this.near = new End(this, accepted);
        }

        void lay() {
            cables.add(this);
            near.channel.pipeline().addLast(near);
            if (!isHeld) {
                connect();
            }
        }

        private void connect() {
            InetSocketAddress to = target;
            if (to == null) {
                breakOff();
                return;
            }
            isBegun = true;
            ChannelFuture connecting = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            far = new End(Cable.this, channel);
                            channel.pipeline().addLast(far);
                        }
                    })
                    .connect(to);
            connecting.addListener(ended -> {
                if (!ended.isSuccess() || isBroken) {
                    breakOff();
                    return;
                }
                isWhole = true;
                if (!isHeld) {
                    near.read();
                    otherThan(near).read();
                }
            });
        }

        End otherThan(End end) {
            End other = far;
            return end == near && other != null ? other : near;
        }

        void letGo() {
            if (isBroken) {
                breakOff();
            } else if (!isBegun) {
                connect();
            } else if (isWhole) {
                near.letGo();
                otherThan(near).letGo();
            }
        }

        /** As the end of a process does: the other side hears of it at once. */
        void breakOff() {
            isBroken = true;
            if (isHeld) {
                return;
            }
            cables.remove(this);
            near.reset();
            End other = far;
            if (other != null) {
                other.reset();
            }
        }
    }

    /** One of the two sockets of a cable. */
    private final class End extends ChannelInboundHandlerAdapter {
        private final Cable cable;
        private final SocketChannel channel;
        private final List<Object> held = new ArrayList<>();
        private boolean hasEnded;

        End(Cable cable, SocketChannel channel) {
            this.cable = cable;
            this.channel = channel;
        }

        void read() {
            channel.read();
        }

        /** What was read just before it was held is here. */
        void letGo() {
            List<Object> waiting = List.copyOf(held);
            held.clear();
            waiting.forEach(this::pass);
            if (hasEnded) {
                end();
            } else if (waiting.isEmpty()) {
                read();
            }
        }

        private void pass(Object bytes) {
            Channel to = cable.otherThan(this).channel;
            to.writeAndFlush(bytes).addListener(written -> {
                if (!written.isSuccess()) {
                    cable.breakOff();
                } else if (!isHeld) {
                    read();
                }
            });
        }

        /** Everything has been passed on before: writes of one channel keep their order. */
        private void end() {
            cables.remove(cable);
            Channel to = cable.otherThan(this).channel;
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        void reset() {
            held.forEach(ReferenceCountUtil::release);
            held.clear();
            if (channel.isOpen()) {
                channel.config().setSoLinger(0);
                Future<?> unused = channel.close();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (isHeld) {
                held.add(bytes);
            } else {
                pass(bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            hasEnded = true;
            if (!isHeld) {
                end();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // One side has reset the connection, and so does this: the other side is to hear of it.
            cable.breakOff();
        }
    }
}
