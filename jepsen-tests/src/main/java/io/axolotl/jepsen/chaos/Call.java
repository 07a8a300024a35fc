package io.axolotl.jepsen.chaos;

import com.google.gson.JsonObject;

/**
 * One call as its client saw it. Times are System.nanoTime of the tool, relative to the start of the run. Immutable by
 * agreement: nobody changes the JSON objects.
 *
 * @param id position in the history, unique
 * @param client number of the client's thread of control: its calls do not overlap
 * @param endpoint the member it was sent to, counting from 0, or -1 for "any"
 * @param kind the workload's name of the operation, e.g. "put", "read", "transfer"
 * @param input what was asked
 * @param output what was answered; empty unless DONE
 * @param error text of the refusal or doubt, else ""
 */
public record Call(
        long id,
        int client,
        int endpoint,
        String kind,
        JsonObject input,
        JsonObject output,
        Outcome outcome,
        String error,
        long invokedNanos,
        long returnedNanos) {
    public boolean isDone() {
        return outcome == Outcome.DONE;
    }

    /** Whether it had ended, with its effect, before a later one began. */
    public boolean isDoneBefore(Call later) {
        return isDone() && returnedNanos < later.invokedNanos;
    }

    /** For people: one line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append('#').append(id).append(" c").append(client);
        if (endpoint >= 0) {
            text.append("@").append(endpoint + 1);
        }
        text.append(' ').append(kind).append(' ').append(input);
        text.append(" [").append(millis(invokedNanos)).append(" ms, ");
        text.append(outcome == Outcome.UNKNOWN ? "open" : millis(returnedNanos) + " ms")
                .append("] ");
        return text.append(isDone() ? output.toString() : outcome + " (" + error + ")")
                .toString();
    }

    private static String millis(long nanos) {
        return String.valueOf(Math.round(nanos / 1e4) / 100.0);
    }
}
