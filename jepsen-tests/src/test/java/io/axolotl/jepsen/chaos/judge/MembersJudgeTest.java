package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of members is judged. One founder; the learner 7 is added at a and may move to b. */
@DisplayName("I16: lists of members")
class MembersJudgeTest {
    private static final int CALLS = 150;
    private static final MemberRow FOUNDER = new MemberRow(1, "http://n1", false);

    private final MadeCalls made = new MadeCalls();

    @BeforeEach
    void begin() {
        listed(0, 1);
    }

    private static List<MemberRow> rows(MemberRow... more) {
        List<MemberRow> rows = new ArrayList<>(List.of(FOUNDER));
        rows.addAll(List.of(more));
        return rows;
    }

    private static MemberRow learner(String url) {
        return new MemberRow(7, url, true);
    }

    private void listed(long from, long to, MemberRow... more) {
        made.add(1, "member-list", MemberCall.list(true), MemberCall.answer(rows(more)), Outcome.DONE, "", from, to);
    }

    private void listedOfThePast(long from, long to, MemberRow... more) {
        made.add(1, "member-list", MemberCall.list(false), MemberCall.answer(rows(more)), Outcome.DONE, "", from, to);
    }

    private void added(String url, long from, long to) {
        made.add(
                2,
                "member-add",
                MemberCall.add(url, true),
                MemberCall.added(7, rows(learner(url))),
                Outcome.DONE,
                "",
                from,
                to);
    }

    private void moved(String url, long from, long to) {
        made.add(
                3,
                "member-update",
                MemberCall.update(7, url, false),
                MemberCall.answer(rows(learner(url))),
                Outcome.DONE,
                "",
                from,
                to);
    }

    private void removed(long from, long to) {
        made.add(4, "member-remove", MemberCall.about(7), MemberCall.answer(rows()), Outcome.DONE, "", from, to);
    }

    private void failed(String kind, com.google.gson.JsonObject input, Outcome outcome, long from, long to) {
        made.add(5, kind, input, KvCall.nothing(), outcome, "made up", from, to);
    }

    private Verdict judged(Verdict.Kind kind) {
        Verdict verdict = new MembersJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(kind);
        return verdict;
    }

    private void violates(String what) {
        assertThat(judged(Verdict.Kind.VIOLATED).evidence()).anyMatch(line -> line.contains(what));
    }

    @Test
    void aWholeLifeIsValid() {
        added("a", 2, 5);
        listed(4, 6, learner("a"));
        moved("b", 7, 9);
        listed(8, 10, learner("b"));
        removed(11, 14);
        listed(12, 13, learner("b"));
        listed(12, 15);
        listed(16, 17);
        listedOfThePast(18, 19, learner("a"));
        assertThat(judged(Verdict.Kind.VALID).summary()).contains("3 changes", "7 lists, 6 of them linearizable");
    }

    @Test
    void anAcknowledgedMemberThatIsNotThereIsSeen() {
        added("a", 2, 5);
        listed(6, 7);
        violates("nobody had removed it");
    }

    @Test
    void aListOfThePastMayLackIt() {
        added("a", 2, 5);
        listedOfThePast(6, 7);
        listed(8, 9, learner("a"));
        judged(Verdict.Kind.VALID);
    }

    @Test
    void aFounderThatIsNotThereIsSeen() {
        added("a", 2, 5);
        made.add(
                1,
                "member-list",
                MemberCall.list(true),
                MemberCall.answer(List.of(learner("a"))),
                Outcome.DONE,
                "",
                6,
                7);
        violates("nobody had removed it: 1 at http://n1");
    }

    @Test
    void aRemovedMemberThatIsThereIsSeen() {
        added("a", 2, 5);
        removed(6, 7);
        listed(8, 9, learner("a"));
        violates("a member that was gone is there");
    }

    @Test
    void aMemberThatNobodyAddedIsSeenInAnyList() {
        added("a", 2, 5);
        listedOfThePast(6, 7, learner("a"), new MemberRow(8, "c", false));
        violates("nobody has added 8 at c");
    }

    @Test
    void anAdditionThatWasRefusedAndIsThereIsSeen() {
        added("a", 2, 3);
        removed(4, 5);
        failed("member-add", MemberCall.add("c", true), Outcome.REFUSED, 6, 7);
        listed(8, 9, new MemberRow(8, "c", true));
        violates("nobody has added 8 at c");
    }

    @Test
    void anUnknownAdditionMayHappenLateOrNever() {
        failed("member-add", MemberCall.add("a", true), Outcome.UNKNOWN, 2, 3);
        failed("member-add", MemberCall.add("c", true), Outcome.UNKNOWN, 2, 3);
        listed(4, 5);
        listed(6, 7, learner("a"));
        removed(8, 9);
        judged(Verdict.Kind.VALID);
    }

    @Test
    @DisplayName("a member of an unknown addition that was shown stays, unless somebody removes it")
    void whatWasShownStays() {
        failed("member-add", MemberCall.add("a", true), Outcome.UNKNOWN, 2, 3);
        listed(6, 7, learner("a"));
        moved("b", 8, 9);
        listed(10, 11);
        violates("nobody had removed it");
    }

    @Test
    void anUnknownRemovalThatWasSeenIsNotUndone() {
        added("a", 2, 3);
        failed("member-remove", MemberCall.about(7), Outcome.UNKNOWN, 4, 5);
        listed(6, 7, learner("a"));
        listed(8, 9);
        judged(Verdict.Kind.VALID);
        listed(10, 11, learner("a"));
        violates("a member that was gone is there");
    }

    @Test
    void anOldAddressIsSeen() {
        added("a", 2, 3);
        moved("b", 4, 5);
        listed(6, 7, learner("a"));
        violates("a member is shown at a after it had moved to b");
    }

    @Test
    @DisplayName("two moves at once may come in either order, and then stay in it")
    void movesAtOnceHaveAnOrder() {
        added("a", 2, 3);
        moved("b", 4, 9);
        moved("c", 5, 9);
        listed(10, 11, learner("b"));
        judged(Verdict.Kind.VALID);
        listed(12, 13, learner("c"));
        listed(14, 15, learner("b"));
        violates("an address comes back: b");
    }

    @Test
    void anAddressThatNobodyGaveIsSeen() {
        added("a", 2, 3);
        failed("member-update", MemberCall.update(7, "b", false), Outcome.REFUSED, 4, 5);
        listedOfThePast(6, 7, learner("b"));
        violates("nobody has given this member this address");
    }

    @Test
    void aVoteOfALearnerIsSeenUnlessTheSystemIsKnownToShowOne() {
        added("a", 2, 3);
        made.add(
                3,
                "member-update",
                MemberCall.update(7, "b", true),
                MemberCall.answer(rows(new MemberRow(7, "b", false))),
                Outcome.DONE,
                "",
                4,
                5);
        listed(6, 7, new MemberRow(7, "b", false));
        judged(Verdict.Kind.VALID);
        listed(3, 4, new MemberRow(7, "a", false));
        violates("shown as a voter");
    }

    @Test
    void aPromotionOfALearnerThatWasNeverStartedIsSeen() {
        added("a", 2, 3);
        failed("member-promote", MemberCall.about(7), Outcome.REFUSED, 4, 5);
        judged(Verdict.Kind.VALID);
        made.add(
                3,
                "member-promote",
                MemberCall.about(7),
                MemberCall.answer(rows(learner("a"))),
                Outcome.DONE,
                "",
                6,
                7);
        violates("a promotion was acknowledged");
    }

    @Test
    void twoLearnersAtOnceOrTwoMembersAtOneAddressAreSeen() {
        added("a", 2, 3);
        failed("member-add", MemberCall.add("c", true), Outcome.UNKNOWN, 4, 5);
        listed(6, 7, learner("a"), new MemberRow(8, "c", true));
        violates("two learners at once");
        listed(8, 9, learner("http://n1"));
        violates("two members have one id or one address");
    }

    @Test
    void anAnswerWithoutWhatItAnswersIsSeen() {
        made.add(2, "member-add", MemberCall.add("a", true), MemberCall.added(7, rows()), Outcome.DONE, "", 2, 3);
        violates("the answer to an addition lacks the new member");
    }

    @Test
    void withoutAListOfTheBeginningThereIsNothingToSay() {
        assertThat(new MembersJudge().judge(List.of()).kind()).isEqualTo(Verdict.Kind.VOID);
        judged(Verdict.Kind.VOID);
        MadeCalls late = new MadeCalls();
        late.add(2, "member-add", MemberCall.add("a", true), KvCall.nothing(), Outcome.UNKNOWN, "", 0, 9);
        late.add(1, "member-list", MemberCall.list(true), MemberCall.answer(rows()), Outcome.DONE, "", 1, 2);
        assertThat(new MembersJudge().judge(late.calls()).kind()).isEqualTo(Verdict.Kind.VOID);
    }

    @Test
    @DisplayName("true histories pass; with one lie in them they do not")
    void acceptsTrueHistoriesAndSeesLies() {
        Proof.of(new MembersJudge(), seed -> MadeMembers.calls(seed, CALLS), MembersLie.values());
    }
}
