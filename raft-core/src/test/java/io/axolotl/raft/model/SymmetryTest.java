package io.axolotl.raft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes the search small must not make it blind. */
class SymmetryTest {
    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.arguments(Models.election(), 7),
                Arguments.arguments(Models.preVote(), 8),
                Arguments.arguments(Models.replication(), 5),
                Arguments.arguments(Models.joint(), 4),
                Arguments.arguments(Models.readIndex(), 5));
    }

    /** The core does the same whatever its nodes are called, or a search from one of each kind would miss some. */
    @ParameterizedTest
    @MethodSource("models")
    @DisplayName("a search of one state of each kind meets as many kinds as a search of all")
    void noKindOfStateIsMissed(Model model, int depth) {
        Explorer.Outcome oneOfEach = new Explorer(model, ModelBug.NONE).explore(depth, Long.MAX_VALUE);
        Explorer.Outcome all = new Explorer(model, ModelBug.NONE, true).explore(depth, Long.MAX_VALUE);
        assertThat(all.states()).as("kinds of states").isEqualTo(oneOfEach.states());
        assertThat(all.transitions()).as("a search by name follows more").isGreaterThan(oneOfEach.transitions());
    }
}
