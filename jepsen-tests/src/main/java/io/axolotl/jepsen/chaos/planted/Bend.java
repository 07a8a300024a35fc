package io.axolotl.jepsen.chaos.planted;

import io.axolotl.server.Between;
import io.axolotl.server.NodeConfig;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Where a bug is planted in a member, and what does there what is right no more. Immutable. */
@FunctionalInterface
interface Bend {
    /**
     * @param member what it is called
     * @return what it stands on, bent
     */
    NodeConfig.Surroundings in(NodeConfig.Surroundings ground, String member);

    /** In the node that clients are served by. */
    static Bend clients(UnaryOperator<NodeService> bent) {
        return (ground, member) -> with(ground, new Between() {
            @Override
            public NodeService clients(NodeService node) {
                return bent.apply(node);
            }
        });
    }

    /** In the way to the peers. */
    static Bend peers(BiFunction<PeerTransport, PeerInbox, PeerTransport> bent) {
        return (ground, member) -> with(ground, new Between() {
            @Override
            public PeerTransport peers(PeerTransport peers, PeerInbox inbox) {
                return bent.apply(peers, inbox);
            }
        });
    }

    /** In the disk. */
    static Bend disk(UnaryOperator<Disk> bent) {
        return (ground, member) -> new NodeConfig.Surroundings(
                bent.apply(ground.disk()),
                ground.monitor(),
                ground.engines(),
                ground.metrics(),
                ground.route(),
                ground.fatal(),
                ground.between());
    }

    /** In the engine. */
    static Bend engine(UnaryOperator<KvEngine> bent) {
        return (ground, member) -> new NodeConfig.Surroundings(
                ground.disk(),
                ground.monitor(),
                folder -> bent.apply(ground.engines().open(folder)),
                ground.metrics(),
                ground.route(),
                ground.fatal(),
                ground.between());
    }

    /** In one member alone. */
    default Bend of(String only) {
        return (ground, member) -> member.equals(only) ? in(ground, member) : ground;
    }

    private static NodeConfig.Surroundings with(NodeConfig.Surroundings ground, Between between) {
        return new NodeConfig.Surroundings(
                ground.disk(),
                ground.monitor(),
                ground.engines(),
                ground.metrics(),
                ground.route(),
                ground.fatal(),
                between);
    }
}
