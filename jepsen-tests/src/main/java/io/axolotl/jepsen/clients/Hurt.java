package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlException;
import io.axolotl.client.StatusResult;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import java.util.Locale;
import java.util.Optional;

/** What is done to a member while clients are at work, and undone. The ids are those of the fault catalogue. */
enum Hurt {
    /** P1. */
    KILL {
        @Override
        Runnable inflict(Scene scene, ServerProcess victim) {
            victim.kill();
            return victim::start;
        }
    },
    /** P6. */
    PAUSE {
        @Override
        Runnable inflict(Scene scene, ServerProcess victim) {
            victim.pause();
            return victim::resume;
        }
    },
    /** N1, from its peers; clients still reach it. */
    CUT {
        @Override
        Runnable inflict(Scene scene, ServerProcess victim) {
            NodeNetwork network = scene.network.orElseThrow();
            int place = scene.cluster.nodes().indexOf(victim);
            network.cut(place);
            return () -> network.mend(place);
        }
    },
    /** The leader hands over to the victim. If it will not, nothing was done. */
    MOVE {
        @Override
        Runnable inflict(Scene scene, ServerProcess victim) {
            scene.cluster.status(victim).ifPresent(status -> handOver(scene, status));
            return () -> {};
        }
    };

    /** @param network if the nodes have one of their own */
    record Scene(ProcessCluster cluster, Optional<NodeNetwork> network) {}

    /** @return what undoes it */
    abstract Runnable inflict(Scene scene, ServerProcess victim);

    private static void handOver(Scene scene, StatusResult heir) {
        try (var client = scene.cluster.client()) {
            var unused =
                    client.maintenance().moveLeader(heir.header().memberId()).await();
        } catch (AxolotlException e) {
            System.err.println("No leader handed over: " + e.getMessage());
        }
    }

    /** As in the report. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
