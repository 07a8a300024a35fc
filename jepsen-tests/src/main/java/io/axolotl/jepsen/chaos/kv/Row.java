package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonArray;
import io.axolotl.client.KeyValue;

/**
 * A key as somebody was told that it is: {@code [key, create, mod, version, value]} in JSON. Immutable.
 *
 * @param create revision of the put that made it
 * @param mod revision of the last put
 * @param version puts since it was made, counting from 1
 */
public record Row(String key, long create, long mod, long version, String value) {
    public static Row of(KeyValue kv) {
        return new Row(
                kv.key().utf8(),
                kv.createRevision(),
                kv.modRevision(),
                kv.version(),
                kv.value().utf8());
    }

    public JsonArray toJson() {
        JsonArray json = new JsonArray(5);
        json.add(key);
        json.add(create);
        json.add(mod);
        json.add(version);
        json.add(value);
        return json;
    }

    public static Row fromJson(JsonArray json) {
        return new Row(
                json.get(0).getAsString(),
                json.get(1).getAsLong(),
                json.get(2).getAsLong(),
                json.get(3).getAsLong(),
                json.get(4).getAsString());
    }
}
