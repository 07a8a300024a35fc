package io.axolotl.jepsen.differential;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** Plays episodes on two servers at once and compares what they say. Confined to one thread. */
final class Trial {
    private final Side one;
    private final Side other;
    private final BiConsumer<Call<?, ?>, Answer> agreed;

    /** @param agreed is told of every call on whose answer both agreed */
    Trial(Side one, Side other, BiConsumer<Call<?, ?>, Answer> agreed) {
        this.one = one;
        this.other = other;
        this.agreed = agreed;
    }

    /** The first difference, if there is one. */
    Optional<Disagreement> play(List<Call<?, ?>> calls) {
        one.begin();
        other.begin();
        for (int at = 0; at < calls.size(); at++) {
            Call<?, ?> call = calls.get(at);
            CompletableFuture<Answer> first = one.call(call);
            CompletableFuture<Answer> second = other.call(call);
            Answer said = first.join();
            Answer alsoSaid = second.join();
            if (!Answer.agree(call, said, alsoSaid)) {
                return Optional.of(new Disagreement(
                        calls.subList(0, at + 1), List.of(one.name() + ": " + said, other.name() + ": " + alsoSaid)));
            }
            agreed.accept(call, said);
        }
        return Optional.empty();
    }
}
