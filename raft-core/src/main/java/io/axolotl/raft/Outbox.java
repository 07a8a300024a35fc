package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Collects what the steps since the last {@link Ready} have to say.
 *
 * <p>Confined to the driver thread.
 */
final class Outbox {
    private List<Envelope> sendNow = new ArrayList<>();
    private List<Envelope> sendAfterPersist = new ArrayList<>();
    private List<ReadState> readStates = new ArrayList<>();
    private List<ProposalOutcome> proposalOutcomes = new ArrayList<>();
    private List<TraceEvent> trace = new ArrayList<>();

    /** For a message that rests on nothing unsynced. */
    void send(NodeId to, Message message) {
        sendNow.add(new Envelope(to, message));
    }

    /** For a message that promises what is only in memory so far. */
    void sendAfterPersist(NodeId to, Message message) {
        sendAfterPersist.add(new Envelope(to, message));
    }

    void answer(ReadState state) {
        readStates.add(state);
    }

    void answer(ProposalOutcome outcome) {
        proposalOutcomes.add(outcome);
    }

    void trace(TraceEvent event) {
        trace.add(event);
    }

    boolean isEmpty() {
        return sendNow.isEmpty()
                && sendAfterPersist.isEmpty()
                && readStates.isEmpty()
                && proposalOutcomes.isEmpty()
                && trace.isEmpty();
    }

    boolean holdsPromises() {
        return !sendAfterPersist.isEmpty();
    }

    /** Everything that was promised is durable already: promises may leave at once, behind what was to leave anyway. */
    void releasePromises() {
        sendNow.addAll(sendAfterPersist);
        sendAfterPersist.clear();
    }

    List<Envelope> takeSendNow() {
        List<Envelope> taken = sendNow;
        sendNow = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<Envelope> takeSendAfterPersist() {
        List<Envelope> taken = sendAfterPersist;
        sendAfterPersist = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<ReadState> takeReadStates() {
        List<ReadState> taken = readStates;
        readStates = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<ProposalOutcome> takeProposalOutcomes() {
        List<ProposalOutcome> taken = proposalOutcomes;
        proposalOutcomes = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<TraceEvent> takeTrace() {
        List<TraceEvent> taken = trace;
        trace = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }
}
