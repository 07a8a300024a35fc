package io.axolotl.jepsen.differential;

import java.util.List;

/**
 * Two servers that said different things. Immutable.
 *
 * @param calls from the start of the episode up to and with the one whose answers differ
 * @param answers one line per server
 */
record Disagreement(List<Call<?, ?>> calls, List<String> answers) {
    Disagreement {
        calls = List.copyOf(calls);
        answers = List.copyOf(answers);
    }

    /** What a person needs to see it again. */
    String report() {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < calls.size(); at++) {
            text.append(String.format("  %3d. %s%n", at + 1, calls.get(at)));
        }
        answers.forEach(answer -> text.append("     ").append(answer).append('\n'));
        return text.toString();
    }
}
