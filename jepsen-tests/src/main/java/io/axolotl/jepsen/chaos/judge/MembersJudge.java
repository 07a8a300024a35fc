package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the list of members is one object that clients change (I16): what an acknowledged change did is in every later linearizable
 * list, a change of unknown outcome is in all lists from some moment on or in none, and no list whatsoever shows a member, an address or
 * a vote that nobody asked for, or what was refused.
 *
 * <p>Who is added here is never started: it is a learner to the end, so that no promotion can be acknowledged. There is one learner at a
 * time. A first list, of before all changes, tells of the founders. Stateless.
 */
public record MembersJudge() implements Judge {
    private static final String NAME = "members";

    @Override
    public Verdict judge(List<Call> history) {
        List<MemberCall> calls = MemberCall.of(history);
        Findings findings = new Findings(NAME);
        Optional<MemberCall> first = calls.stream()
                .filter(call -> call.kind() == Kind.LIST && call.isDone())
                .min(Comparator.comparingLong(call -> call.call().returnedNanos()));
        boolean isTold = first.isPresent()
                && calls.stream()
                        .allMatch(call -> call.kind() == Kind.LIST
                                || call.call().invokedNanos()
                                        >= first.get().call().returnedNanos());
        if (!isTold) {
            return new Verdict(NAME, Verdict.Kind.VOID, "there is no list of before the first change", List.of());
        }
        Lives lives = Lives.of(first.get(), calls, findings);
        Set<Long> strange = new HashSet<>();
        long lists = 0;
        for (MemberCall call : calls) {
            if (call.isDone()) {
                lists += call.kind() == Kind.LIST ? 1 : 0;
                checkRows(call, lives, strange, findings);
                checkOwn(call, lives, findings);
            }
        }
        List<MemberCall> linearizable = calls.stream()
                .filter(call -> call.kind() == Kind.LIST && call.isDone() && call.flag())
                .toList();
        lives.all().forEach(life -> life.check(linearizable, findings));
        long changes = calls.stream()
                .filter(call -> call.kind() != Kind.LIST && call.isDone())
                .count();
        long unknown = calls.stream()
                .filter(call -> call.kind() != Kind.LIST && call.mayHaveHappened() && !call.isDone())
                .count();
        return findings.verdict(
                changes,
                changes + " changes of members were acknowledged, " + unknown + " are unknown; " + lists + " lists, "
                        + linearizable.size() + " of them linearizable, show them and nothing else");
    }

    /** What holds of every list, whoever told it. */
    private static void checkRows(MemberCall told, Lives lives, Set<Long> strange, Findings findings) {
        long ended = told.call().returnedNanos();
        Set<String> urls = new HashSet<>();
        Set<Long> ids = new HashSet<>();
        for (MemberRow row : told.members()) {
            if (!urls.add(row.url()) || !ids.add(row.id())) {
                findings.add("two members have one id or one address", told);
            }
            Optional<Life> life = lives.of(row.id());
            if (life.isEmpty()) {
                if (strange.add(row.id())) {
                    findings.add("nobody has added " + row, told);
                }
            } else {
                life.get().checkRow(row, ended).ifPresent(wrong -> findings.add(wrong + ": " + row, told));
            }
        }
        if (told.members().stream().filter(MemberRow::isLearner).count() > 1) {
            findings.add("there are two learners at once", told);
        }
    }

    /** What a change is answered with has the change, unless another one was faster. */
    private static void checkOwn(MemberCall told, Lives lives, Findings findings) {
        long ended = told.call().returnedNanos();
        Optional<MemberRow> row =
                told.members().stream().filter(each -> each.id() == told.id()).findFirst();
        Optional<Life> life = lives.of(told.id());
        switch (told.kind()) {
            case ADD -> {
                if (row.isEmpty() && life.filter(it -> it.mayBeGoneBy(ended)).isEmpty()) {
                    findings.add("the answer to an addition lacks the new member", told);
                }
            }
            case UPDATE -> {
                boolean isThere = row.filter(it -> it.url().equals(told.url())).isPresent();
                boolean isExcused = life.filter(it -> it.mayBeGoneBy(ended) || it.mayHaveMovedBy(ended, told))
                        .isPresent();
                if (!isThere && !isExcused) {
                    findings.add("the answer to an update lacks the new address", told);
                }
            }
            case REMOVE -> {
                if (row.isPresent()) {
                    findings.add("the answer to a removal has the member that was removed", told);
                }
            }
            case PROMOTE ->
                findings.add("a promotion was acknowledged, of a learner that was never started or of a voter", told);
            case LIST -> {
                // There is nothing that it did.
            }
        }
    }
}
