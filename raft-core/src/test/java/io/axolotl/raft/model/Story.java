package io.axolotl.raft.model;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells a counter-example: how the nodes begin, and for each event what it was and what became of the node. */
final class Story {
    private final Automaton automaton;
    private final List<String> lines = new ArrayList<>();
    private int count;

    Story(Automaton automaton, List<String> begins) {
        this.automaton = automaton;
        lines.add("at the beginning");
        begins.forEach(line -> lines.add("      " + line));
    }

    /** Node 1 is A. */
    static String name(NodeId node) {
        return String.valueOf((char) ('A' + node.value() - 1));
    }

    static String entry(Entry entry) {
        return switch (entry.kind()) {
            case NO_OP -> entry.id().toString();
            case COMMAND -> entry.id() + "=" + entry.payload()[0];
            case MEMBERSHIP -> entry.id() + membership(Membership.decode(entry.payload()));
        };
    }

    static String membership(Membership membership) {
        StringBuilder text = new StringBuilder("{");
        membership.voters().forEach(node -> text.append(name(node)));
        if (membership.isJoint()) {
            text.append(" leaving ");
            membership.outgoingVoters().forEach(node -> text.append(name(node)));
        }
        return text.append('}').toString();
    }

    void tell(int node, Event event, int argument, int before, Automaton.Transition transition) {
        count++;
        String who = name(automaton.state(before).node());
        String what = switch (event) {
            case RECEIVE -> who + " receives " + packet(argument);
            case RECEIVE_COPY -> who + " receives " + packet(argument) + ", which will come again";
            case ELECTION_TIMEOUT -> "an election timeout passes on " + who;
            case HEARTBEAT -> "a heartbeat interval passes on " + who;
            case SYNC -> "the oldest write of " + who + " is synced";
            case REPORT -> who + " is told of the sync";
            case READY -> who + "'s Ready is taken";
            case RESTART -> who + " crashes and starts again";
            case PROPOSE -> who + " is given command " + argument;
            case CHANGE -> who + " is asked for the change";
            case READ -> who + " is asked for a read";
        };
        lines.add(String.format(Locale.ROOT, "%4d. %s", count, what));
        if (transition.next() != before) {
            lines.add("      " + automaton.describe(transition.next()));
        }
        for (int packet : transition.sent()) {
            lines.add("      sends " + packet(packet));
        }
        for (Effects.Answer answer : transition.answers()) {
            lines.add("      " + who + " may serve read " + answer.readId() + " at index " + answer.index());
        }
    }

    List<String> end(String broken) {
        lines.add("broken: " + broken);
        return List.copyOf(lines);
    }

    private String packet(int number) {
        Packet packet = automaton.packet(number);
        return name(packet.from()) + " to " + name(packet.to()) + ": " + message(packet.message());
    }

    private static String message(Message message) {
        if (message instanceof Message.AppendEntries append) {
            StringBuilder entries = new StringBuilder();
            append.entries().forEach(each -> entries.append(' ').append(entry(each)));
            return "AppendEntries of term " + append.term() + " after " + append.previous() + ":"
                    + (entries.isEmpty() ? " nothing" : entries) + ", committed " + append.commitIndex();
        }
        return message.toString();
    }
}
