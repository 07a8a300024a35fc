package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.List;

/**
 * Whether history is refused exactly where it is gone (A6, A12): a read at a revision below one that was compacted before it began
 * is refused, if the member had to know; one is refused as compacted only if a compaction above it had begun, and as of the future
 * only if the revision had not been acknowledged. What is answered {@link ChronicleJudge} holds against the rest. Stateless.
 */
public record CompactionJudge() implements Judge {
    private static final String NAME = "compaction";

    /** In the text of the error of who asks for what is yet to come. */
    private static final String FUTURE = "future revision";

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        List<Compaction> compactions = Compaction.of(history);
        long reads = 0;
        long refused = 0;
        List<KvCall> calls = KvCall.of(history);
        for (KvCall call : calls) {
            long at = call.ask().at();
            if (at == 0) {
                continue;
            }
            reads++;
            if (call.isDone()) {
                if (!call.ask().serializable()) {
                    checkAnswered(call, at, compactions, findings);
                }
            } else if (call.call().error().contains(Compaction.COMPACTED)) {
                refused++;
                checkCompacted(call, at, compactions, findings);
            } else if (call.call().error().contains(FUTURE) && !call.ask().serializable()) {
                checkFuture(call, at, calls, findings);
            }
        }
        checkOrder(compactions, findings);
        long done = compactions.stream()
                .filter(compaction -> compaction.call().isDone())
                .count();
        return findings.verdict(
                reads,
                reads + " reads of the past over " + done + " compactions; " + refused
                        + " were refused, each for what was gone");
    }

    private static void checkAnswered(KvCall read, long at, List<Compaction> compactions, Findings findings) {
        for (Compaction compaction : compactions) {
            if (compaction.revision() > at && compaction.call().isDoneBefore(read.call())) {
                findings.add("a read of what was compacted is answered", compaction.call(), read);
                return;
            }
        }
    }

    private static void checkCompacted(KvCall read, long at, List<Compaction> compactions, Findings findings) {
        boolean isDue = compactions.stream()
                .anyMatch(compaction -> compaction.mayHaveHappened()
                        && compaction.revision() > at
                        && compaction.call().invokedNanos() < read.call().returnedNanos());
        if (!isDue) {
            findings.add("a read is refused as compacted, and nobody had asked for that", read);
        }
    }

    private static void checkFuture(KvCall read, long at, List<KvCall> calls, Findings findings) {
        for (KvCall call : calls) {
            if (call.call().isDoneBefore(read.call()) && call.requireAnswer().revision() >= at) {
                findings.add("a read is refused as of the future, and the revision was told before", call, read);
                return;
            }
        }
    }

    /** What is compacted is compacted: a later compaction below or at it has nothing to do, and says so. */
    private static void checkOrder(List<Compaction> compactions, Findings findings) {
        for (Compaction later : compactions) {
            if (later.call().outcome() != Outcome.DONE) {
                continue;
            }
            for (Compaction earlier : compactions) {
                if (earlier.call().isDoneBefore(later.call()) && earlier.revision() >= later.revision()) {
                    findings.add("a compaction was done again below one", earlier.call(), later.call());
                }
            }
        }
    }
}
