package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.order.RevisionOrder;
import java.util.List;

/**
 * Whether revisions agree with real time, over all keys (I5, I6): {@link RevisionOrder} of writes and linearizable reads. Stateless.
 */
public record RevisionsJudge() implements Judge {
    private static final String NAME = "revisions in real time";

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        List<KvCall> done = KvCall.of(history).stream().filter(KvCall::isDone).toList();
        List<RevisionOrder.Answered> answered = done.stream()
                .filter(call -> call.ask().isLinearizable())
                .map(call -> new RevisionOrder.Answered(
                        call.call().invokedNanos(),
                        call.call().returnedNanos(),
                        call.requireAnswer().revision(),
                        call.isEffectiveWrite(),
                        call))
                .toList();
        RevisionOrder.check(answered).ifPresent(findings::add);
        return findings.verdict(
                answered.size(), answered.size() + " writes and linearizable reads are ordered as they happened");
    }
}
