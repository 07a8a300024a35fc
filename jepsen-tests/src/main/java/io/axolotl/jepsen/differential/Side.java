package io.axolotl.jepsen.differential;

import com.google.protobuf.Message;
import io.axolotl.client.proto.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A server as an episode sees it. Confined to one thread. */
interface Side {
    /** For reports. */
    String name();

    /**
     * Starts an episode: no keys, no leases, no history, and revision {@link Revisions#START}.
     *
     * @throws io.grpc.StatusRuntimeException if the server does not take part
     */
    void begin();

    /** Sends a call; the next one may be sent when this one is answered. Every ending of a call is an answer. */
    <Q extends Message, A extends Message> CompletableFuture<Answer> call(Call<Q, A> call);

    /**
     * Creates a watcher and waits for the answers.
     *
     * @param compacted the revision up to which the history is compacted
     */
    Answer open(OpenWatch step, long compacted);

    /** Ends a watcher and waits for the answer; what it is due must have been awaited. */
    Answer cancel(CancelWatch step);

    /**
     * Asks for progress until it is told, since a server says nothing while a watcher is on its way (WA-9); what watchers are due
     * must have been awaited.
     *
     * @param revision the newest that the episode has made
     */
    Answer progress(long revision);

    /** Whether a watcher waits for a revision later than the next: then a server may say nothing of progress, or may not (WA-9). */
    boolean waitsForTheFuture(long revision);

    /**
     * Waits until every watcher was told what it is due.
     *
     * @param revision the newest that the episode has made
     * @param patience what takes longer counts as missing
     * @return what is wrong, if anything is
     */
    Optional<String> settle(long revision, Duration patience);

    /**
     * Whether a watcher that asked for history below this revision may still be on its way through it, since nothing that it was
     * told shows that it has arrived. To compact now may end it (WA-4), or not.
     */
    boolean mayBeCutOffBy(long compaction);

    /** All events of the episode that were awaited; none if episodes do not watch. */
    List<Event> history();

    /** Ends the episode. */
    void end();
}
