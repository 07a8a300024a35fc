package io.axolotl.jepsen.differential;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchCreateRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** Plays episodes on two servers at once and compares what they say. Confined to one thread. */
final class Trial {
    private final Side one;
    private final Side other;
    private final BiConsumer<Step, Answer> agreed;
    /** The newest revision of the episode. */
    private long newest;

    private long compacted;
    private Duration patience = Duration.ZERO;

    /** @param agreed is told of every step on whose answer both agreed */
    Trial(Side one, Side other, BiConsumer<Step, Answer> agreed) {
        this.one = one;
        this.other = other;
        this.agreed = agreed;
    }

    /**
     * The first difference, if there is one.
     *
     * @param eventPatience an event that takes longer counts as missing
     */
    Optional<Disagreement> play(List<? extends Step> steps, Duration eventPatience) {
        patience = eventPatience;
        newest = Revisions.START;
        compacted = Revisions.START;
        one.begin();
        other.begin();
        try {
            for (int at = 0; at < steps.size(); at++) {
                List<String> difference = take(steps.get(at));
                if (!difference.isEmpty()) {
                    return Optional.of(new Disagreement(List.copyOf(steps.subList(0, at + 1)), difference));
                }
            }
            List<String> difference = settle();
            return difference.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Disagreement(List.copyOf(steps), difference));
        } finally {
            one.end();
            other.end();
        }
    }

    /** @return what the two said, if it differs; nothing otherwise */
    private List<String> take(Step step) {
        if (step instanceof Call<?, ?> call) {
            return call(call);
        }
        if (step instanceof OpenWatch watch) {
            return open(watch);
        }
        // What a watcher was due is not asked of it any more once it is canceled, and progress waits for it.
        List<String> difference = settle();
        if (!difference.isEmpty()) {
            return difference;
        }
        if (step instanceof CancelWatch cancel) {
            return compare(step, one.cancel(cancel), other.cancel(cancel));
        }
        return one.waitsForTheFuture(newest) ? List.of() : compare(step, one.progress(newest), other.progress(newest));
    }

    private List<String> call(Call<?, ?> call) {
        if (call.request() instanceof CompactionRequest compaction) {
            // A watcher that is not there yet could find its events, or the values before them, compacted.
            List<String> difference = settle();
            if (!difference.isEmpty() || one.mayBeCutOffBy(compaction.getRevision())) {
                return difference;
            }
        }
        CompletableFuture<Answer> first = one.call(call);
        CompletableFuture<Answer> second = other.call(call);
        Answer said = first.join();
        Answer alsoSaid = second.join();
        if (!Answer.agree(call, said, alsoSaid)) {
            return List.of(one.name() + ": " + said, other.name() + ": " + alsoSaid);
        }
        said.messages().forEach(message -> newest = Math.max(newest, revisionOf(message)));
        if (call.request() instanceof CompactionRequest compaction && said.isOk()) {
            compacted = compaction.getRevision();
        }
        agreed.accept(call, said);
        return List.of();
    }

    private static long revisionOf(Message answer) {
        FieldDescriptor header = answer.getDescriptorForType().findFieldByName("header");
        return header != null && answer.getField(header) instanceof ResponseHeader filled ? filled.getRevision() : 0;
    }

    /**
     * A watch from exactly the compacted revision begins one later: 3.4.23 has lost the deletions there, which came back with
     * 3.4.34.
     */
    private List<String> open(OpenWatch step) {
        WatchCreateRequest request = step.request();
        OpenWatch adapted = request.getStartRevision() != compacted
                ? step
                : new OpenWatch(
                        step.number(),
                        request.toBuilder().setStartRevision(compacted + 1).build());
        return compare(step, one.open(adapted, compacted), other.open(adapted, compacted));
    }

    private List<String> compare(Step step, Answer said, Answer alsoSaid) {
        if (!said.equals(alsoSaid)) {
            return List.of(one.name() + ": " + said, other.name() + ": " + alsoSaid);
        }
        agreed.accept(step, said);
        return List.of();
    }

    private List<String> settle() {
        Optional<String> wrong = one.settle(newest, patience);
        if (wrong.isPresent()) {
            return List.of(one.name() + ": " + wrong.get());
        }
        Optional<String> alsoWrong = other.settle(newest, patience);
        if (alsoWrong.isPresent()) {
            return List.of(other.name() + ": " + alsoWrong.get());
        }
        List<Event> history = one.history();
        List<Event> otherHistory = other.history();
        return history.equals(otherHistory)
                ? List.of()
                : List.of(
                        one.name() + ": " + Watchers.lines(history),
                        other.name() + ": " + Watchers.lines(otherHistory));
    }
}
