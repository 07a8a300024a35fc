package io.axolotl.raft.testing;

import io.axolotl.raft.HardState;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A story about a cluster, in prose that a Raft reader can check on paper:
 *
 * <pre>
 * given  nodes A B C, A leads term 1, every log is 1.1
 * when   A is cut off
 * and    A is asked to put x=1
 * then   A's log is 1.1 1.2, nothing new is committed
 * </pre>
 *
 * <p>A line starts with {@code given}, {@code when}, {@code then} or {@code and}; clauses are separated by commas; what
 * follows a {@code #} is a comment. In {@code given}, statements about logs, terms and votes describe the disks as long as
 * nothing has happened; everywhere else they are checked. {@link #play} returns a transcript: each line followed by
 * everything but heartbeats that the cluster sent and told because of it.
 */
public final class Scenario {
    private interface Deed {
        void play(Matcher words);
    }

    private record Phrase(Pattern pattern, Deed deed) {}

    private final List<Phrase> deeds = new ArrayList<>();
    private final List<Phrase> facts = new ArrayList<>();
    private final List<Phrase> setups = new ArrayList<>();

    private @Nullable ScenarioCluster cluster;
    private final TreeSet<NodeId> voters = new TreeSet<>();
    private final TreeSet<NodeId> learners = new TreeSet<>();
    private final TreeSet<NodeId> newcomers = new TreeSet<>();
    private final TreeMap<NodeId, String> logs = new TreeMap<>();
    private final TreeMap<NodeId, Long> terms = new TreeMap<>();
    private final TreeMap<NodeId, NodeId> votes = new TreeMap<>();
    private RaftConfig config = ScenarioCluster.CONFIG;
    private long committedBefore;

    private Scenario() {
        describeSetups();
        describeDeeds();
        describeFacts();
        describeMembershipFacts();
    }

    /**
     * Plays the story to its end.
     *
     * @return the transcript
     * @throws AssertionError if a fact does not hold, or if any safety property is broken, with the line
     */
    public static List<String> play(List<String> lines) {
        Scenario scenario = new Scenario();
        List<String> transcript = new ArrayList<>();
        String keyword = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            transcript.add(line);
            String prose = line.replaceFirst("#.*", "").trim();
            if (prose.isEmpty()) {
                continue;
            }
            String[] parts = prose.split(" +", 2);
            if (!parts[0].equals("and")) {
                keyword = parts[0];
            }
            try {
                for (String clause : parts[1].split(", *", -1)) {
                    scenario.play(keyword, clause.trim());
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "line " + (i + 1) + ", \"" + prose + "\": " + e.getMessage() + "\nso far:\n"
                                + String.join("\n", transcript) + "\n" + scenario.story(),
                        e);
            }
            if (scenario.cluster != null) {
                for (String event : scenario.cluster.takeTranscript()) {
                    if (!keyword.equals("given")) {
                        transcript.add("           " + event);
                    }
                }
            }
        }
        return transcript;
    }

    private String story() {
        return cluster == null ? "" : String.join("\n", cluster.takeTranscript());
    }

    private void play(String keyword, String clause) {
        List<Phrase> phrases = switch (keyword) {
            case "given" -> cluster == null ? setups : facts;
            case "when" -> deeds;
            case "then" -> facts;
            default -> throw new IllegalArgumentException("a line starts with given, when, then or and");
        };
        for (Phrase phrase : phrases) {
            Matcher words = phrase.pattern().matcher(clause);
            if (words.matches()) {
                phrase.deed().play(words);
                return;
            }
        }
        throw new IllegalArgumentException("nobody understands \"" + clause + "\" in a " + keyword);
    }

    private ScenarioCluster cluster() {
        if (cluster == null) {
            Membership membership = new Membership(voters, new TreeSet<>(), learners);
            TreeMap<NodeId, MemoryDisk> disks = new TreeMap<>();
            TreeSet<NodeId> all = new TreeSet<>(membership.all());
            all.addAll(newcomers);
            for (NodeId id : all) {
                List<Entry> entries = ScenarioCluster.entries(logs.getOrDefault(id, ""));
                long lastTerm =
                        entries.isEmpty() ? 0 : entries.get(entries.size() - 1).term();
                HardState hardState = new HardState(Math.max(terms.getOrDefault(id, 0L), lastTerm), votes.get(id), 0);
                disks.put(id, new MemoryDisk(hardState, membership, entries));
            }
            cluster = new ScenarioCluster(config, disks);
        }
        return cluster;
    }

    private static void add(List<Phrase> phrases, String pattern, Deed deed) {
        // N stands for a node, M for several, L for a list of entries, T for a number, C for a command.
        String regex = pattern.replace("<N>", "([A-Z])")
                .replace("<M>", "([A-Z](?: [A-Z])*)")
                .replace("<L>", "((?: ?\\d+\\.\\d+)*)")
                .replace("<T>", "(\\d+)")
                .replace("<C>", "(\\S+)");
        phrases.add(new Phrase(Pattern.compile(regex), deed));
    }

    // given

    private void describeSetups() {
        add(setups, "nodes ([A-Z](?: [A-Z])*)", w -> names(w.group(1)).forEach(name -> voters.add(id(name))));
        add(setups, "learners? ([A-Z](?: [A-Z])*)", w -> names(w.group(1)).forEach(name -> learners.add(id(name))));
        add(setups, "newcomers? ([A-Z](?: [A-Z])*)", w -> names(w.group(1)).forEach(name -> newcomers.add(id(name))));
        add(setups, "<N>'s log is <L>", w -> logs.put(id(w.group(1)), w.group(2)));
        add(setups, "every log is <L>", w -> voters.forEach(voter -> logs.put(voter, w.group(1))));
        add(setups, "<N>'s term is <T>", w -> terms.put(id(w.group(1)), Long.parseLong(w.group(2))));
        add(setups, "<N> has voted for <N>", w -> votes.put(id(w.group(1)), id(w.group(2))));
        add(setups, "at most <T> entr(?:y|ies) to an append", w -> config = entriesPerAppend(config, w.group(1)));
        add(setups, "no pre-vote", w -> config = withoutPreVote(config));
        add(setups, "<N> leads term <T>", w -> {
            cluster().elect(w.group(1));
            leads(w.group(1), Long.parseLong(w.group(2)));
            committedBefore = cluster().checker().committedIndex();
        });
    }

    private static RaftConfig entriesPerAppend(RaftConfig c, String count) {
        return new RaftConfig(
                c.heartbeatIntervalNanos(),
                c.electionTimeoutNanos(),
                Integer.parseInt(count),
                c.maxBytesPerAppend(),
                c.maxInflightAppends(),
                c.maxInflightBytes(),
                c.maxUncommittedBytes(),
                c.maxApplyingBytes(),
                c.maxCachedBytes(),
                c.isPreVote(),
                c.isCheckQuorum());
    }

    private static RaftConfig withoutPreVote(RaftConfig c) {
        return new RaftConfig(
                c.heartbeatIntervalNanos(),
                c.electionTimeoutNanos(),
                c.maxEntriesPerAppend(),
                c.maxBytesPerAppend(),
                c.maxInflightAppends(),
                c.maxInflightBytes(),
                c.maxUncommittedBytes(),
                c.maxApplyingBytes(),
                c.maxCachedBytes(),
                false,
                c.isCheckQuorum());
    }

    // when

    private void describeDeeds() {
        add(deeds, "<N> is cut off", w -> cluster().cutOff(w.group(1)));
        add(deeds, "<N> is cut from <N>", w -> cluster().cut(w.group(1), w.group(2)));
        add(deeds, "<N> can no longer send to <N>", w -> cluster().cutOneWay(w.group(1), w.group(2)));
        add(deeds, "<N> is reconnected", w -> cluster().reconnect(w.group(1)));
        add(deeds, "all are reconnected", w -> cluster().reconnectAll());
        add(
                deeds,
                "messages flow until quiet|the others hear it",
                w -> cluster().flow());
        add(deeds, "messages to <N> are lost", w -> cluster().loseMessagesTo(w.group(1)));
        add(deeds, "all messages are lost", w -> cluster().loseAllMessages());
        add(deeds, "<N> is asked to put <C>", w -> cluster().put(w.group(1), w.group(2)));
        add(
                deeds,
                "<N> is asked for read <C>",
                w -> cluster().read(w.group(1), w.group(2)).work());
        add(
                deeds,
                "<N> is asked for change <C>:(?: voters <M>)?(?: learners <M>)?(?: without <M>)?",
                w -> cluster().change(w.group(1), w.group(2), change(w.group(3), w.group(4), w.group(5))));
        add(deeds, "<N> hands over to <N>", w -> cluster().transfer(w.group(1), w.group(2)));
        add(deeds, "<N>'s election timeout passes", w -> cluster().electionTimeoutPasses(w.group(1)));
        add(deeds, "an election timeout passes", w -> time(ScenarioCluster.CONFIG.electionTimeoutNanos()));
        add(
                deeds,
                "<T> election timeouts pass",
                w -> time(Long.parseLong(w.group(1)) * ScenarioCluster.CONFIG.electionTimeoutNanos()));
        add(deeds, "a heartbeat interval passes", w -> time(ScenarioCluster.CONFIG.heartbeatIntervalNanos()));
        add(deeds, "<N> is stopped", w -> cluster().stop(w.group(1)));
        add(deeds, "<N> goes on", w -> cluster().goOn(w.group(1)));
        add(
                deeds,
                "entries to <N> are lost from now on",
                w -> cluster()
                        .losing((from, to, message) ->
                                to.equals(id(w.group(1))) && message instanceof Message.AppendEntries));
        add(
                deeds,
                "entries behind <T> are lost from now on",
                w -> cluster()
                        .losing((from, to, message) -> message instanceof Message.AppendEntries append
                                && append.entries().stream().anyMatch(e -> e.index() > Long.parseLong(w.group(1)))));
        add(deeds, "entries get through again", w -> cluster().losingNothing());
        add(deeds, "<N> crashes", w -> cluster().crash(w.group(1)));
        add(deeds, "<N> restarts", w -> cluster().restart(w.group(1)));
        add(deeds, "<N>'s disk stalls", w -> cluster().stallDisk(w.group(1)));
        add(
                deeds,
                "<N>'s disk works again",
                w -> cluster().repairDisk(w.group(1)).work());
        add(deeds, "<N> takes a snapshot and cuts its log", w -> cluster().compact(w.group(1)));
    }

    private static MembershipChange change(
            @Nullable String voters, @Nullable String learners, @Nullable String removed) {
        return new MembershipChange(ids(voters), ids(learners), ids(removed));
    }

    private static NavigableSet<NodeId> ids(@Nullable String words) {
        NavigableSet<NodeId> ids = new TreeSet<>();
        if (words != null) {
            names(words).forEach(name -> ids.add(id(name)));
        }
        return ids;
    }

    private void time(long nanos) {
        cluster().timePasses(nanos);
    }

    // then

    private void describeFacts() {
        add(facts, "<N> leads term <T>", w -> leads(w.group(1), Long.parseLong(w.group(2))));
        add(
                facts,
                "nobody leads",
                w -> cluster()
                        .nodes()
                        .forEach(node -> require(
                                !node.isUp() || !node.view().isLeader(), "%s leads", ScenarioCluster.name(node.id()))));
        add(
                facts,
                "<N> is a ([a-z-]+)",
                w -> requireEqual(w.group(2), cluster().view(w.group(1)).role().word(), "role of " + w.group(1)));
        add(facts, "<N> follows <N>", w -> {
            NodeView view = cluster().view(w.group(1));
            require(
                    !view.isLeader() && id(w.group(2)).equals(view.leader()),
                    "%s is a %s and knows leader %s",
                    w.group(1),
                    view.role().word(),
                    view.leader());
        });
        add(
                facts,
                "<N>'s term is <T>",
                w -> requireEqual(
                        Long.parseLong(w.group(2)), cluster().view(w.group(1)).term(), "term of " + w.group(1)));
        add(
                facts,
                "every term is <T>",
                w -> cluster()
                        .nodes()
                        .forEach(node -> requireEqual(
                                Long.parseLong(w.group(1)),
                                node.view().term(),
                                "term of " + ScenarioCluster.name(node.id()))));
        add(
                facts,
                "<N>'s log is <L>",
                w -> requireEqual(w.group(2), cluster().log(w.group(1)), "log of " + w.group(1)));
        add(facts, "<N>'s log is empty", w -> requireEqual("", cluster().log(w.group(1)), "log of " + w.group(1)));
        add(
                facts,
                "every log is <L>",
                w -> cluster().nodes().forEach(node -> {
                    String name = ScenarioCluster.name(node.id());
                    requireEqual(w.group(1), cluster().log(name), "log of " + name);
                }));
        add(
                facts,
                "<N>'s log begins behind <L>",
                w -> requireEqual(
                        w.group(2),
                        cluster().node(w.group(1)).disk().previous().toString(),
                        "previous of " + w.group(1)));
        add(
                facts,
                "<N>'s commit index is <T>",
                w -> requireEqual(
                        Long.parseLong(w.group(2)),
                        cluster().view(w.group(1)).commitIndex(),
                        "commit index of " + w.group(1)));
        add(
                facts,
                "every commit index is <T>",
                w -> cluster()
                        .nodes()
                        .forEach(node -> requireEqual(
                                Long.parseLong(w.group(1)),
                                node.view().commitIndex(),
                                "commit index of " + ScenarioCluster.name(node.id()))));
        add(
                facts,
                "nothing new is committed",
                w -> requireEqual(committedBefore, cluster().checker().committedIndex(), "highest commit index"));
        add(facts, "all applied <C>", w -> cluster().nodes().forEach(node -> applied(node, w.group(1), true)));
        add(facts, "nobody applied <C>", w -> cluster().nodes().forEach(node -> applied(node, w.group(1), false)));
        add(facts, "<N> applied <C>", w -> applied(cluster().node(w.group(1)), w.group(2), true));
        add(facts, "<N> has not applied <C>", w -> applied(cluster().node(w.group(1)), w.group(2), false));
        add(
                facts,
                "all states are equal",
                w -> cluster()
                        .nodes()
                        .forEach(node -> requireEqual(
                                cluster().nodes().iterator().next().digest(),
                                node.digest(),
                                "state of " + ScenarioCluster.name(node.id()))));
        add(
                facts,
                "the caller of <C> was told: (nothing yet|done|refused|unknown)",
                w -> requireEqual(
                        w.group(2),
                        cluster()
                                .outcome(w.group(1))
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' '),
                        "outcome of " + w.group(1)));
        add(facts, "read <C> is confirmed at <T>", w -> {
            ReadState answer = cluster().answer(w.group(1));
            require(
                    answer instanceof ReadState.Confirmed confirmed && confirmed.index() == Long.parseLong(w.group(2)),
                    "read %s was answered by %s",
                    w.group(1),
                    answer);
        });
        add(facts, "read <C> is refused", w -> {
            ReadState answer = cluster().answer(w.group(1));
            require(answer instanceof ReadState.Refused, "read %s was answered by %s", w.group(1), answer);
        });
        add(facts, "read <C> is not answered", w -> {
            ReadState answer = cluster().answer(w.group(1));
            require(answer == null, "read %s was answered by %s", w.group(1), answer);
        });
        add(
                facts,
                "<N> has told of ([A-Z][A-Za-z]+)",
                w -> require(
                        cluster().trace(w.group(1)).stream().anyMatch(event -> isA(event, w.group(2))),
                        "%s has not told of %s",
                        w.group(1),
                        w.group(2)));
        add(
                facts,
                "<N> has not told of ([A-Z][A-Za-z]+)",
                w -> require(
                        cluster().trace(w.group(1)).stream().noneMatch(event -> isA(event, w.group(2))),
                        "%s has told of %s",
                        w.group(1),
                        w.group(2)));
    }

    private void describeMembershipFacts() {
        add(
                facts,
                "<N>'s voters are <M>",
                w -> members(w.group(1), new Membership(ids(w.group(2)), ids(null), ids(null))));
        add(
                facts,
                "<N>'s voters are <M> and learners <M>",
                w -> members(w.group(1), new Membership(ids(w.group(2)), ids(null), ids(w.group(3)))));
        add(
                facts,
                "<N>'s voters are <M> leaving <M>",
                w -> members(w.group(1), new Membership(ids(w.group(2)), ids(w.group(3)), ids(null))));
        add(facts, "no change is under way", w -> {
            for (SimulatedNode node : cluster().nodes()) {
                if (node.isUp()) {
                    require(node.view().isMembershipSettled(), "a change is under way: %s", node.view());
                }
            }
        });
        add(
                facts,
                "<N> is removed",
                w -> require(cluster().view(w.group(1)).isRemoved(), "%s is not removed", w.group(1)));
        add(
                facts,
                "<N> is not removed",
                w -> require(!cluster().view(w.group(1)).isRemoved(), "%s is removed", w.group(1)));
        add(facts, "change <C> is refused: ([A-Z_]+)", w -> {
            ProposalOutcome outcome = cluster().firstWord(w.group(1));
            require(
                    outcome instanceof ProposalOutcome.ChangeRefused refused
                            && refused.reason().name().equals(w.group(2)),
                    "change %s was answered by %s",
                    w.group(1),
                    outcome);
        });
    }

    private void members(String name, Membership expected) {
        requireEqual(expected, cluster().view(name).membership(), "membership of " + name);
    }

    private static boolean isA(TraceEvent event, String simpleName) {
        return event.getClass().getSimpleName().equals(simpleName);
    }

    private void leads(String name, long term) {
        NodeView view = cluster().view(name);
        require(
                view.isLeader() && view.term() == term,
                "%s is a %s in term %s",
                name,
                view.role().word(),
                view.term());
    }

    private void applied(SimulatedNode node, String command, boolean isExpected) {
        String name = ScenarioCluster.name(node.id());
        require(
                cluster().hasApplied(name, command) == isExpected,
                isExpected ? "%s has not applied %s" : "%s has applied %s",
                name,
                command);
    }

    private static NodeId id(String name) {
        return ScenarioCluster.id(name);
    }

    private static List<String> names(String words) {
        return List.of(words.split(" "));
    }

    private static void requireEqual(Object expected, Object actual, String what) {
        require(expected.equals(actual), "%s: expected \"%s\", it is \"%s\"", what, expected, actual);
    }

    private static void require(boolean holds, String otherwise, @Nullable Object... values) {
        if (!holds) {
            throw new AssertionError(Words.fill(otherwise, values));
        }
    }
}
