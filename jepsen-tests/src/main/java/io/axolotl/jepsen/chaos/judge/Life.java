package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One member: absent, then there at one address after the other, then gone for good. What is known of it, by what was acknowledged and
 * by what linearizable lists showed, has to fit that order. Confined to one thread.
 */
final class Life {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long ALWAYS = Long.MIN_VALUE;

    private final MemberRow born;
    /** Empty of a founder. */
    private final Optional<MemberCall> addition;

    private final List<MemberCall> updates = new ArrayList<>();
    private final List<MemberCall> removals = new ArrayList<>();

    Life(MemberRow born, Optional<MemberCall> addition) {
        this.born = born;
        this.addition = addition;
    }

    /** A call about it. */
    void add(MemberCall call) {
        if (call.kind() == Kind.UPDATE) {
            updates.add(call);
        } else if (call.kind() == Kind.REMOVE) {
            removals.add(call);
        }
    }

    boolean mayBeGoneBy(long nanos) {
        return removals.stream().anyMatch(removal -> removal.mayHaveHappenedBy(nanos));
    }

    /** Whether something else than this update may have moved it by then. */
    boolean mayHaveMovedBy(long nanos, MemberCall than) {
        return updates.stream().anyMatch(update -> !update.equals(than) && update.mayHaveHappenedBy(nanos));
    }

    /** What is wrong with what any list that ended at a moment tells of it. */
    Optional<String> checkRow(MemberRow row, long ended) {
        if (addition.filter(add -> !add.mayHaveHappenedBy(ended)).isPresent()) {
            return Optional.of("a member is shown before it was added");
        }
        boolean isKnown = row.url().equals(born.url())
                || updates.stream().anyMatch(it -> it.url().equals(row.url()) && it.mayHaveHappenedBy(ended));
        if (!isKnown) {
            return Optional.of("nobody has given this member this address");
        }
        boolean mayVote =
                !born.isLearner() || updates.stream().anyMatch(it -> it.flag() && it.mayHaveHappenedBy(ended));
        if (row.isLearner() ? !born.isLearner() : !mayVote) {
            return Optional.of("a member is shown as " + (row.isLearner() ? "a learner" : "a voter") + " and is none");
        }
        return Optional.empty();
    }

    private Optional<MemberRow> in(MemberCall list) {
        return list.members().stream().filter(row -> row.id() == born.id()).findFirst();
    }

    /** What linearizable lists tell of it. */
    void check(List<MemberCall> lists, Findings findings) {
        checkPresence(lists, findings);
        checkAddresses(lists, findings);
    }

    private void checkPresence(List<MemberCall> lists, Findings findings) {
        long hereSince = addition.isEmpty()
                ? ALWAYS
                : addition.filter(MemberCall::isDone).map(Life::ended).orElse(NEVER);
        long goneSince = removals.stream()
                .filter(MemberCall::isDone)
                .mapToLong(Life::ended)
                .min()
                .orElse(NEVER);
        for (MemberCall list : lists) {
            hereSince = in(list).isPresent() ? Math.min(hereSince, ended(list)) : hereSince;
        }
        for (MemberCall list : lists) {
            if (in(list).isEmpty() && list.call().invokedNanos() > hereSince) {
                goneSince = Math.min(goneSince, ended(list));
                if (!mayBeGoneBy(ended(list))) {
                    findings.add("a member is not there, and nobody had removed it: " + born, evidence(list));
                }
            }
        }
        for (MemberCall list : lists) {
            if (in(list).isPresent() && list.call().invokedNanos() > goneSince) {
                findings.add("a member that was gone is there: " + born, evidence(list));
            }
        }
        if (removals.stream().filter(MemberCall::isDone).count() > 1) {
            findings.add("a member was removed twice: " + born, removals.toArray());
        }
    }

    private static long ended(MemberCall call) {
        return call.call().returnedNanos();
    }

    private Object[] evidence(MemberCall list) {
        List<Object> shown = new ArrayList<>();
        addition.ifPresent(shown::add);
        shown.addAll(updates);
        shown.addAll(removals);
        shown.add(list);
        return shown.toArray();
    }

    /** An address that it was given once. Its times say what lists and answers prove. */
    private static final class Address {
        final String url;
        final long givenFrom;
        /** It certainly had been given by then. */
        long givenBy;
        /** The latest beginning of a list that shows it. */
        long shownTo = ALWAYS;

        Address(String url, long givenFrom, long givenBy) {
            this.url = url;
            this.givenFrom = givenFrom;
            this.givenBy = givenBy;
        }
    }

    private void checkAddresses(List<MemberCall> all, Findings findings) {
        if (updates.isEmpty()) {
            return;
        }
        List<MemberCall> lists =
                all.stream().filter(list -> in(list).isPresent()).toList();
        List<Address> addresses = new ArrayList<>();
        addresses.add(new Address(
                born.url(),
                addition.map(add -> add.call().invokedNanos()).orElse(ALWAYS),
                addition.map(add -> add.isDone() ? ended(add) : NEVER).orElse(ALWAYS)));
        updates.stream()
                .filter(MemberCall::mayHaveHappened)
                .map(it -> new Address(it.url(), it.call().invokedNanos(), it.isDone() ? ended(it) : NEVER))
                .forEach(addresses::add);
        for (MemberCall list : lists) {
            in(list).flatMap(row -> addresses.stream()
                            .filter(it -> it.url.equals(row.url()))
                            .findFirst())
                    .ifPresent(address -> {
                        address.givenBy = Math.min(address.givenBy, ended(list));
                        address.shownTo = Math.max(address.shownTo, list.call().invokedNanos());
                    });
        }
        for (Address old : addresses) {
            for (Address fresh : addresses) {
                // Given after the old one, and for sure before a list began that shows the old one still.
                if (old != fresh && old.givenBy < fresh.givenFrom && fresh.givenBy < old.shownTo) {
                    findings.add(
                            "a member is shown at " + old.url + " after it had moved to " + fresh.url,
                            updates.toArray());
                }
            }
        }
        checkTurns(addresses, lists, findings);
    }

    /** No address comes back: not if two lists show it, and one between them another one. The lists all show the member. */
    private void checkTurns(List<Address> addresses, List<MemberCall> lists, Findings findings) {
        for (MemberCall between : lists) {
            Optional<MemberRow> row = in(between);
            for (Address address : addresses) {
                boolean isOther = row.isPresent() && !row.get().url().equals(address.url);
                boolean isShownBefore = lists.stream()
                        .anyMatch(list -> ended(list) < between.call().invokedNanos()
                                && in(list).filter(it -> it.url().equals(address.url))
                                        .isPresent());
                if (isOther && isShownBefore && address.shownTo > ended(between)) {
                    findings.add("an address comes back: " + address.url, between);
                }
            }
        }
    }

    @Override
    public String toString() {
        return born.toString();
    }
}
