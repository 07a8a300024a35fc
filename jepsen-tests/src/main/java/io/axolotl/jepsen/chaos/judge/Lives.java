package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who was ever a member, as far as clients know, and the calls about each. Confined to one thread. */
final class Lives {
    private final Map<Long, Life> byId = new LinkedHashMap<>();

    private Lives() {}

    /** @param first a list of before the first change */
    static Lives of(MemberCall first, List<MemberCall> calls, Findings findings) {
        Lives lives = new Lives();
        first.members().forEach(row -> lives.byId.put(row.id(), new Life(row, Optional.empty())));
        Set<MemberCall> nameless = new HashSet<>();
        for (MemberCall call : calls) {
            if (call.kind() == Kind.ADD && call.isDone()) {
                Life same = lives.begin(call.id(), call);
                if (same != null) {
                    findings.add("a new member got the id of another one, " + same, call);
                }
            } else if (call.kind() == Kind.ADD && call.mayHaveHappened()) {
                nameless.add(call);
            }
        }
        lives.name(nameless, calls);
        for (MemberCall call : calls) {
            if (call.kind() != Kind.ADD && call.kind() != Kind.LIST) {
                lives.of(call.id()).ifPresent(life -> life.add(call));
            }
        }
        return lives;
    }

    private @Nullable Life begin(long id, MemberCall add) {
        return byId.putIfAbsent(id, new Life(new MemberRow(id, add.url(), add.flag()), Optional.of(add)));
    }

    /** An addition of unknown outcome is known by its address, under which its member was shown before anybody could move it. */
    private void name(Set<MemberCall> nameless, List<MemberCall> calls) {
        Map<Long, Set<String>> shown = new LinkedHashMap<>();
        calls.forEach(call -> call.members()
                .forEach(row ->
                        shown.computeIfAbsent(row.id(), any -> new HashSet<>()).add(row.url())));
        shown.forEach((id, urls) -> {
            if (!byId.containsKey(id)) {
                nameless.stream()
                        .filter(add -> urls.contains(add.url()))
                        .findFirst()
                        .ifPresent(add -> {
                            nameless.remove(add);
                            Life unused = begin(id, add);
                        });
            }
        });
    }

    Optional<Life> of(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    Collection<Life> all() {
        return byId.values();
    }

    @Override
    public String toString() {
        return byId.values().stream().map(Life::toString).collect(Collectors.joining(", "));
    }
}
