package io.axolotl.server;

import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.nio.NioIoHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what every server needs and what takes long to load, on a thread of its own, while the settings are still being read:
 * RocksDB's library, and the classes under the ports. A start takes a fifth less on two processors, and no longer on one.
 *
 * <p>It is over before the server itself starts: threads that initialize the same classes in different orders could wait for
 * each other for ever.
 */
final class Forerun {
    private static final Logger log = LoggerFactory.getLogger(Forerun.class);

    private final Thread thread;

    private Forerun(Thread thread) {
        this.thread = thread;
    }

    static Forerun begin(FatalHandler fatal) {
        Forerun forerun = new Forerun(ProcessThreads.named("axolotl-forerun", Forerun::load, fatal));
        forerun.thread.start();
        return forerun;
    }

    /** Waits until all of it is loaded. */
    void await() throws InterruptedException {
        thread.join();
    }

    private static void load() {
        try {
            RocksDbEngine.loadAhead();
            ServiceDescriptor peers = PeerGrpc.getServiceDescriptor();
            log.debug(
                    "loaded ahead: {}, {}, {}, {}",
                    peers.getName(),
                    NettyServerBuilder.forPort(0),
                    NioIoHandler.newFactory(),
                    ByteBufAllocator.DEFAULT);
        } catch (RuntimeException | LinkageError e) {
            // The start meets it again, where it is known what it means.
            log.debug("not everything could be loaded ahead", e);
        }
    }
}
