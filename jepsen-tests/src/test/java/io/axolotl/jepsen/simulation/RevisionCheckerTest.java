package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("I5: revisions agree with real time")
class RevisionCheckerTest {
    private static Operation done(long id, Operation.Kind kind, long from, long to, long revision) {
        Operation operation = new Operation(id, 1, kind, "k", null, 0, from);
        operation.done(to, revision, 0, true);
        return operation;
    }

    @Test
    void acceptsRevisionsInRealTimeOrder() {
        assertThat(RevisionChecker.check(List.of(
                        done(1, Operation.Kind.PUT, 1, 2, 2),
                        done(2, Operation.Kind.PUT, 3, 4, 3),
                        done(3, Operation.Kind.GET, 5, 6, 3))))
                .isEmpty();
    }

    @Test
    void acceptsAnyOrderOfWhatOverlaps() {
        assertThat(RevisionChecker.check(
                        List.of(done(1, Operation.Kind.PUT, 1, 10, 3), done(2, Operation.Kind.PUT, 2, 9, 2))))
                .isEmpty();
    }

    @Test
    void refusesTwoWritesOfOneRevision() {
        assertThat(RevisionChecker.check(
                        List.of(done(1, Operation.Kind.PUT, 1, 10, 2), done(2, Operation.Kind.PUT, 2, 9, 2))))
                .hasValueSatisfying(what -> assertThat(what).contains("two writes of one revision"));
    }

    @Test
    void refusesAWriteThatIsOrderedBeforeWhatHadEnded() {
        assertThat(RevisionChecker.check(
                        List.of(done(1, Operation.Kind.PUT, 1, 2, 5), done(2, Operation.Kind.PUT, 3, 4, 4))))
                .isPresent();
    }

    @Test
    void refusesAReadOfAnOldRevision() {
        assertThat(RevisionChecker.check(
                        List.of(done(1, Operation.Kind.PUT, 1, 2, 5), done(2, Operation.Kind.GET, 3, 4, 4))))
                .isPresent();
    }

    @Test
    void refusesAReadThatFallsBehindAnotherRead() {
        assertThat(RevisionChecker.check(
                        List.of(done(1, Operation.Kind.GET, 1, 2, 7), done(2, Operation.Kind.GET, 3, 4, 6))))
                .isPresent();
    }
}
