package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.DecodedCommand;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which committed commands the state machine has to execute (pitfall 51): of the calls of a session those with the highest
 * number yet in their slot, and all that are no calls of a session. No session ends here.
 *
 * <p>Confined to the simulation's thread.
 */
final class SessionOracle {
    private record Slot(long session, int number) {}

    private final Marks marks;
    private final Set<Long> opened = new HashSet<>();
    private final Map<Slot, Long> newest = new HashMap<>();

    SessionOracle(Marks marks) {
        this.marks = marks;
    }

    /** Takes note of the next committed entry. */
    boolean isExecuted(Entry entry) {
        if (entry.kind() != Entry.Kind.COMMAND) {
            return true;
        }
        DecodedCommand decoded = CommandCodec.decode(entry.payload());
        if (decoded.command() instanceof Command.OpenSession open) {
            opened.add(open.id());
        }
        CallId call = decoded.caller().call();
        if (call == null) {
            return true;
        }
        Slot slot = new Slot(call.session(), call.slot());
        if (!opened.contains(call.session()) || newest.getOrDefault(slot, 0L) >= call.sequence()) {
            marks.hit("session: a repeat was committed");
            return false;
        }
        newest.put(slot, call.sequence());
        return true;
    }
}
