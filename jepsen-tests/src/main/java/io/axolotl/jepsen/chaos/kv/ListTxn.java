package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction on lists to which elements are appended: {@code {"ops": [["r", "key"], ["append", "key", 7]]}}, and in the answer
 * the reads with what was there, {@code ["r", "key", [1, 7]]}. No element is ever appended to a list twice. Immutable.
 */
public record ListTxn(Call call, List<Access> accesses) {
    public ListTxn {
        accesses = List.copyOf(accesses);
    }

    /**
     * One access.
     *
     * @param element that is appended; unused in a read
     * @param read what was there, of a read that is answered; else null
     */
    public record Access(
            String key,
            boolean isAppend,
            long element,
            @Nullable List<Long> read) {
        public static Access append(String key, long element) {
            return new Access(key, true, element, null);
        }

        public static Access read(String key) {
            return new Access(key, false, 0, null);
        }

        public Access found(List<Long> elements) {
            return new Access(key, false, 0, List.copyOf(elements));
        }
    }

    public static JsonObject toJson(List<Access> accesses) {
        JsonArray ops = new JsonArray();
        for (Access access : accesses) {
            JsonArray op = new JsonArray();
            op.add(access.isAppend ? "append" : "r");
            op.add(access.key);
            if (access.isAppend) {
                op.add(access.element);
            } else if (access.read != null) {
                JsonArray elements = new JsonArray();
                access.read.forEach(elements::add);
                op.add(elements);
            }
            ops.add(op);
        }
        JsonObject json = new JsonObject();
        json.add("ops", ops);
        return json;
    }

    /**
     * All such transactions of a history, in its order.
     *
     * @throws IllegalArgumentException if a call is not of this form; the message shows it
     */
    public static List<ListTxn> of(List<Call> calls) {
        List<ListTxn> found = new ArrayList<>();
        for (Call call : calls) {
            if (call.input().has("ops")) {
                found.add(of(call));
            }
        }
        return found;
    }

    private static ListTxn of(Call call) {
        try {
            JsonObject json = call.isDone() ? call.output() : call.input();
            List<Access> accesses = new ArrayList<>();
            for (JsonElement each : json.getAsJsonArray("ops")) {
                JsonArray op = each.getAsJsonArray();
                String key = op.get(1).getAsString();
                if (op.get(0).getAsString().equals("append")) {
                    accesses.add(Access.append(key, op.get(2).getAsLong()));
                } else if (call.isDone()) {
                    List<Long> elements = new ArrayList<>();
                    op.get(2).getAsJsonArray().forEach(element -> elements.add(element.getAsLong()));
                    accesses.add(Access.read(key).found(elements));
                } else {
                    accesses.add(Access.read(key));
                }
            }
            return new ListTxn(call, accesses);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("cannot read the call " + call + ": " + e.getMessage(), e);
        }
    }

    public boolean isDone() {
        return call.isDone();
    }

    /** Whether it appends this element. */
    public boolean appends(String key, long element) {
        return accesses.stream()
                .anyMatch(access -> access.isAppend && access.key.equals(key) && access.element == element);
    }

    @Override
    public String toString() {
        return call.toString();
    }
}
