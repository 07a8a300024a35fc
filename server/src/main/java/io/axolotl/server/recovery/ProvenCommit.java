package io.axolotl.server.recovery;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.CommandCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a log proves to be committed without anybody else's word.
 *
 * <p>A leader puts a new member into the membership when it has applied the command that adds it (docs/adr/0020), so that
 * command was committed before the membership with this member was appended. Whoever holds the membership holds the same
 * entries before it (log matching), among them the command: of several that name the same member the first, for the others are
 * refused when they are applied, and prove nothing.
 *
 * <p>It matters when all old members restart before they have applied the command again. The membership is in force as soon as
 * it is in the log, and may need the vote of the new one, which nobody knows by name and address but who has applied the
 * command: so nobody could be elected, nothing would be applied, and the new member would find no place, for ever.
 *
 * <p>No state.
 */
final class ProvenCommit {
    /** Read at once. */
    private static final int STRIDE_ENTRIES = 256;

    private static final long STRIDE_BYTES = 4 << 20;

    private ProvenCommit() {}

    /**
     * The newest entry that is known to be committed; 0 if there is nothing that proves more than {@code appliedIndex}. Reads
     * the log only if a membership waits in it to be applied.
     *
     * @throws RuntimeException if the log is damaged where it is read
     */
    static long through(LogReader log, long appliedIndex) {
        List<Entry> memberships = log.membershipEntries();
        if (memberships.isEmpty() || memberships.get(memberships.size() - 1).index() <= appliedIndex) {
            return 0;
        }
        long to = memberships.get(memberships.size() - 1).index();
        Map<NodeId, Long> added = new HashMap<>();
        for (long from = Math.max(appliedIndex, log.previous().index()) + 1; from < to; ) {
            List<Entry> entries = log.entries(from, Math.min(to, from + STRIDE_ENTRIES), STRIDE_BYTES);
            for (Entry entry : entries) {
                addedBy(entry).ifPresent(member -> added.putIfAbsent(member, entry.index()));
            }
            from = entries.get(entries.size() - 1).index() + 1;
        }
        return added.entrySet().stream()
                .filter(one -> isFollowedUp(one.getKey(), one.getValue(), memberships))
                .mapToLong(Map.Entry::getValue)
                .max()
                .orElse(0);
    }

    private static Optional<NodeId> addedBy(Entry entry) {
        return entry.kind() == Entry.Kind.COMMAND
                ? CommandCodec.asAddMember(entry.payload()).map(add -> new NodeId(add.memberId()))
                : Optional.empty();
    }

    /** Whether the first membership from there on that knows the member is a later one: a command for a member that was there proves nothing. */
    private static boolean isFollowedUp(NodeId member, long addedIndex, List<Entry> memberships) {
        return memberships.stream()
                .filter(entry -> Membership.decode(entry.payload()).contains(member))
                .findFirst()
                .filter(first -> first.index() > addedIndex)
                .isPresent();
    }
}
