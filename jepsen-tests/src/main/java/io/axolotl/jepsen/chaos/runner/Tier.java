package io.axolotl.jepsen.chaos.runner;

import java.util.EnumSet;
import java.util.Set;

/** Where the catalogue of faults wants an entry to be tested. Constants. */
enum Tier {
    /** Unit and property tests. */
    U,
    /** Deterministic simulation. */
    S,
    /** Servers that are processes. */
    J;

    /** @param letters with spaces or commas between them; what is no tier is left out */
    static Set<Tier> named(String letters) {
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        for (Tier tier : values()) {
            if (letters.contains(tier.name())) {
                tiers.add(tier);
            }
        }
        return tiers;
    }
}
