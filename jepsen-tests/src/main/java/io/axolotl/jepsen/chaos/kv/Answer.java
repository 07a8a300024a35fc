package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What the store answered. Immutable.
 *
 * @param revision of the answer: that the call has made, or at which it was read
 * @param succeeded whether the guards held
 * @param results one per action of the list that was done
 */
public record Answer(long revision, boolean succeeded, List<Result> results) {
    /**
     * What came of one action. Immutable.
     *
     * @param deleted keys that were removed
     * @param rows what was read; or what was there before, where the action tells
     */
    public record Result(long deleted, List<Row> rows) {
        public Result {
            rows = List.copyOf(rows);
        }
    }

    public Answer {
        results = List.copyOf(results);
    }

    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("revision", revision);
        if (!succeeded) {
            json.addProperty("succeeded", false);
        }
        JsonArray all = new JsonArray();
        for (Result result : results) {
            JsonObject one = new JsonObject();
            if (result.deleted != 0) {
                one.addProperty("deleted", result.deleted);
            }
            JsonArray rows = new JsonArray();
            result.rows.forEach(row -> rows.add(row.toJson()));
            one.add("rows", rows);
            all.add(one);
        }
        json.add("results", all);
        return json;
    }

    public static Answer fromJson(JsonObject json) {
        List<Result> results = new ArrayList<>();
        for (JsonElement each : json.getAsJsonArray("results")) {
            JsonObject one = each.getAsJsonObject();
            List<Row> rows = new ArrayList<>();
            for (JsonElement row : one.getAsJsonArray("rows")) {
                rows.add(Row.fromJson(row.getAsJsonArray()));
            }
            results.add(new Result(one.has("deleted") ? one.get("deleted").getAsLong() : 0, rows));
        }
        return new Answer(json.get("revision").getAsLong(), !json.has("succeeded"), results);
    }
}
