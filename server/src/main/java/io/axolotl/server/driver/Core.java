package io.axolotl.server.driver;

import io.axolotl.raft.ElectionTimeouts;
import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.Ready;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The Raft core as the driver sees it: a {@link RaftNode}, or one that somebody looks at from all sides. In a simulation the
 * judge stands here, between what the core says and what is made of it.
 *
 * <p>Methods as in {@link RaftNode}. Confined to the driver thread.
 */
interface Core {
    void step(Input input);

    Ready takeReady();

    NodeView view();

    EntryId logPrevious();

    /** Makes the core of a node that starts. */
    @FunctionalInterface
    interface Maker {
        Core make(Start start);
    }

    /** What a core starts from; as {@link RaftNode} takes it. */
    record Start(
            NodeId self,
            RaftConfig config,
            ElectionTimeouts timeouts,
            HardState hardState,
            SnapshotMetadata snapshot,
            LogReader log,
            long appliedIndex,
            @Nullable VoteEmbargo embargo,
            long nowNanos) {

        Start withLog(LogReader other) {
            return new Start(self, config, timeouts, hardState, snapshot, other, appliedIndex, embargo, nowNanos);
        }
    }

    /** The core itself. */
    static Core of(Start start) {
        RaftNode node = new RaftNode(
                start.self,
                start.config,
                start.timeouts,
                start.hardState,
                start.snapshot,
                start.log,
                start.appliedIndex,
                start.embargo,
                start.nowNanos);
        return new Core() {
            @Override
            public void step(Input input) {
                node.step(input);
            }

            @Override
            public Ready takeReady() {
                return node.takeReady();
            }

            @Override
            public NodeView view() {
                return node.view();
            }

            @Override
            public EntryId logPrevious() {
                return node.logPrevious();
            }
        };
    }
}
