package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A true history of changes of members: each call of several clients takes effect at one moment between its beginning and its end; some
 * are never answered, and have their effect late or never; lists that are not linearizable tell the past.
 */
final class MadeMembers {
    private static final class Running {
        final Kind kind;
        final JsonObject input;
        final long from;

        @Nullable JsonObject output;

        Running(Kind kind, JsonObject input, long from) {
            this.kind = kind;
            this.input = input;
            this.from = from;
        }
    }

    private final SplittableRandom random;
    private final MadeCalls made = new MadeCalls();
    private final Map<Long, MemberRow> members = new LinkedHashMap<>();
    private final List<List<MemberRow>> past = new ArrayList<>();
    /** Ids that some client knows. */
    private final Set<Long> told = new HashSet<>();

    private long ids = 100;
    private int urls;

    private MadeMembers(long seed) {
        this.random = new SplittableRandom(seed);
        for (long id = 1; id <= 3; id++) {
            members.put(id, new MemberRow(id, "http://n" + id, false));
        }
    }

    static List<Call> calls(long seed, int count) {
        MadeMembers history = new MadeMembers(seed);
        history.make(count);
        return history.made.calls();
    }

    private List<MemberRow> now() {
        return List.copyOf(members.values());
    }

    private void make(int count) {
        made.add(0, "member-list", MemberCall.list(true), MemberCall.answer(now()), Outcome.DONE, "", 0, 1);
        Running[] running = new Running[5];
        List<Running> late = new ArrayList<>();
        long clock = 1;
        while (made.calls().size() < count) {
            clock++;
            past.add(now());
            if (!late.isEmpty() && random.nextInt(6) == 0) {
                JsonObject unused = execute(late.remove(0));
            }
            int client = random.nextInt(running.length);
            Running call = running[client];
            if (call == null) {
                running[client] = draw(clock);
            } else if (call.output == null) {
                if (call.kind != Kind.LIST && random.nextInt(8) == 0) {
                    if (random.nextBoolean()) {
                        late.add(call);
                    }
                    end(client, call, Outcome.UNKNOWN, clock);
                    running[client] = null;
                } else {
                    call.output = execute(call);
                }
            } else {
                boolean isRefused = call.output.has("refused");
                end(client, call, isRefused ? Outcome.REFUSED : Outcome.DONE, clock);
                running[client] = null;
            }
        }
        for (int client = 0; client < running.length; client++) {
            Running call = running[client];
            if (call != null) {
                end(client, call, Outcome.UNKNOWN, clock);
            }
        }
    }

    private void end(int client, Running call, Outcome outcome, long clock) {
        JsonObject output = outcome == Outcome.DONE && call.output != null ? call.output : KvCall.nothing();
        if (output.has("members")) {
            output.getAsJsonArray("members")
                    .forEach(row -> told.add(row.getAsJsonArray().get(0).getAsLong()));
        }
        made.add(
                client,
                call.kind.toString(),
                call.input,
                output,
                outcome,
                outcome == Outcome.DONE ? "" : "made up",
                call.from,
                clock);
    }

    private Running draw(long clock) {
        Optional<MemberRow> learner = learner();
        int drawn = random.nextInt(10);
        if (drawn < 5) {
            return new Running(Kind.LIST, MemberCall.list(random.nextInt(4) > 0), clock);
        }
        if (learner.isEmpty() || drawn == 5) {
            return new Running(Kind.ADD, MemberCall.add("http://u" + ++urls, true), clock);
        }
        long id = learner.get().id();
        if (!told.contains(id)) {
            return new Running(Kind.LIST, MemberCall.list(true), clock);
        }
        return switch (drawn) {
            case 6 -> new Running(Kind.REMOVE, MemberCall.about(id), clock);
            case 7 -> new Running(Kind.PROMOTE, MemberCall.about(id), clock);
            default -> new Running(Kind.UPDATE, MemberCall.update(id, "http://u" + ++urls, false), clock);
        };
    }

    private Optional<MemberRow> learner() {
        return members.values().stream().filter(MemberRow::isLearner).findFirst();
    }

    private JsonObject execute(Running call) {
        JsonObject refused = new JsonObject();
        refused.addProperty("refused", true);
        long id = call.input.has("id") ? call.input.get("id").getAsLong() : 0;
        switch (call.kind) {
            case LIST -> {
                boolean isNew = call.input.get("linearizable").getAsBoolean();
                return MemberCall.answer(isNew ? now() : past.get(random.nextInt(past.size())));
            }
            case ADD -> {
                if (learner().isPresent()) {
                    return refused;
                }
                long fresh = ++ids;
                members.put(fresh, new MemberRow(fresh, call.input.get("url").getAsString(), true));
                return MemberCall.added(fresh, now());
            }
            case UPDATE -> {
                if (!members.containsKey(id)) {
                    return refused;
                }
                members.put(id, new MemberRow(id, call.input.get("url").getAsString(), true));
            }
            case REMOVE -> {
                if (members.remove(id) == null) {
                    return refused;
                }
            }
            case PROMOTE -> {
                return refused;
            }
        }
        return MemberCall.answer(now());
    }
}
