package io.axolotl.jepsen.chaos.runner;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of the catalogue of faults has tests, as the map in docs/testing.md tells. {@code DocumentsTest} holds that map against the
 * code, so a test that it names is there. Immutable.
 *
 * @param byId what stands behind every entry of the catalogue
 */
record FaultCoverage(Map<String, State> byId) {
    /** What the map says of an entry. */
    enum State {
        TESTED,
        /** No test, and the reason is written. */
        REASONED,
        /** The map does not know it. */
        MISSING
    }

    /** Families with their last numbers, and the numbers that they leave out. */
    private record Family(String letter, String title, int last, List<Integer> gaps) {}

    private static final List<Family> FAMILIES = List.of(
            new Family("N", "network", 21, List.of(17)),
            new Family("P", "process, CPU, memory, JVM", 19, List.of(14)),
            new Family("C", "clock", 8, List.of(4)),
            new Family("D", "disk and storage engine", 35, List.of()),
            new Family("M", "membership and identity", 17, List.of()),
            new Family("B", "consensus logic", 13, List.of()),
            new Family("A", "API and clients", 21, List.of()),
            new Family("O", "upgrade and operations", 12, List.of(10)));

    private static final Pattern ROW =
            Pattern.compile("^\\| ([NPCDMBAO]\\d+(?:, [NPCDMBAO]\\d+)*)[^|]*\\| (.+) \\|$", Pattern.MULTILINE);

    /** A test class or a scenario. A row that says "no test" names those of others. */
    private static final Pattern TEST =
            Pattern.compile("`[A-Z]\\w+(?:Test|Properties)(?:\\.\\w+)?`|`[a-z]+(?:-[a-z0-9]+)+`");

    FaultCoverage {
        byId = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(byId));
    }

    /** @param document docs/testing.md */
    static FaultCoverage of(String document) {
        Map<String, State> byId = new LinkedHashMap<>();
        catalogue().forEach(id -> byId.put(id, State.MISSING));
        Matcher row = ROW.matcher(document);
        while (row.find()) {
            boolean isTested = !row.group(2).startsWith("no test")
                    && TEST.matcher(row.group(2)).find();
            for (String id : row.group(1).split(", ", -1)) {
                byId.computeIfPresent(
                        id, (it, before) -> isTested || before == State.TESTED ? State.TESTED : State.REASONED);
            }
        }
        return new FaultCoverage(byId);
    }

    /** All entries, in the order of the catalogue. */
    static List<String> catalogue() {
        List<String> all = new ArrayList<>();
        for (Family family : FAMILIES) {
            for (int number = 1; number <= family.last; number++) {
                if (!family.gaps.contains(number)) {
                    all.add(family.letter + number);
                }
            }
        }
        return all;
    }

    List<String> in(State state) {
        return byId.entrySet().stream()
                .filter(entry -> entry.getValue() == state)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A line for each family, and the sum. */
    String describe() {
        StringBuilder text = new StringBuilder();
        for (Family family : FAMILIES) {
            List<State> states = byId.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(family.letter))
                    .map(Map.Entry::getValue)
                    .toList();
            text.append(line(family.letter + "  " + family.title, states));
        }
        text.append(line("all", List.copyOf(byId.values())));
        in(State.REASONED).stream()
                .reduce((one, other) -> one + " " + other)
                .ifPresent(ids -> text.append("no test, and the reason is written: ")
                        .append(ids)
                        .append('\n'));
        in(State.MISSING).stream()
                .reduce((one, other) -> one + " " + other)
                .ifPresent(ids ->
                        text.append("neither test nor reason: ").append(ids).append('\n'));
        return text.toString();
    }

    private static String line(String title, List<State> states) {
        long tested = states.stream().filter(state -> state == State.TESTED).count();
        return String.format(
                Locale.ROOT,
                "%-30s %3d of %3d tested (%.0f %%)%n",
                title,
                tested,
                states.size(),
                100.0 * tested / states.size());
    }
}
