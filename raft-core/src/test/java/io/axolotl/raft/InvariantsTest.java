package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.entryId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.message.Message;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Each rule of {@link Invariants}, broken in the memory of a node that runs: the next step stops it, and so does the next
 * {@link Ready}, before anything of it is given out. Fields are set by reflection, for no input can do it.
 */
class InvariantsTest {
    private static final String OF_THE_LOG = "log";

    /**
     * @param owner the part of {@link NodeState} that is broken, or null for itself
     */
    private record Break(
            String rule,
            boolean isLeaders,
            @Nullable String owner,
            String field,
            @Nullable Object value) {
        @Override
        public String toString() {
            return rule + (isLeaders ? ", at a leader" : "");
        }
    }

    private static Break ofFollower(String rule, @Nullable String owner, String field, @Nullable Object value) {
        return new Break(rule, false, owner, field, value);
    }

    private static Break ofLeader(String rule, @Nullable String owner, String field, @Nullable Object value) {
        return new Break(rule, true, owner, field, value);
    }

    static final List<Break> BREAKS = List.of(
            ofFollower("the term never falls", null, "term", 1L),
            ofFollower("the vote of a term never changes", null, "votedFor", C),
            ofFollower("the vote of a term never changes", null, "votedFor", null),
            ofFollower("the commit index never falls", OF_THE_LOG, "commitIndex", 1L),
            ofFollower("the applied index never falls", "applying", "appliedIndex", 1L),
            ofFollower("only what was given out is applied", "applying", "appliedIndex", 3L),
            ofFollower("only what is committed and durable here is given out", "applying", "givenIndex", 3L),
            ofFollower("only what is committed and durable here is given out", OF_THE_LOG, "durableIndex", 1L),
            ofFollower("only what is in the log is committed", OF_THE_LOG, "commitIndex", 4L),
            ofFollower("only what is in the log is durable", OF_THE_LOG, "durableIndex", 4L),
            ofFollower("the log begins no later than just behind the snapshot", OF_THE_LOG, "previous", entryId(1, 1)),
            ofFollower("no entry is of a later term", OF_THE_LOG, "last", entryId(3, 3)),
            ofFollower("no later term is on disk", "durable", "term", 3L),
            ofFollower("only a leader knows itself as the leader", null, "leader", Bench.A),
            ofLeader("only a leader knows itself as the leader", null, "leader", null),
            ofLeader("a leader's log ends in its own term", OF_THE_LOG, "last", entryId(0, 2)),
            ofLeader("a leader never cuts its log", OF_THE_LOG, "last", entryId(1, 1)),
            ofLeader("a leader's own vote is on disk", "durable", "vote", B));

    @ParameterizedTest
    @FieldSource("BREAKS")
    @DisplayName("I1, I2, I6: each rule that is broken stops the node at its next step, with its name")
    void eachBrokenRuleStopsTheNextStep(Break planted) throws ReflectiveOperationException {
        Bench bench = benchFor(planted);
        bench.tell(1);
        plant(planted, bench.node);
        assertThatThrownBy(() -> bench.tell(1))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("broken invariant: " + planted.rule())
                .hasMessageContaining("node " + Bench.A);
    }

    @ParameterizedTest
    @FieldSource("BREAKS")
    @DisplayName("I1, I2, I6: and keeps it from giving anything out")
    void eachBrokenRuleKeepsTheReadyBack(Break planted) throws ReflectiveOperationException {
        Bench bench = benchFor(planted);
        plant(planted, bench.node);
        assertThatThrownBy(bench.node::takeReady).isInstanceOf(AssertionError.class);
    }

    @Test
    @DisplayName("every rule of the class is among those that are broken here")
    void everyRuleIsBrokenHere() throws IOException {
        String source = Files.readString(Path.of("src/main/java/io/axolotl/raft/Invariants.java"));
        Matcher rule = Pattern.compile("\"([^\"]+)\",\\s*state\\)").matcher(source);
        List<String> rules = new ArrayList<>();
        while (rule.find()) {
            rules.add(rule.group(1));
        }
        assertThat(rules).hasSizeGreaterThan(10);
        assertThat(BREAKS).extracting(Break::rule).containsAll(rules);
    }

    /** A follower in term 2 that voted for B and has applied two of three entries; or a leader with an entry of its own. */
    private static Bench benchFor(Break planted) {
        if (planted.isLeaders()) {
            Bench leader = Bench.ofThree("");
            leader.leadAndCommit();
            leader.propose("x");
            return leader;
        }
        Bench follower = Bench.ofThree("1.1 1.2 1.3");
        follower.persist(follower.receive(B, new Message.RequestVote(2, entryId(1, 3), false)));
        follower.append(B, 2, entryId(1, 3), "", 2);
        follower.step(new Input.Applied(2));
        assertThat(follower.view().appliedIndex()).isEqualTo(2);
        assertThat(follower.view().votedFor()).isEqualTo(B);
        return follower;
    }

    private static void plant(Break planted, RaftNode node) throws ReflectiveOperationException {
        Object owner = read(node, "state");
        if (planted.owner() != null) {
            owner = read(owner, planted.owner());
        }
        Field field = owner.getClass().getDeclaredField(planted.field());
        field.setAccessible(true);
        field.set(owner, planted.value());
    }

    private static Object read(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
