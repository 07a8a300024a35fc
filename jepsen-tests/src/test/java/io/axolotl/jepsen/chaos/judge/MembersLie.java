package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Lies about a valid history of members, each of which no correct cluster can have told. */
public enum MembersLie implements Lie {
    /** A list lacks a member that was there for certain. */
    LACKS {
        @Override
        List<Call> among(List<MemberCall> calls) {
            List<Call> lies = new ArrayList<>();
            news(calls)
                    .forEach(list -> list.members().stream()
                            .filter(row ->
                                    isAddedBefore(calls, row.id(), list) && !mayBeRemovedIn(calls, row.id(), list))
                            .forEach(row -> lies.add(showing(list, rows -> without(rows, row.id())))));
            return lies;
        }
    },
    /** A list has a member that was removed for certain. */
    HAS_A_GHOST {
        @Override
        List<Call> among(List<MemberCall> calls) {
            List<Call> lies = new ArrayList<>();
            for (MemberCall add : done(calls, Kind.ADD).toList()) {
                done(calls, Kind.REMOVE)
                        .filter(removal -> removal.id() == add.id())
                        .forEach(removal -> news(calls)
                                .filter(list -> removal.call().isDoneBefore(list.call())
                                        && list.members().stream().noneMatch(MemberRow::isLearner))
                                .forEach(list -> lies.add(showing(
                                        list, rows -> with(rows, new MemberRow(add.id(), add.url(), true))))));
            }
            return lies;
        }
    },
    /** A list, even one of the past, has a member that nobody added. */
    HAS_A_STRANGER {
        @Override
        List<Call> among(List<MemberCall> calls) {
            return calls.stream()
                    .filter(call -> call.isDone() && call.members().size() == 3)
                    .skip(1)
                    .map(list -> showing(list, rows -> with(rows, new MemberRow(99, "http://stranger", true))))
                    .toList();
        }
    },
    /** A list shows an address that had been given up for certain. */
    AN_OLD_ADDRESS {
        @Override
        List<Call> among(List<MemberCall> calls) {
            List<Call> lies = new ArrayList<>();
            for (MemberCall add : done(calls, Kind.ADD).toList()) {
                done(calls, Kind.UPDATE)
                        .filter(update -> update.id() == add.id() && add.call().isDoneBefore(update.call()))
                        .forEach(update -> news(calls)
                                .filter(list -> update.call().isDoneBefore(list.call())
                                        && list.members().stream().anyMatch(row -> row.id() == add.id()))
                                .forEach(list -> lies.add(showing(
                                        list,
                                        rows -> with(
                                                without(rows, add.id()), new MemberRow(add.id(), add.url(), true))))));
            }
            return lies;
        }
    },
    /** A list has a learner as a voter. */
    A_VOTE {
        @Override
        List<Call> among(List<MemberCall> calls) {
            List<Call> lies = new ArrayList<>();
            for (MemberCall list : calls) {
                list.members().stream()
                        .filter(MemberRow::isLearner)
                        .forEach(row -> lies.add(showing(
                                list,
                                rows -> with(without(rows, row.id()), new MemberRow(row.id(), row.url(), false)))));
            }
            return lies;
        }
    },
    /** An addition or update that a list shows is said to have been refused. */
    REFUSED_BUT_SHOWN {
        @Override
        List<Call> among(List<MemberCall> calls) {
            return Stream.of(Kind.ADD, Kind.UPDATE)
                    .flatMap(kind -> done(calls, kind))
                    .filter(change -> calls.stream()
                            .filter(list -> list.kind() == Kind.LIST)
                            .flatMap(list -> list.members().stream())
                            .anyMatch(row -> row.url().equals(change.url())))
                    .map(change -> Lie.refused(change.call(), "a lie"))
                    .toList();
        }
    };

    /** @param calls of a history, those on members */
    abstract List<Call> among(List<MemberCall> calls);

    @Override
    public List<Call> all(List<Call> calls) {
        return among(MemberCall.of(calls));
    }

    private static Stream<MemberCall> done(List<MemberCall> calls, Kind kind) {
        return calls.stream().filter(call -> call.kind() == kind && call.isDone());
    }

    /** Linearizable lists, without that of the beginning. */
    private static Stream<MemberCall> news(List<MemberCall> calls) {
        return done(calls, Kind.LIST).filter(MemberCall::flag).skip(1);
    }

    private static boolean isAddedBefore(List<MemberCall> calls, long id, MemberCall list) {
        return id <= 3
                || done(calls, Kind.ADD)
                        .anyMatch(add -> add.id() == id && add.call().isDoneBefore(list.call()));
    }

    private static boolean mayBeRemovedIn(List<MemberCall> calls, long id, MemberCall list) {
        return calls.stream()
                .anyMatch(call -> call.kind() == Kind.REMOVE
                        && call.id() == id
                        && call.mayHaveHappenedBy(list.call().returnedNanos()));
    }

    private static List<MemberRow> without(List<MemberRow> rows, long id) {
        return rows.stream().filter(row -> row.id() != id).toList();
    }

    private static List<MemberRow> with(List<MemberRow> rows, MemberRow one) {
        List<MemberRow> more = new ArrayList<>(rows);
        more.add(one);
        return more;
    }

    private static Call showing(MemberCall was, UnaryOperator<List<MemberRow>> bend) {
        List<MemberRow> rows = bend.apply(was.members());
        return Lie.answered(
                was.call(), was.kind() == Kind.ADD ? MemberCall.added(was.id(), rows) : MemberCall.answer(rows));
    }
}
