package io.axolotl.jepsen.chaos;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All calls of a run in the order in which they ended, in memory and, if it has a file, there too: one JSON object in a line per
 * call, as {@link Call} has the fields, the times in nanoseconds since the start of the run.
 *
 * <p>Safe for all threads.
 */
public final class History implements AutoCloseable {
    private static final Gson JSON = new Gson();

    /** What a run that is killed may lose. */
    private static final long FLUSH_NANOS = 1_000_000_000;

    private final long originNanos;
    private final @Nullable Path file;
    private final @Nullable Writer writer;
    private final List<Call> calls = new ArrayList<>();

    /** Guarded by {@link #calls}. */
    private long flushedNanos;

    private History(long originNanos, @Nullable Path file) {
        this.originNanos = originNanos;
        this.file = file;
        try {
            this.writer = file == null ? null : Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the history to " + file, e);
        }
    }

    /** @param originNanos the start of the run by {@link System#nanoTime} */
    public static History inMemory(long originNanos) {
        return new History(originNanos, null);
    }

    /**
     * Also writes to a file, which is replaced if it is there.
     *
     * @throws UncheckedIOException if that cannot be done
     */
    public static History inFile(long originNanos, Path file) {
        return new History(originNanos, file);
    }

    /** Time since the start of the run. */
    public long now() {
        return System.nanoTime() - originNanos;
    }

    /**
     * Adds a call that has ended, and gives it its id.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public Call add(
            int client,
            int endpoint,
            String kind,
            JsonObject input,
            JsonObject output,
            Outcome outcome,
            String error,
            long invokedNanos,
            long returnedNanos) {
        synchronized (calls) {
            Call call = new Call(
                    calls.size(), client, endpoint, kind, input, output, outcome, error, invokedNanos, returnedNanos);
            calls.add(call);
            if (writer != null) {
                try {
                    JSON.toJson(call, writer);
                    writer.write('\n');
                    if (returnedNanos - flushedNanos > FLUSH_NANOS) {
                        flushedNanos = returnedNanos;
                        writer.flush();
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot write the history to " + file, e);
                }
            }
            return call;
        }
    }

    /** Those that have ended so far. */
    public List<Call> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    public int size() {
        synchronized (calls) {
            return calls.size();
        }
    }

    /** Writes out what is not in the file yet. Later calls are refused if there is a file. */
    @Override
    public void close() {
        synchronized (calls) {
            if (writer != null) {
                try {
                    writer.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot write the history to " + file, e);
                }
            }
        }
    }

    /**
     * Reads a file back.
     *
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalArgumentException if a line is not a call; the message names file and line. A last line that was cut off
     *     in the middle, as a killed run leaves it, is left out
     */
    public static List<Call> read(Path file) {
        List<Call> calls = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            for (int number = 1; line != null; number++) {
                String next = reader.readLine();
                Call call = parse(line);
                if (call != null) {
                    calls.add(call);
                } else if (next != null || line.endsWith("}")) {
                    throw new IllegalArgumentException(file + ", line " + number + " is not a call: "
                            + (line.length() > 200 ? line.substring(0, 200) + "…" : line));
                }
                line = next;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the history " + file, e);
        }
        return calls;
    }

    private static @Nullable Call parse(String line) {
        try {
            Call call = JSON.fromJson(line, Call.class);
            boolean isWhole = call != null
                    && call.kind() != null
                    && call.input() != null
                    && call.output() != null
                    && call.outcome() != null
                    && call.error() != null;
            return isWhole ? call : null;
        } catch (JsonParseException e) {
            return null;
        }
    }
}
