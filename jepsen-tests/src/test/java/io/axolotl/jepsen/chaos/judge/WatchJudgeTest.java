package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import io.axolotl.jepsen.chaos.kv.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of watches is judged: one lie for each of its validators, and true watches of true histories. */
@DisplayName("I8: watches")
class WatchJudgeTest {
    private static final int CALLS = 80;

    /** What a listener was told at once. */
    private record Message(List<ModelStore.Change> changes, long revision) {}

    private final MadeHistory history = MadeHistory.of(1, CALLS, 4, 0, new MadeAsks(3)::next);
    private final List<Message> messages = messages(history.store(), 1, new SplittableRandom(1));

    /** In messages of one or more whole revisions, with bookmarks between them. */
    private static List<Message> messages(ModelStore store, long from, SplittableRandom random) {
        List<Message> messages = new ArrayList<>();
        List<ModelStore.Change> open = new ArrayList<>();
        long revision = 0;
        for (ModelStore.Change change : store.changes()) {
            if (change.revision() < from) {
                continue;
            }
            if (change.revision() != revision && !open.isEmpty() && random.nextInt(3) == 0) {
                messages.add(new Message(List.copyOf(open), revision));
                open.clear();
                if (random.nextInt(5) == 0) {
                    messages.add(new Message(List.of(), revision));
                }
            }
            revision = change.revision();
            open.add(change);
        }
        messages.add(new Message(List.copyOf(open), revision));
        return messages;
    }

    private static JsonObject output(Message message) {
        JsonObject json = new JsonObject();
        json.addProperty("revision", message.revision);
        JsonArray events = new JsonArray();
        for (ModelStore.Change change : message.changes) {
            JsonArray event = new JsonArray();
            event.add(change.isDelete() ? "DELETE" : "PUT");
            event.add(change.row().toJson());
            if (change.previous() != null) {
                event.add(change.previous().toJson());
            }
            events.add(event);
        }
        json.add("events", events);
        return json;
    }

    private static Verdict judge(List<Call> calls, long from, List<Message> told) {
        MadeCalls made = new MadeCalls();
        made.calls().addAll(calls);
        long clock = 1_000_000;
        JsonObject watching = new Told.Watching(1, "k", true, from, true).toJson();
        for (Message message : told) {
            made.add(77, "told", watching, output(message), Outcome.DONE, "", clock, clock + 1);
            clock += 2;
        }
        return new WatchJudge().judge(made.calls());
    }

    private void seen(String validator, List<Message> told) {
        Verdict verdict = judge(history.calls(), 1, told);
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VIOLATED);
        assertThat(verdict.evidence().stream().filter(line -> !line.startsWith(" ")))
                .as("%s", verdict)
                .anySatisfy(line -> assertThat(line).startsWith(validator));
    }

    private int firstWith(int atLeast) {
        for (int i = 1; i < messages.size() - 1; i++) {
            if (messages.get(i).changes.size() >= atLeast) {
                return i;
            }
        }
        throw new AssertionError("no message of " + atLeast + " changes");
    }

    private List<Message> with(int place, UnaryOperator<Message> bent) {
        List<Message> told = new ArrayList<>(messages);
        told.set(place, bent.apply(told.get(place)));
        return told;
    }

    private static Message without(Message message, int change) {
        List<ModelStore.Change> left = new ArrayList<>(message.changes);
        left.remove(change);
        return new Message(left, message.revision);
    }

    @Test
    void trueWatchesOfTrueHistoriesPass() {
        for (long seed = 0; seed < 60; seed++) {
            MadeHistory made = MadeHistory.of(seed, CALLS, 4, 8, new MadeAsks(3)::next);
            long from = 1 + seed % 20;
            Verdict verdict = judge(made.calls(), from, messages(made.store(), from, new SplittableRandom(seed)));
            assertThat(verdict.kind()).as("seed %d: %s", seed, verdict).isEqualTo(Verdict.Kind.VALID);
        }
    }

    @Test
    void anEventThatIsLeftOutIsSeen() {
        seen("reliable", with(firstWith(2), message -> without(message, 1)));
    }

    @Test
    void aWholeMessageThatIsLeftOutIsSeen() {
        List<Message> told = new ArrayList<>(messages);
        told.remove(firstWith(1));
        seen("reliable", told);
    }

    @Test
    void anEventThatComesTwiceIsSeen() {
        int place = firstWith(1);
        List<Message> told = new ArrayList<>(messages);
        told.add(place + 1, told.get(place));
        seen("unique", told);
    }

    @Test
    void eventsOutOfOrderAreSeen() {
        int place = firstWith(1);
        List<Message> told = new ArrayList<>(messages);
        told.add(told.remove(place));
        seen("ordered", told);
    }

    @Test
    void aRevisionInTwoMessagesIsSeen() {
        // Of a transaction on two keys.
        for (int i = 0; i < messages.size(); i++) {
            List<ModelStore.Change> changes = messages.get(i).changes;
            for (int cut = 1; cut < changes.size(); cut++) {
                if (changes.get(cut - 1).revision() == changes.get(cut).revision()) {
                    List<Message> told = new ArrayList<>(messages);
                    told.set(i, new Message(changes.subList(0, cut), messages.get(i).revision));
                    told.add(i + 1, new Message(changes.subList(cut, changes.size()), messages.get(i).revision));
                    seen("atomic", told);
                    return;
                }
            }
        }
        throw new AssertionError("no transaction on two keys");
    }

    @Test
    void anEventAfterItsBookmarkIsSeen() {
        int place = firstWith(1);
        List<Message> told = new ArrayList<>(messages);
        told.add(place, new Message(List.of(), messages.get(place).revision));
        seen("bookmarkable", told);
    }

    @Test
    void anEventOfWhatIsNotWatchedIsSeen() {
        MadeCalls made = new MadeCalls();
        made.done(Ask.of(Action.put("other", "a")), 1, 2, MadeCalls.wrote(2));
        Message message =
                new Message(List.of(new ModelStore.Change(2, false, MadeCalls.row("other", 2, "a"), null)), 2);
        assertThat(judge(made.calls(), 1, List.of(message)).evidence().get(0)).startsWith("filter");
    }

    private static ModelStore.Change bent(ModelStore.Change change, Row row, @Nullable Row previous) {
        return new ModelStore.Change(change.revision(), change.isDelete(), row, previous);
    }

    private static Row previous(ModelStore.Change change) {
        return Objects.requireNonNull(change.previous());
    }

    private int changed(List<ModelStore.Change> changes) {
        for (int i = 0; i < changes.size(); i++) {
            if (!changes.get(i).isDelete() && changes.get(i).previous() != null) {
                return i;
            }
        }
        return -1;
    }

    private List<Message> bending(UnaryOperator<ModelStore.Change> lie) {
        for (int i = 1; i < messages.size(); i++) {
            List<ModelStore.Change> changes = new ArrayList<>(messages.get(i).changes);
            int place = changed(changes);
            if (place >= 0) {
                changes.set(place, lie.apply(changes.get(place)));
                return with(i, message -> new Message(changes, message.revision));
            }
        }
        throw new AssertionError("nothing was changed twice");
    }

    @Test
    void aWrongPreviousValueIsSeen() {
        seen(
                "two clients were told",
                bending(change -> bent(
                        change,
                        change.row(),
                        new Row(
                                change.row().key(),
                                previous(change).create(),
                                previous(change).mod(),
                                previous(change).version(),
                                "another"))));
    }

    @Test
    void aMissingPreviousValueIsSeen() {
        seen("prevKV", bending(change -> bent(change, change.row(), null)));
    }

    @Test
    void anUpdateToldAsACreationIsSeen() {
        seen("two clients were told", bending(change -> {
            Row row = change.row();
            return bent(change, new Row(row.key(), row.mod(), row.mod(), 1, row.value()), change.previous());
        }));
    }

    @Test
    void anEventOfWhatNobodyWroteIsSeen() {
        long next = history.store().revision() + 1;
        List<Message> told = new ArrayList<>(messages);
        told.add(new Message(
                List.of(new ModelStore.Change(next, false, MadeCalls.row("k9", next, "nobody's"), null)), next));
        seen("nobody ever wrote", told);
    }

    @Test
    void anEndForWhatWasNotCompactedIsSeenAndOneForWhatWasIsNot() {
        for (boolean isCompacted : new boolean[] {true, false}) {
            MadeCalls made = new MadeCalls();
            made.calls().addAll(history.calls());
            if (isCompacted) {
                made.add(
                        5,
                        "compact",
                        Compaction.toJson(20),
                        MadeCalls.parse("{'revision':30}"),
                        Outcome.DONE,
                        "",
                        900,
                        901);
            }
            JsonObject watching = new Told.Watching(1, "k", true, 5, false).toJson();
            JsonObject end = MadeCalls.parse("{'revision':30,'events':[],'canceled':true,'compacted':20}");
            made.add(77, "told", watching, end, Outcome.DONE, "", 1_000, 1_001);
            JsonObject second = new Told.Watching(2, "k", true, 20, false).toJson();
            made.add(
                    78,
                    "told",
                    second,
                    output(messages(history.store(), 20, new SplittableRandom(1))
                            .get(0)),
                    Outcome.DONE,
                    "",
                    1_002,
                    1_003);
            Verdict verdict = new WatchJudge().judge(made.calls());
            assertThat(verdict.kind())
                    .as("%s", verdict)
                    .isEqualTo(isCompacted ? Verdict.Kind.VALID : Verdict.Kind.VIOLATED);
        }
    }

    @Test
    void anEndWithoutAReasonIsSeen() {
        MadeCalls made = new MadeCalls();
        JsonObject end = MadeCalls.parse("{'revision':30,'events':[],'canceled':true,'compacted':0}");
        made.add(77, "told", new Told.Watching(1, "k", true, 5, false).toJson(), end, Outcome.DONE, "", 1, 2);
        assertThat(new WatchJudge().judge(made.calls()).evidence().get(0)).startsWith("resumable");
    }

    @Test
    void aWatchThatHasStoppedToTellIsSeenAtTheEnd() {
        MadeCalls made = new MadeCalls();
        made.calls().addAll(history.calls());
        JsonObject watching = new Told.Watching(1, "k", true, 1, false).toJson();
        made.add(77, "told", watching, output(messages.get(0)), Outcome.DONE, "", 1_000, 1_001);
        watching = watching.deepCopy();
        watching.addProperty("until", history.store().revision());
        JsonObject reached = MadeCalls.parse("{'events':[],'revision':" + messages.get(0).revision + "}");
        made.add(77, Told.REACH, watching, reached, Outcome.DONE, "", 2_000, 2_000);
        Verdict verdict = new WatchJudge().judge(made.calls());
        assertThat(verdict.evidence().get(0)).startsWith("reliable: at the end");
    }

    @Test
    void nothingIsNotValid() {
        assertThat(new WatchJudge().judge(List.of()).kind()).isEqualTo(Verdict.Kind.VOID);
        assertThat(KvCall.of(history.calls())).hasSize(history.calls().size());
    }

    /**
     * A watch of 15 s from revision 1 on member 1, which is told of nothing but its first message, while the member answers reads.
     *
     * @param deafSecond the second from which on the member answers nobody
     */
    private Verdict silence(List<Message> told, int deafSecond) {
        long second = 1_000_000_000L;
        MadeCalls made = new MadeCalls();
        made.calls().addAll(history.calls());
        long revision = history.store().revision();
        JsonObject read = Ask.of(Action.read("elsewhere")).toJson();
        for (int i = 1; i < deafSecond; i++) {
            Answer answer = MadeCalls.found(revision);
            Call served = new Call(
                    made.calls().size(),
                    50,
                    1,
                    "read",
                    read,
                    answer.toJson(),
                    Outcome.DONE,
                    "",
                    i * second,
                    i * second + 1);
            made.calls().add(served);
        }
        JsonObject watching = new Told.Watching(1, "k", true, 1, true).toJson();
        for (Message message : told) {
            made.add(77, "told", watching, output(message), Outcome.DONE, "", second, second + 1);
        }
        made.calls()
                .add(new Call(
                        made.calls().size(),
                        77,
                        1,
                        Told.CLOSED,
                        watching,
                        Told.reached(0),
                        Outcome.DONE,
                        "",
                        second,
                        16 * second));
        return new WatchJudge().judge(made.calls());
    }

    @Test
    void aWatchThatIsSilentForLongOnAMemberThatServesIsSeen() {
        Verdict verdict = silence(messages.subList(0, 1), 17);
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VIOLATED);
        assertThat(verdict.evidence().get(0)).startsWith("reliable: for 10 s");
    }

    @Test
    void aWatchThatToldAllOrWhoseMemberWasCutOffIsNotAccused() {
        assertThat(silence(messages, 17).kind()).isEqualTo(Verdict.Kind.VALID);
        assertThat(silence(messages.subList(0, 1), 10).kind()).isEqualTo(Verdict.Kind.VALID);
    }
}
