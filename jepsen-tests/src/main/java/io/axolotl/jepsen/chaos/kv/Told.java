package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchResult;
import io.axolotl.jepsen.chaos.Call;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of a watch, as a call of its listener: {@code {"watch": 3, "prefix": "a/", "from": 17}} asks, {@code {"revision": 20,
 * "events": [["PUT", row], ["DELETE", row, previous]]}} answers. Immutable.
 *
 * @param revision of the message's header; of a bookmark, everything up to it was told
 * @param isCanceled the server has ended the watch
 * @param compactRevision of an end for which history is gone; else 0
 */
public record Told(
        Call call, Watching watching, long revision, List<Event> events, boolean isCanceled, long compactRevision) {
    /** The name of the last thing that is written down of a watch: it should have been told of revision {@code reach} by then. */
    public static final String REACH = "reach";

    /** The name of what is written down of a watch that its own listener ends: what it was told of since it was opened. */
    public static final String CLOSED = "closed";

    /**
     * What is watched. Immutable.
     *
     * @param watch number of the watch
     * @param key the key, or the prefix of the keys
     * @param from the first revision to be told of; 0 is from now on
     * @param hasPrevious whether events are to carry what was there before
     */
    public record Watching(long watch, String key, boolean isPrefix, long from, boolean hasPrevious) {
        public boolean covers(String one) {
            return isPrefix ? one.startsWith(key) : one.equals(key);
        }

        public JsonObject toJson() {
            JsonObject json = new JsonObject();
            json.addProperty("watch", watch);
            json.addProperty(isPrefix ? "prefix" : "key", key);
            json.addProperty("from", from);
            if (hasPrevious) {
                json.addProperty("previous", true);
            }
            return json;
        }

        static Watching fromJson(JsonObject json) {
            boolean isPrefix = json.has("prefix");
            return new Watching(
                    json.get("watch").getAsLong(),
                    json.get(isPrefix ? "prefix" : "key").getAsString(),
                    isPrefix,
                    json.get("from").getAsLong(),
                    json.has("previous"));
        }
    }

    /** @param row of a deletion only the key and the revision count */
    public record Event(boolean isDelete, Row row, @Nullable Row previous) {}

    public Told {
        events = List.copyOf(events);
    }

    /** How far a watch has come: of a {@link #REACH} or {@link #CLOSED}. */
    public static JsonObject reached(long revision) {
        JsonObject json = new JsonObject();
        json.addProperty("revision", revision);
        json.add("events", new JsonArray());
        return json;
    }

    public static JsonObject toJson(WatchResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("revision", result.header().revision());
        JsonArray events = new JsonArray();
        for (WatchEvent event : result.events()) {
            JsonArray one = new JsonArray();
            one.add(event.isDelete() ? "DELETE" : "PUT");
            one.add(Row.of(event.kv()).toJson());
            event.previous().ifPresent(previous -> one.add(Row.of(previous).toJson()));
            events.add(one);
        }
        json.add("events", events);
        if (result.isCanceled()) {
            json.addProperty("canceled", true);
            json.addProperty("compacted", result.compactRevision());
            json.addProperty("reason", result.cancelReason());
        }
        return json;
    }

    /** Whether a call is of a watch. */
    public static boolean isTold(Call call) {
        return call.input().has("watch");
    }

    /** @throws IllegalArgumentException if the call is not of this form; the message shows it */
    public static Told of(Call call) {
        try {
            Watching watching = Watching.fromJson(call.input());
            if (!call.isDone()) {
                return new Told(call, watching, 0, List.of(), false, 0);
            }
            JsonObject json = call.output();
            List<Event> events = new ArrayList<>();
            for (JsonElement each : json.getAsJsonArray("events")) {
                JsonArray one = each.getAsJsonArray();
                events.add(new Event(
                        one.get(0).getAsString().equals("DELETE"),
                        Row.fromJson(one.get(1).getAsJsonArray()),
                        one.size() > 2 ? Row.fromJson(one.get(2).getAsJsonArray()) : null));
            }
            return new Told(
                    call,
                    watching,
                    json.get("revision").getAsLong(),
                    events,
                    json.has("canceled"),
                    json.has("compacted") ? json.get("compacted").getAsLong() : 0);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("cannot read the call " + call + ": " + e.getMessage(), e);
        }
    }

    /** Whether it says how far the watch is, and nothing else. */
    public boolean isBookmark() {
        return call.isDone() && events.isEmpty() && !isCanceled;
    }

    @Override
    public String toString() {
        return call.toString();
    }
}
