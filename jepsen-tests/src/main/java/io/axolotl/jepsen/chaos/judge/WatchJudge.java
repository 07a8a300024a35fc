package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether watches told what has happened (I8), held against all that anybody was told: ordered (revisions never go back), unique
 * (nothing twice), atomic (a revision in one message), bookmarkable (nothing comes after the bookmark that says it was told),
 * filtered (only what is watched), reliable and resumable (nothing left out, whichever member served it when), with the right
 * previous versions and creations, ended by the server only for history that is gone, never silent for long where the member serves
 * all others; and no event of what was never written.
 * Stateless.
 */
public record WatchJudge() implements Judge {
    private static final String NAME = "watches";

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Map<Long, List<Told>> watches = new TreeMap<>();
        for (Call call : history) {
            if (Told.isTold(call)) {
                Told told = Told.of(call);
                watches.computeIfAbsent(told.watching().watch(), any -> new ArrayList<>())
                        .add(told);
            }
        }
        List<KvCall> calls = KvCall.of(history);
        Chronicle chronicle = Chronicle.of(calls, findings);
        Presence presence = Presence.of(calls);
        List<Compaction> compactions = Compaction.of(history);
        long events = 0;
        for (List<Told> watch : watches.values()) {
            for (Told told : watch) {
                events += told.events().size();
                told.events().forEach(event -> note(event, told.call(), chronicle));
            }
        }
        chronicle.check(true);
        for (List<Told> watch : watches.values()) {
            new WatchTrial(watch.get(0).watching(), chronicle, compactions, presence, findings).run(watch);
        }
        return findings.verdict(
                events,
                watches.size() + " watches were told of " + events + " events, each once, in order, and of all");
    }

    private static void note(Told.Event event, Call source, Chronicle chronicle) {
        chronicle.add(
                event.isDelete()
                        ? new Chronicle.Fact(event.row().key(), event.row().mod(), true, 0, 0, "", source)
                        : Chronicle.Fact.of(event.row(), source));
        if (event.previous() != null) {
            chronicle.add(Chronicle.Fact.of(event.previous(), source));
        }
    }
}
