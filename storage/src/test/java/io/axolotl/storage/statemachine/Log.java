package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A log for tests: what is appended is committed, and remembered for replay. */
public final class Log {
    public static final Membership THREE = Membership.ofVoters(List.of(new NodeId(1), new NodeId(2), new NodeId(3)));

    private final List<Entry> entries = new ArrayList<>();
    private final long start;

    public Log() {
        this(0);
    }

    /** A log whose first entry comes after index {@code start}. */
    public Log(long start) {
        this.start = start;
    }

    public Entry append(Command command) {
        return append(Caller.NOBODY, command);
    }

    public Entry append(Caller caller, Command command) {
        return append(Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(7, nextIndex()), caller, command));
    }

    public Entry append(Entry.Kind kind, byte[] payload) {
        Entry entry = new Entry(new EntryId(1, nextIndex()), kind, payload);
        entries.add(entry);
        return entry;
    }

    private long nextIndex() {
        return start + entries.size() + 1;
    }

    /** All entries after an index, for replay. */
    public List<Entry> after(long index) {
        return List.copyOf(entries.subList((int) (index - start), entries.size()));
    }

    /** Appends a command, applies it as a run of its own, and returns what came of it. */
    public CommandResult apply(KvStateMachine machine, Command command) {
        return apply(machine, Caller.NOBODY, command);
    }

    /** As {@link #apply(KvStateMachine, Command)}, of somebody. */
    public CommandResult apply(KvStateMachine machine, Caller caller, Command command) {
        Applied applied = machine.apply(List.of(append(caller, command))).get(0);
        return Objects.requireNonNull(applied.result());
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static Command.Put put(String key, String value) {
        return new Command.Put(bytes(key), bytes(value), 0, false, false, false);
    }

    public static Command.DeleteRange delete(String key) {
        return new Command.DeleteRange(bytes(key), new byte[0], false);
    }

    public static Command.DeleteRange delete(String key, String end) {
        return new Command.DeleteRange(bytes(key), bytes(end), false);
    }
}
