package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A judge that never saw a bug proves nothing. */
@DisplayName("Every planted bug is caught within its number of seeds")
class PlantedBugTest {
    private static final long SECONDS = 20;

    @ParameterizedTest
    @EnumSource(value = PlantedBug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void isCaught(PlantedBug bug) {
        Detection detection = Detection.hunt(bug, 1, bug.maxSeeds(), SECONDS);
        System.out.printf("%-24s seed %-5d %s%n", bug, detection.seeds(), detection.rule());
        assertThat(detection.isCaught()).as("%s: %s", bug, bug.description()).isTrue();
    }
}
