package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.CommandArbitraries;
import io.axolotl.storage.mvcc.ModelKv;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Calls that come again, and again, in any order, held against a plain model: whatever runs, crashes and replays lie in between. */
class SessionProperties {
    private static final byte[] OPEN = {0};
    private static final long TERM = 1;
    private static final int MAX_SESSIONS = 3;
    private static final int IDLE = 120;
    private static final int POOL = 12;

    /** What is in one entry. */
    record Step(@Nullable CallId call, Command command) {
        Caller caller() {
            return Caller.NOBODY.making(call);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Command> ofKeys = CommandArbitraries.commands().filter(command -> command instanceof Command.Op);
        return ofKeys.list().ofSize(POOL).flatMap(SessionProperties::steps);
    }

    /** @param pool from which the same call mostly takes the same */
    private static Arbitrary<List<Step>> steps(List<Command> pool) {
        Arbitrary<Long> sessions = Arbitraries.longs().between(1, 5);
        Arbitrary<CallId> calls = Combinators.combine(
                        sessions,
                        Arbitraries.of(0, 0, 1, 1_023),
                        Arbitraries.longs().between(1, 4))
                .as(CallId::new);
        Arbitrary<Step> numbered = Combinators.combine(calls, Arbitraries.of(0, 0, 0, 0, 1))
                .as((call, other) -> new Step(call, pool.get((int)
                        ((call.session() * 5 + call.slot() * 3L + call.sequence() * 7 + other) % POOL))));
        Arbitrary<Step> opened = sessions.map(id -> new Step(null, new Command.OpenSession(id, MAX_SESSIONS)));
        Arbitrary<Step> timed = Combinators.combine(
                        Arbitraries.integers().between(0, 90), Arbitraries.of(TERM, TERM, TERM, TERM + 1))
                .as((seconds, term) -> new Step(null, new Command.PassTime(term, seconds, IDLE)));
        Arbitrary<Step> plain = CommandArbitraries.commands().map(command -> new Step(null, command));
        return Arbitraries.frequencyOf(
                        Tuple.of(12, numbered), Tuple.of(3, opened), Tuple.of(2, timed), Tuple.of(2, plain))
                .list()
                .ofMinSize(5)
                .ofMaxSize(100);
    }

    /** What must have come of it, told as plainly as possible. */
    private static final class Model {
        private final ModelKv keys = new ModelKv();
        private final Map<Long, Open> sessions = new TreeMap<>();
        private long now;

        private static final class Open {
            private long used;
            private final Map<Integer, Long> numbers = new TreeMap<>();
            private final Map<Integer, CommandResult> results = new TreeMap<>();
            private final Map<Integer, byte[]> wanted = new TreeMap<>();
        }

        /** @return null for commands whose result is not looked at */
        @Nullable CommandResult apply(Step step) {
            if (step.command instanceof Command.OpenSession open) {
                return open(open.id());
            } else if (step.command instanceof Command.PassTime time) {
                if (time.term() == TERM) {
                    now += time.seconds();
                    sessions.values().removeIf(session -> now - session.used >= IDLE);
                }
                return null;
            }
            return step.call == null ? keys.apply(step.command) : call(step.call, step.command);
        }

        private @Nullable CommandResult open(long id) {
            Open there = sessions.get(id);
            if (there != null && there.results.isEmpty()) {
                return null;
            } else if (there != null) {
                return new CommandResult.Refused(Refusal.SESSION_EXISTS);
            }
            if (sessions.size() == MAX_SESSIONS) {
                long idlest = sessions.values().stream()
                        .mapToLong(session -> session.used)
                        .min()
                        .orElseThrow();
                if (now - idlest < 95) {
                    return new CommandResult.Refused(Refusal.TOO_MANY_SESSIONS);
                }
                long gone = sessions.entrySet().stream()
                        .filter(session -> session.getValue().used == idlest)
                        .mapToLong(Map.Entry::getKey)
                        .min()
                        .orElseThrow();
                sessions.remove(gone);
            }
            Open opened = new Open();
            opened.used = now;
            sessions.put(id, opened);
            return null;
        }

        private CommandResult call(CallId call, Command command) {
            Open session = sessions.get(call.session());
            if (session == null) {
                return new CommandResult.Refused(Refusal.SESSION_UNKNOWN);
            }
            long last = session.numbers.getOrDefault(call.slot(), 0L);
            if (call.sequence() < last) {
                return new CommandResult.Refused(Refusal.CALL_PASSED);
            }
            byte[] wanted = CommandCodec.encode(new RequestId(1, 1), command);
            if (call.sequence() == last && !Arrays.equals(wanted, session.wanted.get(call.slot()))) {
                return new CommandResult.Refused(Refusal.CALL_DIFFERS);
            }
            session.used = now;
            if (call.sequence() > last) {
                session.wanted.put(call.slot(), wanted);
                CommandResult result = keys.apply(command);
                session.numbers.put(call.slot(), call.sequence());
                session.results.put(
                        call.slot(),
                        result instanceof CommandResult.Refused refused
                                ? new CommandResult.Refused(refused.why(), true)
                                : result);
            }
            return Objects.requireNonNull(session.results.get(call.slot()));
        }
    }

    @Property(tries = 200)
    @Label("pitfall 51, I7: results, keys and sessions are those of the model, and every call is executed once at most")
    void equalsTheModel(@ForAll("steps") List<Step> steps, @ForAll long seed) {
        Random random = new Random(seed);
        Log log = new Log();
        Model model = new Model();
        List<@Nullable CommandResult> expected = new ArrayList<>();
        for (Step step : steps) {
            log.append(step.caller(), step.command);
            expected.add(model.apply(step));
        }
        MemoryEngine engine = MemoryEngine.inMemory();
        KvStateMachine store = open(engine, random);
        while (store.applied().index() < steps.size()) {
            int chance = random.nextInt(8);
            if (chance == 0) {
                store.flush();
            } else if (chance == 1) {
                engine = engine.crash();
                store = open(engine, random);
            } else {
                List<Entry> rest = log.after(store.applied().index());
                boolean isAwaited = random.nextBoolean();
                for (Applied applied : store.apply(rest.subList(0, 1 + random.nextInt(rest.size())), id -> isAwaited)) {
                    CommandResult wanted = expected.get((int) applied.id().index() - 1);
                    if (wanted != null && isAwaited) {
                        assertSame(applied, wanted);
                    }
                }
            }
        }
        assertThat(store.revision()).isEqualTo(model.keys.revision());
        assertThat(((RangeAnswer.Found) store.range(RangeQuery.ofRange(OPEN, OPEN))).kvs())
                .usingRecursiveComparison()
                .isEqualTo(model.keys.keyValues());
        assertThat(store.sessionCount()).isEqualTo(model.sessions.size());
        KvStateMachine plain = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        while (plain.applied().index() < steps.size()) {
            plain.apply(log.after(plain.applied().index()));
        }
        assertThat(store.historyDigest()).isEqualTo(plain.historyDigest());
        assertThat(store.digest()).isEqualTo(plain.digest());
    }

    private static void assertSame(Applied applied, CommandResult wanted) {
        if (applied.result() instanceof CommandResult.AnswerNotKept told) {
            assertThat(told.revision()).isEqualTo(revisionOf(wanted));
        } else {
            assertThat(applied.result()).usingRecursiveComparison().isEqualTo(wanted);
        }
    }

    private static long revisionOf(CommandResult result) {
        if (result instanceof CommandResult.Put put) {
            return put.revision();
        } else if (result instanceof CommandResult.DeleteRange delete) {
            return delete.revision();
        }
        return ((CommandResult.Txn) result).revision();
    }

    private static KvStateMachine open(MemoryEngine engine, Random random) {
        return KvStateMachine.open(
                engine, Log.THREE, List.of(), new KvStateMachine.Limits(1 + random.nextInt(4_000), random.nextInt(4)));
    }
}
