package io.axolotl.jepsen.chaos.member;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One call on the members: {@code member-add {url, learner} -> {id, members}}, {@code member-update {id, url} -> {members}}, {@code
 * member-remove} and {@code member-promote {id} -> {members}}, {@code member-list {linearizable} -> {members}}. Immutable.
 *
 * @param id of the member that it is about; of an addition the one that was given to it, 0 if that is not known; 0 of a list
 * @param url of an addition or update; else empty
 * @param flag of an addition whether it is of a learner; of a list whether it is linearizable; of an update whether the system is one that
 *     makes a voter of an updated learner as far as its list tells
 * @param members as they were answered; empty unless the call is done
 */
public record MemberCall(Call call, Kind kind, long id, String url, boolean flag, List<MemberRow> members) {
    /** What may be asked. Constants. */
    public enum Kind {
        ADD,
        UPDATE,
        REMOVE,
        PROMOTE,
        LIST;

        /** As histories have it: {@code member-add}. */
        @Override
        public String toString() {
            return "member-" + name().toLowerCase(Locale.ROOT);
        }

        private static Optional<Kind> of(Call call) {
            for (Kind kind : values()) {
                if (call.kind().equals(kind.toString())) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    public MemberCall {
        members = List.copyOf(members);
    }

    public static JsonObject add(String url, boolean isLearner) {
        JsonObject json = new JsonObject();
        json.addProperty("url", url);
        json.addProperty("learner", isLearner);
        return json;
    }

    /** @param makesVoter whether the system is one that makes a voter of an updated learner as far as its list tells */
    public static JsonObject update(long id, String url, boolean makesVoter) {
        JsonObject json = about(id);
        json.addProperty("url", url);
        json.addProperty("makesVoter", makesVoter);
        return json;
    }

    /** A removal or promotion. */
    public static JsonObject about(long id) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        return json;
    }

    public static JsonObject list(boolean isLinearizable) {
        JsonObject json = new JsonObject();
        json.addProperty("linearizable", isLinearizable);
        return json;
    }

    public static JsonObject answer(List<MemberRow> members) {
        JsonObject json = new JsonObject();
        json.add("members", MemberRow.toJson(members));
        return json;
    }

    /** @param id of the one that was added */
    public static JsonObject added(long id, List<MemberRow> members) {
        JsonObject json = answer(members);
        json.addProperty("id", id);
        return json;
    }

    /**
     * All such calls of a history, in its order.
     *
     * @throws IllegalArgumentException if a call is not of this form; the message shows it
     */
    public static List<MemberCall> of(List<Call> calls) {
        List<MemberCall> found = new ArrayList<>();
        for (Call call : calls) {
            Kind.of(call).ifPresent(kind -> found.add(of(call, kind)));
        }
        return found;
    }

    private static MemberCall of(Call call, Kind kind) {
        try {
            JsonObject input = call.input();
            JsonObject output = call.output();
            JsonObject identified = kind == Kind.ADD ? output : input;
            String flag = switch (kind) {
                case ADD -> "learner";
                case UPDATE -> "makesVoter";
                default -> "linearizable";
            };
            return new MemberCall(
                    call,
                    kind,
                    identified.has("id") ? identified.get("id").getAsLong() : 0,
                    input.has("url") ? input.get("url").getAsString() : "",
                    input.has(flag) && input.get(flag).getAsBoolean(),
                    call.isDone() ? MemberRow.fromJson(output.getAsJsonArray("members")) : List.of());
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("cannot read the call " + call + ": " + e.getMessage(), e);
        }
    }

    public boolean isDone() {
        return call.isDone();
    }

    /** Whether it may have had an effect. */
    public boolean mayHaveHappened() {
        return call.outcome() != Outcome.REFUSED;
    }

    /** Whether it may have had its effect by this moment. */
    public boolean mayHaveHappenedBy(long nanos) {
        return mayHaveHappened() && call.invokedNanos() < nanos;
    }

    @Override
    public String toString() {
        return call.toString();
    }
}
