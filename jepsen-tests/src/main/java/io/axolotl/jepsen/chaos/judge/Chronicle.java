package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What each key was at each revision, as far as anybody was told: by the answer to a write, by a read, by an event. What is
 * missing in it may have happened; what is in it has, if the store tells the truth.
 *
 * <p>Filled first and asked then; confined to one thread.
 */
final class Chronicle {
    /**
     * One change of one key.
     *
     * @param create revision at which the key was made; 0 if nobody was told
     * @param version 0 if nobody was told
     * @param value empty for a deletion
     * @param source the call that told of it first
     */
    record Fact(String key, long mod, boolean isDelete, long create, long version, String value, Call source) {
        static Fact of(Row row, Call source) {
            return new Fact(row.key(), row.mod(), false, row.create(), row.version(), row.value(), source);
        }

        private boolean agrees(Fact other) {
            return isDelete == other.isDelete
                    && value.equals(other.value)
                    && (create == 0 || other.create == 0 || create == other.create)
                    && (version == 0 || other.version == 0 || version == other.version);
        }

        private Fact with(Fact other) {
            return create == 0 && other.create != 0
                    ? new Fact(key, mod, isDelete, other.create, other.version, value, source)
                    : this;
        }

        @Override
        public String toString() {
            String what = isDelete ? "deleted" : "put \"" + value + "\"" + (version == 0 ? "" : ", version " + version);
            return key + " " + what + " at revision " + mod + ", as told by " + source;
        }
    }

    private record Written(String key, String value) {}

    private final Findings findings;
    private final NavigableMap<String, NavigableMap<Long, Fact>> byKey = new TreeMap<>();
    private final Map<Written, List<KvCall>> writers = new HashMap<>();
    private final Set<String> vanishing = new HashSet<>();
    private long facts;

    private Chronicle(Findings findings) {
        this.findings = findings;
    }

    /**
     * Gathers what calls were told.
     *
     * @param findings gets what contradicts each other
     */
    static Chronicle of(Collection<KvCall> calls, Findings findings) {
        Chronicle chronicle = new Chronicle(findings);
        for (KvCall call : calls) {
            call.ask().then().forEach(action -> chronicle.intends(call, action));
            call.ask().otherwise().forEach(action -> chronicle.intends(call, action));
        }
        calls.forEach(chronicle::take);
        return chronicle;
    }

    private void intends(KvCall call, Action action) {
        if (action.kind() == Action.Kind.DELETE && call.call().outcome() == Outcome.UNKNOWN) {
            vanishing.add(action.key());
        }
        if (action.kind().isPut()) {
            writers.computeIfAbsent(new Written(action.key(), action.value()), any -> new ArrayList<>(1))
                    .add(call);
        }
    }

    private void take(KvCall call) {
        for (KvCall.Taken taken : call.taken()) {
            Action action = taken.action();
            long revision = call.requireAnswer().revision();
            if (action.kind().isPut()) {
                add(new Fact(action.key(), revision, false, 0, 0, action.value(), call.call()));
            } else if (taken.result().deleted() > 0) {
                add(new Fact(action.key(), revision, true, 0, 0, "", call.call()));
            }
            for (Row row : taken.result().rows()) {
                add(Fact.of(row, call.call()));
            }
        }
    }

    /** Somebody was told of this. */
    void add(Fact fact) {
        facts++;
        NavigableMap<Long, Fact> history = byKey.computeIfAbsent(fact.key, any -> new TreeMap<>());
        Fact known = history.get(fact.mod);
        if (known == null) {
            history.put(fact.mod, fact);
        } else if (known.agrees(fact)) {
            history.put(fact.mod, known.with(fact));
        } else {
            findings.add("two clients were told different things of one revision", known, fact);
        }
    }

    /** How many times anybody was told of anything. */
    long facts() {
        return facts;
    }

    NavigableMap<Long, Fact> history(String key) {
        return Collections.unmodifiableNavigableMap(byKey.getOrDefault(key, Collections.emptyNavigableMap()));
    }

    /** Keys that begin with this, in order. */
    Collection<String> keys(String prefix) {
        return byKey.subMap(prefix, true, prefix + Character.MAX_VALUE, false).keySet();
    }

    /** Whether it may have been deleted without anybody having been told. */
    boolean mayHaveVanished(String key) {
        return vanishing.contains(key);
    }

    Collection<String> keys() {
        return byKey.keySet();
    }

    /** The last known change of a key up to and with this revision. */
    Optional<Fact> newest(String key, long revision) {
        return Optional.ofNullable(history(key).floorEntry(revision)).map(Map.Entry::getValue);
    }

    /**
     * What cannot be, whatever else happened: values that nobody wrote, or whose write was refused; writes at another revision
     * than they were acknowledged at; versions that do not count up; a guarded write over a change that its guard excludes.
     *
     * @param hasUniqueValues whether no two writes of one key write the same
     */
    void check(boolean hasUniqueValues) {
        for (NavigableMap<Long, Fact> history : byKey.values()) {
            Map<String, Fact> byValue = new HashMap<>();
            Fact before = null;
            for (Fact fact : history.values()) {
                if (before != null) {
                    checkStep(before, fact);
                }
                before = fact;
                if (!fact.isDelete) {
                    checkOrigin(fact, hasUniqueValues);
                    Fact same = byValue.put(fact.value, fact);
                    if (hasUniqueValues && same != null) {
                        findings.add("one write was executed twice", same, fact);
                    }
                }
            }
        }
    }

    private void checkStep(Fact before, Fact after) {
        if (after.version == 0) {
            return;
        }
        if (after.create > after.mod || (after.create == after.mod) != (after.version == 1)) {
            findings.add("version and revisions of a key do not fit together", after);
        } else if (before.isDelete ? after.create <= before.mod : isOutOfStep(before, after)) {
            findings.add("the version of a key does not follow from the change before", before, after);
        }
    }

    private static boolean isOutOfStep(Fact before, Fact after) {
        if (after.create > before.mod) {
            // It was deleted and made anew in between, and nobody told of that.
            return false;
        }
        return before.version != 0 && (before.create != after.create || after.version <= before.version);
    }

    private void checkOrigin(Fact fact, boolean hasUniqueValues) {
        List<KvCall> candidates = writers.getOrDefault(new Written(fact.key, fact.value), List.of());
        if (candidates.isEmpty()) {
            findings.add("nobody ever wrote this", fact);
        } else if (candidates.stream().allMatch(KvCall::isRefused)) {
            findings.add("a write that was refused has taken effect", fact, candidates.get(0));
        } else if (hasUniqueValues && candidates.size() == 1) {
            checkWriter(fact, candidates.get(0));
        }
    }

    private void checkWriter(Fact fact, KvCall writer) {
        if (writer.isDone()) {
            if (writer.putOf(fact.key)
                    .filter(put -> put.value().equals(fact.value))
                    .isEmpty()) {
                findings.add("a write whose guard had failed has taken effect", fact, writer);
            } else if (writer.requireAnswer().revision() != fact.mod) {
                findings.add("a write took effect at another revision than it was acknowledged at", fact, writer);
            }
        }
        boolean hasPassed =
                writer.ask().then().stream().anyMatch(action -> action.value().equals(fact.value));
        if (hasPassed) {
            for (Guard guard : writer.ask().guards()) {
                checkGuard(fact, guard, writer);
            }
        }
    }

    private void checkGuard(Fact fact, Guard guard, KvCall writer) {
        Map.Entry<Long, Fact> before = history(guard.key()).lowerEntry(fact.mod);
        if (before == null) {
            return;
        }
        // Of a deletion nobody may have been told: only what the put itself shows counts there.
        boolean wasThere = fact.key.equals(guard.key()) && fact.version > 1;
        if (guard.mod() == 0 ? wasThere : before.getKey() > guard.mod()) {
            findings.add(
                    "a guarded write was executed over a change that its guard excludes", before.getValue(), writer);
        }
    }
}
