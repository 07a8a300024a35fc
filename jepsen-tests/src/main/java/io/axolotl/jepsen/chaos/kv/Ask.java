package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What was asked of the store. Immutable.
 *
 * @param guards all must hold for {@code then}, else {@code otherwise} is done
 * @param then in this order, all in one revision
 * @param at the revision to read at; 0 is the latest. Only for reads
 * @param serializable whether a member may answer from what it has. Only for reads
 */
public record Ask(List<Guard> guards, List<Action> then, List<Action> otherwise, long at, boolean serializable) {
    public Ask {
        guards = List.copyOf(guards);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
    }

    public static Ask of(Action... then) {
        return new Ask(List.of(), List.of(then), List.of(), 0, false);
    }

    public Ask when(Guard... guards) {
        return new Ask(List.of(guards), then, otherwise, at, serializable);
    }

    public Ask otherwise(Action... otherwise) {
        return new Ask(guards, then, List.of(otherwise), at, serializable);
    }

    public Ask at(long revision) {
        return new Ask(guards, then, otherwise, revision, serializable);
    }

    public Ask serializable(boolean wanted) {
        return new Ask(guards, then, otherwise, at, wanted);
    }

    /** Whether it changes nothing, whichever way it goes. */
    public boolean isRead() {
        return then.stream().allMatch(action -> action.kind().isRead())
                && otherwise.stream().allMatch(action -> action.kind().isRead());
    }

    /** Whether it must see all that was acknowledged before it began. */
    public boolean isLinearizable() {
        return !serializable && at == 0;
    }

    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        if (!guards.isEmpty()) {
            JsonArray all = new JsonArray();
            for (Guard guard : guards) {
                JsonArray one = new JsonArray(2);
                one.add(guard.key());
                one.add(guard.mod());
                all.add(one);
            }
            json.add("if", all);
        }
        json.add("then", actions(then));
        if (!otherwise.isEmpty()) {
            json.add("else", actions(otherwise));
        }
        if (at != 0) {
            json.addProperty("at", at);
        }
        if (serializable) {
            json.addProperty("serializable", true);
        }
        return json;
    }

    private static JsonArray actions(List<Action> actions) {
        JsonArray all = new JsonArray();
        for (Action action : actions) {
            JsonArray one = new JsonArray(3);
            one.add(action.kind().name());
            one.add(action.key());
            if (action.kind().isPut()) {
                one.add(action.value());
            }
            all.add(one);
        }
        return all;
    }

    /** Whether a call of this input is one on keys. */
    public static boolean isAsk(JsonObject input) {
        return input.has("then");
    }

    public static Ask fromJson(JsonObject json) {
        List<Guard> guards = new ArrayList<>();
        if (json.has("if")) {
            for (JsonElement each : json.getAsJsonArray("if")) {
                JsonArray one = each.getAsJsonArray();
                guards.add(new Guard(one.get(0).getAsString(), one.get(1).getAsLong()));
            }
        }
        return new Ask(
                guards,
                actions(json.getAsJsonArray("then")),
                json.has("else") ? actions(json.getAsJsonArray("else")) : List.of(),
                json.has("at") ? json.get("at").getAsLong() : 0,
                json.has("serializable"));
    }

    private static List<Action> actions(JsonArray json) {
        List<Action> actions = new ArrayList<>();
        for (JsonElement each : json) {
            JsonArray one = each.getAsJsonArray();
            actions.add(new Action(
                    Action.Kind.valueOf(one.get(0).getAsString()),
                    one.get(1).getAsString(),
                    one.size() > 2 ? one.get(2).getAsString() : ""));
        }
        return actions;
    }
}
