package io.axolotl.jepsen.simulation;

/**
 * How a planted bug was found out. Immutable.
 *
 * @param seeds how many seeds it took; all that were run if it was not caught
 * @param rule the promise that was seen to be broken, or "not caught"
 */
record Detection(PlantedBug bug, boolean isCaught, long seeds, String rule) {
    /**
     * Runs seeds from {@code firstSeed} on, at most {@code maxSeeds}, until one fails.
     *
     * @throws InvariantViolation if the same world breaks the same promise without the bug: then nothing was caught
     */
    static Detection hunt(PlantedBug bug, long firstSeed, long maxSeeds, long virtualSeconds) {
        for (long tried = 1; tried <= maxSeeds; tried++) {
            SimulationResult result = new Simulation(firstSeed + tried - 1, bug, virtualSeconds, null).run();
            InvariantViolation violation = result.violation();
            if (violation != null && isOfThe(bug, violation)) {
                requireGoodWithout(firstSeed + tried - 1, violation.rule(), virtualSeconds);
                return new Detection(bug, true, tried, violation.rule());
            }
        }
        return new Detection(bug, false, maxSeeds, "not caught");
    }

    /** Reports of syncs that come late, which go with this bug, may cost time and nothing else. */
    private static boolean isOfThe(PlantedBug bug, InvariantViolation violation) {
        return bug != PlantedBug.TOKEN_BY_INDEX || !violation.rule().startsWith("I13");
    }

    private static void requireGoodWithout(long seed, String rule, long virtualSeconds) {
        InvariantViolation without = new Simulation(seed, PlantedBug.NONE, virtualSeconds, null)
                .run()
                .violation();
        if (without != null && without.rule().equals(rule)) {
            throw new InvariantViolation(rule, "seed " + seed + " without any bug: " + without.getMessage(), without);
        }
    }
}
