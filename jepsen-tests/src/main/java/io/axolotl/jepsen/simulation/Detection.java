package io.axolotl.jepsen.simulation;

/**
 * How a planted bug was found out. Immutable.
 *
 * @param seeds how many seeds it took; all that were run if it was not caught
 * @param rule the promise that was seen to be broken, or "not caught"
 */
record Detection(PlantedBug bug, boolean isCaught, long seeds, String rule) {
    /** Runs seeds from {@code firstSeed} on, at most {@code maxSeeds}, until one fails. */
    static Detection hunt(PlantedBug bug, long firstSeed, long maxSeeds, long virtualSeconds) {
        for (long tried = 1; tried <= maxSeeds; tried++) {
            SimulationResult result = new Simulation(firstSeed + tried - 1, bug, virtualSeconds, null).run();
            InvariantViolation violation = result.violation();
            if (violation != null) {
                return new Detection(bug, true, tried, violation.rule());
            }
        }
        return new Detection(bug, false, maxSeeds, "not caught");
    }
}
