package io.axolotl.raft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A judge that never saw a bug proves nothing: each one is planted in a model and found by the shortest way. */
class PlantedModelBugTest {
    private static final int DEEPEST = 14;
    private static final Map<String, Explorer.Outcome> FOUND = new HashMap<>();

    private static Model elections() {
        return Models.election().allowing(Event.RESTART, 0).allowing(Event.RECEIVE_COPY, 0);
    }

    private static Model figure8() {
        return Models.figure8().allowing(Event.RESTART, 0).allowing(Event.ELECTION_TIMEOUT, 1);
    }

    /** Two tests look at one search. */
    private static Explorer.Outcome search(ModelBug bug, Model model) {
        return FOUND.computeIfAbsent(
                bug + " in " + model.name(), each -> new Explorer(model, bug).explore(DEEPEST, 3_000_000));
    }

    static Stream<Arguments> bugs() {
        return Stream.of(
                arguments(ModelBug.VOTE_FORGOTTEN, Models.election(), 7, "gives its vote of term 1 to"),
                arguments(ModelBug.SYNC_LIES, Models.election(), 7, "gives its vote of term 1 to"),
                arguments(ModelBug.SEND_BEFORE_SYNC, Models.election(), 1, "but its disk says"),
                arguments(ModelBug.STALE_VOTE_COUNTED, elections(), 12, "Election Safety"),
                arguments(ModelBug.PREVIOUS_NOT_CHECKED, Models.figure8(), 1, "Log Matching"),
                arguments(ModelBug.MORE_THAN_PROVEN, Models.replication(), 5, "acknowledges index"),
                arguments(
                        ModelBug.COMMIT_PAST_PROVEN,
                        Models.figure8().allowing(Event.ELECTION_TIMEOUT, 0),
                        5,
                        "State Machine Safety"),
                arguments(ModelBug.COMMIT_OLD_TERM, figure8(), 9, "Leader Completeness"),
                arguments(ModelBug.NEWEST_TOKEN, Models.slowDisk().allowing(Event.RESTART, 0), 8, "acknowledges index"),
                arguments(
                        ModelBug.TOKEN_BY_INDEX,
                        Models.slowDisk().allowing(Event.RESTART, 0),
                        7,
                        "was reported synced"),
                arguments(ModelBug.READ_WITHOUT_QUORUM, Models.staleLeader(), 1, "Read freshness"),
                arguments(ModelBug.OLD_READ_ROUND, Models.staleLeader(), 1, "Read freshness"),
                arguments(ModelBug.ROUND_OF_ANOTHER_TERM, Models.electedAgain(), 10, "Read freshness"),
                arguments(
                        ModelBug.NEW_VOTER_FOR_OLD,
                        Models.reconfiguration()
                                .allowing(Event.ELECTION_TIMEOUT, 0)
                                .allowing(Event.RESTART, 0),
                        10,
                        "Commit: A calls"),
                arguments(
                        ModelBug.CHANGE_BEFORE_OWN_COMMIT,
                        Models.reconfiguration().configured(Models.keepingNothingInMemory()),
                        6,
                        "before anything of its term is committed"),
                arguments(ModelBug.MEMBERSHIP_ON_COMMIT, Models.reconfiguration(), 3, "I16"),
                // So that of each model it is known that its events reach its judge.
                arguments(ModelBug.VOTE_FORGOTTEN, Models.preVote(), 11, "gives its vote of term 1 to"),
                arguments(ModelBug.MEMBERSHIP_ON_COMMIT, Models.joint(), 1, "I16"),
                arguments(ModelBug.MEMBERSHIP_ON_COMMIT, Models.leaderLeaves(), 1, "I16"),
                arguments(ModelBug.READ_WITHOUT_QUORUM, Models.readIndex(), 7, "Read freshness"));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("bugs")
    @DisplayName("every planted bug is found, by the shortest way, as what it is")
    void everyBugIsFound(ModelBug bug, Model model, int events, String seenAs) {
        Explorer.Outcome outcome = search(bug, model);
        System.out.printf(
                Locale.ROOT,
                "%s (%s): in %s by %d events, among %,d states: %s%n",
                bug,
                bug.description(),
                model.name(),
                outcome.depth(),
                outcome.states(),
                outcome.broken());
        assertThat(outcome.broken()).as("%s in %s", bug, model.name()).contains(seenAs);
        assertThat(outcome.depth())
                .as("the shortest way:\n" + String.join("\n", outcome.story()))
                .isEqualTo(events);
    }

    @Test
    void noBugIsForgotten() {
        Set<ModelBug> planted = bugs().map(each -> (ModelBug) each.get()[0]).collect(Collectors.toSet());
        assertThat(EnumSet.complementOf(EnumSet.copyOf(planted))).containsExactly(ModelBug.NONE);
    }

    @Test
    @DisplayName("Figure 8: the counter-example reads as the paper tells it")
    void theStoryOfFigure8() {
        Model model = figure8();
        Explorer.Outcome outcome = search(ModelBug.COMMIT_OLD_TERM, model);
        String story = String.join("\n", outcome.story());
        assertThat(outcome.story().stream().filter(line -> line.matches(" *\\d+\\. .*")))
                .as(story)
                .hasSize(outcome.depth());
        assertThat(story)
                .contains("A: LEADER of term 3")
                .contains("B: LEADER of term 4")
                .contains(
                        "Leader Completeness: 1.1=11 was committed in term 3, but B, who leads term 4, has not got it");
    }
}
