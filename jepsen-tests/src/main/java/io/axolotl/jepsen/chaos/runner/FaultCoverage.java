package io.axolotl.jepsen.chaos.runner;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of the catalogue of faults has tests, and at which tiers, as the map in docs/testing.md tells: its rows name the tests, the tiers
 * that the catalogue asks for, and why there is none at one of them. Immutable.
 *
 * @param byId what stands behind every entry of the catalogue
 * @param unknown what rows name and nothing is: {@code N1: NoSuchTest}
 */
record FaultCoverage(Map<String, Entry> byId, List<String> unknown) {
    /** What the map says of an entry at a tier. */
    enum State {
        TESTED,
        /** No test, and the reason is written. */
        REASONED,
        /** Neither. */
        MISSING
    }

    /**
     * One entry. Immutable.
     *
     * @param asked the tiers that the catalogue asks for; none if it has no row of its own there
     * @param tested those for which a test is named
     * @param reasoned those for which there is none, with the reason
     */
    record Entry(boolean hasRow, Set<Tier> asked, Set<Tier> tested, Set<Tier> reasoned) {
        static final Entry MISSING = new Entry(false, Set.of(), Set.of(), Set.of());

        Entry {
            asked = Set.copyOf(asked);
            tested = Set.copyOf(tested);
            reasoned = Set.copyOf(reasoned);
        }

        State at(Tier tier) {
            return tested.contains(tier) ? State.TESTED : reasoned.contains(tier) ? State.REASONED : State.MISSING;
        }

        /** A row, and at every tier that is asked for a test or a reason. */
        boolean isWhole() {
            return hasRow && asked.stream().noneMatch(tier -> at(tier) == State.MISSING);
        }
    }

    private static final Pattern ROW = Pattern.compile(
            "^\\| ([NPCDMBAO]\\d+(?:, [NPCDMBAO]\\d+)*)[^|]*\\| ([^|]+) \\| (–|[USJ](?: [USJ])*)(\\. [^|]+)? \\|$",
            Pattern.MULTILINE);

    /** A test class with or without a method, a scenario, a kind of fault of the simulator, a fault or a workload of chaos. */
    private static final Pattern NAMED = Pattern.compile(
            "`(?:([A-Z]\\w+(?:Test|Properties))(?:\\.\\w+)?|([a-z]+(?:-[a-z0-9]+)+|Fault\\.[A-Z_]+|chaos [a-z-]+))`");

    private static final Pattern REASON = Pattern.compile("\\. No ([USJ](?:, [USJ])*): \\S");

    FaultCoverage {
        byId = Collections.unmodifiableMap(new LinkedHashMap<>(byId));
        unknown = List.copyOf(unknown);
    }

    /** @param document docs/testing.md */
    static FaultCoverage of(String document, TestTiers tiers) {
        Map<String, Entry> byId = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        Catalogue.ids().forEach(id -> byId.put(id, Entry.MISSING));
        Matcher row = ROW.matcher(document);
        while (row.find()) {
            for (String id : row.group(1).split(", ", -1)) {
                Entry entry = entry(id, row, tiers, unknown);
                byId.computeIfPresent(id, (it, before) -> entry);
            }
        }
        return new FaultCoverage(byId, unknown);
    }

    /** A row that says "no test" names tests of other entries, and its reason is one for every tier. */
    private static Entry entry(String id, Matcher row, TestTiers tiers, List<String> unknown) {
        Set<Tier> asked = Tier.named(row.group(3));
        if (row.group(2).startsWith("no test")) {
            return new Entry(true, asked, Set.of(), asked);
        }
        Set<Tier> tested = EnumSet.noneOf(Tier.class);
        Matcher named = NAMED.matcher(row.group(2));
        while (named.find()) {
            String name = named.group(1) == null ? named.group(2) : named.group(1);
            if (tiers.knows(name, id)) {
                tested.addAll(tiers.of(name));
            } else {
                unknown.add(id + ": " + name);
            }
        }
        Set<Tier> reasoned = EnumSet.noneOf(Tier.class);
        if (row.group(4) != null) {
            Matcher reason = REASON.matcher(row.group(4));
            while (reason.find()) {
                reasoned.addAll(Tier.named(reason.group(1)));
            }
        }
        return new Entry(true, asked, tested, reasoned);
    }

    /** Those that are asked to be tested at a tier and are, or are not. */
    List<String> in(Tier tier, State state) {
        return ids(entry -> entry.asked.contains(tier) && entry.at(tier) == state);
    }

    /** Those without a row, or with neither test nor reason at a tier that is asked for. */
    List<String> notWhole() {
        return ids(entry -> !entry.isWhole());
    }

    private List<String> ids(Predicate<Entry> isWanted) {
        return byId.entrySet().stream()
                .filter(entry -> isWanted.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Whether every entry has, at every tier that is asked for, a test that is there or a reason. */
    boolean isWhole() {
        return unknown.isEmpty() && notWhole().isEmpty();
    }

    /** A line for each family, and the sum; then what has no test, by tiers. */
    String describe() {
        StringBuilder text = new StringBuilder(
                "tested of those that are to be, by unit and property tests (U), simulation (S), real processes (J)\n");
        for (Catalogue.Family family : Catalogue.FAMILIES) {
            text.append(line(family.letter() + "  " + family.title(), id -> id.startsWith(family.letter())));
        }
        text.append(line("all " + byId.size(), id -> true));
        for (Tier tier : Tier.values()) {
            text.append(list("no " + tier + ", and the reason is written", in(tier, State.REASONED)));
        }
        for (Tier tier : Tier.values()) {
            text.append(list("neither " + tier + " nor a reason", in(tier, State.MISSING)));
        }
        text.append(list("no tier of its own in the catalogue", ids(entry -> entry.hasRow && entry.asked.isEmpty())));
        text.append(list("no row", ids(entry -> !entry.hasRow)));
        text.append(list("named, and not there or not playing it", unknown));
        return text.toString();
    }

    private String line(String title, Predicate<String> isOfIt) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-30s", title));
        for (Tier tier : Tier.values()) {
            long tested = in(tier, State.TESTED).stream().filter(isOfIt).count();
            long asked = ids(entry -> entry.asked.contains(tier)).stream()
                    .filter(isOfIt)
                    .count();
            line.append(
                    asked == 0
                            ? String.format(Locale.ROOT, "   %s  %-18s", tier, "-")
                            : String.format(
                                    Locale.ROOT,
                                    "   %s %3d of %3d %-8s",
                                    tier,
                                    tested,
                                    asked,
                                    "(" + Math.round(100.0 * tested / asked) + " %)"));
        }
        return line.toString().stripTrailing() + "\n";
    }

    private static String list(String title, List<String> ids) {
        return ids.isEmpty() ? "" : title + ": " + String.join(" ", ids) + "\n";
    }
}
