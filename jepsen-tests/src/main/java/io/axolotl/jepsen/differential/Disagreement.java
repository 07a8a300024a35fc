package io.axolotl.jepsen.differential;

import java.util.List;

/**
 * Two servers that said different things. Immutable.
 *
 * @param steps from the start of the episode up to and with the one whose answers differ
 * @param answers one line per server
 */
record Disagreement(List<Step> steps, List<String> answers) {
    Disagreement {
        steps = List.copyOf(steps);
        answers = List.copyOf(answers);
    }

    /** What a person needs to see it again. */
    String report() {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < steps.size(); at++) {
            text.append(String.format("  %3d. %s%n", at + 1, steps.get(at)));
        }
        answers.forEach(answer -> text.append("     ").append(answer).append('\n'));
        return text.toString();
    }
}
