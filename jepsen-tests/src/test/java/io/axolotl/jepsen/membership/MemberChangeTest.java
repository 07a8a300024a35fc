package io.axolotl.jepsen.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members come and go while writers write, on real processes: M6 (the leader is removed), M7 (removed nodes keep running), M10
 * (learners), M15 (growing and shrinking). {@code -Daxolotl.target=etcd} asks the same of a real etcd.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MemberChangeTest {
    /** Several elections: it ends what hangs, it is no bar for speed. */
    /** Up to five young servers share two processors with what is asked of them. */
    private static final Duration PERIOD = Duration.ofMillis(60);

    private static final double MOST_SILENCE_MILLIS = 10_000;

    @ParameterizedTest(
            name = "{0}: nothing acknowledged is lost, no read is stale, and the members are those that should be")
    // The third route is part of the replacement of all.
    @EnumSource(names = {"REPLACE_ALL", "THREE_FIVE_THREE"})
    void changesUnderLoadLoseNothing(Route route) {
        try (Walk walk = Walk.start(Target.chosen(), PERIOD)) {
            route.go(walk);
            System.out.println(route.title + "\n" + walk);
            List<String> expected =
                    walk.voters().stream().map(ServerProcess::name).sorted().toList();
            Walk.End end = walk.end();
            assertThat(end.isClean()).as("%s%n%s", end, walk.logs()).isTrue();
            assertThat(end.audit().acknowledged())
                    .as("writes, without which this shows nothing")
                    .isGreaterThan(300);
            assertThat(end.members()).isEqualTo(expected).hasSize(3);
            assertThat(walk.steps())
                    .allSatisfy(step ->
                            assertThat(step.writeGapMillis()).as(step.title()).isLessThan(MOST_SILENCE_MILLIS));
        }
    }
}
