package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.List;
import java.util.stream.Stream;

/** Lies about what is gone and what is not. */
public enum CompactionLie implements Lie {
    /** A linearizable read of what had been compacted is answered. */
    ANSWERED_THOUGH_GONE {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Compaction> compactions = Compaction.of(calls);
            return readsOfThePast(calls)
                    .filter(read -> read.isRefused()
                            && compactions.stream()
                                    .anyMatch(compaction ->
                                            compaction.revision() > read.ask().at()
                                                    && compaction.call().isDoneBefore(read.call())))
                    .map(read -> Lie.answered(
                            read.call(),
                            new Answer(1_000_000, true, List.of(new Answer.Result(0, List.of()))).toJson()))
                    .toList();
        }
    },
    /** A read of what nobody had asked to compact is refused as compacted, by whichever member. */
    REFUSED_THOUGH_THERE {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Compaction> compactions = Compaction.of(calls);
            return KvCall.of(calls).stream()
                    .filter(read -> read.isDone()
                            && read.ask().at() != 0
                            && compactions.stream()
                                    .noneMatch(compaction ->
                                            compaction.revision() > read.ask().at()
                                                    && compaction.mayHaveHappened()
                                                    && compaction.call().invokedNanos()
                                                            <= read.call().returnedNanos()))
                    .map(read -> Lie.refused(read.call(), MadeCompactions.GONE))
                    .toList();
        }
    },
    /** A linearizable read of what somebody had been told of is refused as of the future. */
    REFUSED_AS_OF_THE_FUTURE {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return readsOfThePast(calls)
                    .filter(read -> parsed.stream()
                            .anyMatch(told -> told.call().isDoneBefore(read.call())
                                    && told.requireAnswer().revision()
                                            >= read.ask().at()))
                    .map(read -> Lie.refused(read.call(), MadeCompactions.FUTURE))
                    .toList();
        }
    },
    /** A compaction at or below one that was acknowledged is acknowledged, too. */
    COMPACTED_AGAIN {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Compaction> compactions = Compaction.of(calls);
            return compactions.stream()
                    .filter(later -> !later.call().isDone()
                            && compactions.stream()
                                    .anyMatch(earlier -> earlier.call().isDoneBefore(later.call())
                                            && earlier.revision() >= later.revision()))
                    .map(later -> Lie.answered(later.call(), MadeCalls.parse("{'revision':1000000}")))
                    .toList();
        }
    };

    private static Stream<KvCall> readsOfThePast(List<Call> calls) {
        return KvCall.of(calls).stream()
                .filter(read -> read.ask().at() != 0 && !read.ask().serializable());
    }
}
