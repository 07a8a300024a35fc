package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import io.axolotl.jepsen.order.LinearizabilitySearch;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call as one key sees it: a compare-and-set register whose reads tell value, version and revisions. Immutable.
 *
 * @param facts what is known of the key
 * @param countsVersions whether versions must fit; without, a history stays explicable when a write that nobody saw is left out
 */
record KeyStep(KvCall call, String key, KeyFacts facts, boolean countsVersions)
        implements LinearizabilitySearch.Step<KeyState> {
    /** Stands for every value that was never seen. */
    private static final String SOMETHING = "\0";

    private static final int UNSEEN_PUTS = 0;
    private static final int DELETIONS = 1;

    @Override
    public long invokedAt() {
        return call.call().invokedNanos();
    }

    @Override
    public long returnedAt() {
        return call.isDone() ? call.call().returnedNanos() : NEVER;
    }

    /** Puts without a guard that nobody has seen are as good as each other, and so are deletions of unknown outcome. */
    @Override
    public int row() {
        if (call.isDone() || !call.ask().guards().isEmpty()) {
            return SINGLE;
        }
        return call.putOf(key)
                .map(put -> facts.isSeen(put.value()) ? SINGLE : UNSEEN_PUTS)
                .orElse(DELETIONS);
    }

    @Override
    public @Nullable KeyState apply(KeyState state) {
        KeyState after = call.isDone() ? applyAnswered(state, call.requireAnswer()) : applyOpen(state);
        return after == null || countsVersions ? after : after.uncounted();
    }

    private @Nullable KeyState applyOpen(KeyState state) {
        KeyState now = state;
        for (Guard guard : call.ask().guards()) {
            if (guard.key().equals(key)) {
                now = requireGuard(now, guard.mod());
                if (now == null) {
                    return null;
                }
            }
        }
        for (Action action : call.ask().then()) {
            if (action.touches(key) && !action.kind().isRead()) {
                now = applyOpen(now, action);
                if (now == null) {
                    return null;
                }
            }
        }
        return now;
    }

    private @Nullable KeyState applyOpen(KeyState state, Action action) {
        if (action.kind() == Action.Kind.DELETE) {
            return state.delete();
        }
        if (!facts.isSeen(action.value())) {
            return state.put(SOMETHING);
        }
        long known = facts.revisionOf(action.value());
        return known == 0 ? state.put(action.value()) : state.put(action.value(), known);
    }

    private @Nullable KeyState requireGuard(KeyState state, long mod) {
        if (mod == 0) {
            return state.isThere() ? null : state;
        }
        String known = facts.valueOf(mod);
        boolean mayBe = state.isThere() && state.mayBeOf(mod) && (known == null || known.equals(state.value()));
        return mayBe ? state.knownAt(mod) : null;
    }

    private @Nullable KeyState applyAnswered(KeyState state, Answer answer) {
        KeyState now = state;
        for (Guard guard : call.ask().guards()) {
            if (answer.succeeded() && guard.key().equals(key)) {
                now = requireGuard(now, guard.mod());
                if (now == null) {
                    return null;
                }
            }
        }
        if (isDenied(now, answer)) {
            return null;
        }
        boolean isUnchanged = true;
        for (KvCall.Taken taken : call.taken()) {
            if (taken.action().touches(key)) {
                now = applyAnswered(now, taken, answer.revision());
                isUnchanged &= taken.action().kind().isRead();
                // What it has read may tell more of the state in which its guard is said not to have held.
                if (now == null || (isUnchanged && isDenied(now, answer))) {
                    return null;
                }
            }
        }
        return now;
    }

    /** Whether the only guard is said not to have held, and holds. */
    private boolean isDenied(KeyState state, Answer answer) {
        if (answer.succeeded() || call.ask().guards().size() != 1) {
            return false;
        }
        Guard guard = call.ask().guards().get(0);
        return guard.key().equals(key)
                && (guard.mod() == 0
                        ? !state.isThere()
                        : state.isThere() && state.isExact() && state.changed() == guard.mod());
    }

    private @Nullable KeyState applyAnswered(KeyState state, KvCall.Taken taken, long revision) {
        Answer.Result result = taken.result();
        return switch (taken.action().kind()) {
            case PUT -> state.put(taken.action().value(), revision);
            case SWAP -> {
                KeyState seen = see(state, result.rows());
                yield seen == null ? null : seen.put(taken.action().value(), revision);
            }
            case DELETE -> {
                KeyState seen = see(state, result.rows());
                boolean isThere = state.isThere();
                yield seen == null || isThere != (result.deleted() == 1)
                        ? null
                        : isThere ? seen.delete(revision) : seen;
            }
            case READ, LIST -> see(state, result.rows());
        };
    }

    /** The state, known better after it was seen; or null if this cannot be it. */
    private @Nullable KeyState see(KeyState state, List<Row> rows) {
        Row row =
                rows.stream().filter(each -> each.key().equals(key)).findFirst().orElse(null);
        if (row == null) {
            return state.isThere() ? null : state;
        }
        if (!Objects.equals(row.value(), state.value()) || !state.mayBeOf(row.mod())) {
            return null;
        }
        KeyState known = state.knownAt(row.mod());
        boolean fits = !countsVersions || (known.version() == row.version() && known.mayBeMadeAt(row.create()));
        return fits ? known.madeAt(row.create()) : null;
    }
}
