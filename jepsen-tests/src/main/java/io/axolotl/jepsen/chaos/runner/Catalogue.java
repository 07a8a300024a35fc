package io.axolotl.jepsen.chaos.runner;

import java.util.ArrayList;
import java.util.List;

/** The numbers of the catalogue of faults. Constants. */
final class Catalogue {
    /** A family with its last number, and the numbers that it leaves out. */
    record Family(String letter, String title, int last, List<Integer> gaps) {}

    static final List<Family> FAMILIES = List.of(
            new Family("N", "network", 21, List.of(17)),
            new Family("P", "process, CPU, memory, JVM", 19, List.of(14)),
            new Family("C", "clock", 8, List.of(4)),
            new Family("D", "disk and storage engine", 35, List.of()),
            new Family("M", "membership and identity", 17, List.of()),
            new Family("B", "consensus logic", 13, List.of()),
            new Family("A", "API and clients", 21, List.of()),
            new Family("O", "upgrade and operations", 12, List.of(10)));

    private Catalogue() {}

    /** All entries, in their order. */
    static List<String> ids() {
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
}
