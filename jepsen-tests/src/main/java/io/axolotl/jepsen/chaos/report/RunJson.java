package io.axolotl.jepsen.chaos.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import com.google.gson.reflect.TypeToken;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.CallSeries;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code report.json}: {@code run} is the {@link RunRecord} field by field, {@code measured} the {@link RunMeasure}, {@code calls} the {@link
 * CallSeries}. Times are nanoseconds from the start of the run unless they say otherwise.
 *
 * <p>Probes are many; they stand in columns, in their order: {@code sentDelta} (to the one before, the first to 0), {@code took}, {@code
 * member}, {@code kind} and {@code ok} (1 or 0).
 */
final class RunJson {
    static final Gson GSON = new GsonBuilder()
            .disableHtmlEscaping()
            .registerTypeAdapter(new TypeToken<List<Probe>>() {}.getType(), new Columns())
            .create();

    private RunJson() {}

    static void write(RunRecord run, RunMeasure measure, CallSeries calls, Path file) throws IOException {
        JsonObject whole = new JsonObject();
        whole.add("run", GSON.toJsonTree(run));
        whole.add("measured", GSON.toJsonTree(measure));
        whole.add("calls", GSON.toJsonTree(calls));
        // Whoever is killed here leaves no torn file of that name.
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (Writer writer = Files.newBufferedWriter(fresh)) {
            GSON.toJson(whole, writer);
            writer.write('\n');
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Reads the run back.
     *
     * @throws IllegalArgumentException if the file is not one that {@link #write} has written
     */
    static RunRecord readRun(Path file) {
        JsonObject record = part(file, "run");
        if (!record.has("probes")) {
            throw new IllegalArgumentException(file + " is not the report of a run: it has no probes");
        }
        try {
            return GSON.fromJson(record, RunRecord.class);
        } catch (RuntimeException e) {
            throw notOurs(file, e);
        }
    }

    /** Reads what it came to back; errors as {@link #readRun}. */
    static RunMeasure readMeasure(Path file) {
        try {
            return GSON.fromJson(part(file, "measured"), RunMeasure.class);
        } catch (RuntimeException e) {
            throw notOurs(file, e);
        }
    }

    private static JsonObject part(Path file, String name) {
        try {
            JsonElement whole = JsonParser.parseString(Files.readString(file));
            if (whole.isJsonObject() && whole.getAsJsonObject().get(name) instanceof JsonObject part) {
                return part;
            }
            throw new IllegalArgumentException(file + " is not the report of a run: it has no \"" + name + "\"");
        } catch (JsonParseException e) {
            throw notOurs(file, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static IllegalArgumentException notOurs(Path file, RuntimeException cause) {
        return new IllegalArgumentException(file + " is not the report of a run: " + cause.getMessage(), cause);
    }

    /** Probes, one column for each field. */
    private static final class Columns implements JsonSerializer<List<Probe>>, JsonDeserializer<List<Probe>> {
        @Override
        public JsonElement serialize(List<Probe> probes, Type type, JsonSerializationContext context) {
            JsonArray sentDelta = new JsonArray(probes.size());
            JsonArray took = new JsonArray(probes.size());
            JsonArray member = new JsonArray(probes.size());
            JsonArray kind = new JsonArray(probes.size());
            JsonArray ok = new JsonArray(probes.size());
            long before = 0;
            for (Probe probe : probes) {
                sentDelta.add(probe.sentNanos() - before);
                before = probe.sentNanos();
                took.add(probe.tookNanos());
                member.add(probe.member());
                kind.add(probe.kind());
                ok.add(probe.ok() ? 1 : 0);
            }
            JsonObject columns = new JsonObject();
            columns.add("sentDelta", sentDelta);
            columns.add("took", took);
            columns.add("member", member);
            columns.add("kind", kind);
            columns.add("ok", ok);
            return columns;
        }

        @Override
        public List<Probe> deserialize(JsonElement json, Type type, JsonDeserializationContext context) {
            JsonObject columns = json.getAsJsonObject();
            JsonArray sentDelta = columns.getAsJsonArray("sentDelta");
            JsonArray took = columns.getAsJsonArray("took");
            JsonArray member = columns.getAsJsonArray("member");
            JsonArray kind = columns.getAsJsonArray("kind");
            JsonArray ok = columns.getAsJsonArray("ok");
            List<Probe> probes = new ArrayList<>(sentDelta.size());
            long sent = 0;
            for (int i = 0; i < sentDelta.size(); i++) {
                sent += sentDelta.get(i).getAsLong();
                probes.add(new Probe(
                        sent,
                        took.get(i).getAsLong(),
                        member.get(i).getAsInt(),
                        kind.get(i).getAsString(),
                        ok.get(i).getAsInt() == 1));
            }
            return probes;
        }
    }
}
