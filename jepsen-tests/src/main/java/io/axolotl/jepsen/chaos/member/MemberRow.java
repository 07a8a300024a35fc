package io.axolotl.jepsen.chaos.member;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.axolotl.client.Member;
import java.util.ArrayList;
import java.util.List;

/**
 * A member as somebody was told of it: {@code [id, url, isLearner]} in JSON. Immutable.
 *
 * @param url where its peers reach it; several are joined by commas
 */
public record MemberRow(long id, String url, boolean isLearner) {
    public static MemberRow of(Member member) {
        return new MemberRow(member.id(), String.join(",", member.peerUrls()), member.isLearner());
    }

    /** All of them, in the order of their ids, whatever order they were told in. */
    public static JsonArray toJson(List<MemberRow> rows) {
        JsonArray json = new JsonArray();
        rows.stream()
                .sorted((one, other) -> Long.compareUnsigned(one.id, other.id))
                .forEach(row -> {
                    JsonArray one = new JsonArray(3);
                    one.add(row.id);
                    one.add(row.url);
                    one.add(row.isLearner);
                    json.add(one);
                });
        return json;
    }

    static List<MemberRow> fromJson(JsonArray json) {
        List<MemberRow> rows = new ArrayList<>();
        for (JsonElement each : json) {
            JsonArray one = each.getAsJsonArray();
            rows.add(new MemberRow(
                    one.get(0).getAsLong(), one.get(1).getAsString(), one.get(2).getAsBoolean()));
        }
        return rows;
    }

    /** For people: ids are hexadecimal everywhere else. */
    @Override
    public String toString() {
        return Long.toHexString(id) + " at " + url + (isLearner ? " (learner)" : "");
    }
}
