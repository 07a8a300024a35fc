package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A judge that never saw a bug proves nothing. Bugs that take many seeds are hunted only with {@code -Daxolotl.sim.hunt=true};
 * {@code axolotl simulate --planted-bugs} hunts all.
 */
@Tag("worlds")
@DisplayName("Every planted bug is caught within its number of seeds")
class PlantedBugTest {
    private static final long SECONDS = 20;
    private static final int COMMON = 200;
    private static final boolean IS_HUNTING_RARE_ONES = Boolean.getBoolean("axolotl.sim.hunt");

    @ParameterizedTest
    @EnumSource(value = PlantedBug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void isCaught(PlantedBug bug) {
        assumeTrue(
                IS_HUNTING_RARE_ONES || bug.maxSeeds() <= COMMON, "rare bugs are hunted with -Daxolotl.sim.hunt=true");
        Detection detection = Detection.hunt(bug, 1, bug.maxSeeds(), SECONDS);
        System.out.printf("%-24s seed %-5d %s%n", bug, detection.seeds(), detection.rule());
        assertThat(detection.isCaught()).as("%s: %s", bug, bug.description()).isTrue();
    }
}
