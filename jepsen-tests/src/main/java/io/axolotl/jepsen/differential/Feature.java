package io.axolotl.jepsen.differential;

import java.util.EnumSet;
import java.util.Set;

/** What episodes may use beyond keys. */
enum Feature {
    LEASE,
    WATCH;

    /** What both servers have. */
    static final Set<Feature> SERVED = EnumSet.allOf(Feature.class);
}
