package io.axolotl.server.driver;

import io.axolotl.raft.Ready;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.PeerTransport;

/**
 * Does what a {@link Ready} asks for, and is the one place that knows the order: what rests on nothing is sent first, so
 * that followers write while this node does (thesis §10.2.1); what has to be durable goes to the log writer together with
 * the messages that rest on it; what is committed goes to the applier.
 *
 * <p>Confined to the driver thread. Only hands on, and waits for nobody.
 */
final class ReadyRunner {
    private final PeerTransport transport;
    private final LogWriter logWriter;
    private final Applier applier;

    ReadyRunner(PeerTransport transport, LogWriter logWriter, Applier applier) {
        this.transport = transport;
        this.logWriter = logWriter;
        this.applier = applier;
    }

    /** A peer needs a snapshot that is not there. */
    void makeSnapshot() {
        applier.makeSnapshot();
    }

    void run(Ready ready) {
        for (Envelope envelope : ready.sendNow()) {
            if (envelope.message() instanceof Message.InstallSnapshot && !applier.isTrusted()) {
                // A state in doubt is not handed on.
                applier.withholdSnapshot(envelope.to());
            } else {
                transport.send(envelope);
            }
        }
        if (ready.persistToken() != null
                || ready.hardState() != null
                || !ready.entriesToPersist().isEmpty()
                || !ready.sendAfterPersist().isEmpty()) {
            logWriter.add(ready.hardState(), ready.entriesToPersist(), ready.sendAfterPersist(), ready.persistToken());
        }
        SnapshotMetadata snapshot = ready.snapshotToInstall();
        if (snapshot != null) {
            applier.install(snapshot);
        }
        if (!ready.committed().isEmpty()) {
            applier.apply(ready.committed());
        }
    }
}
