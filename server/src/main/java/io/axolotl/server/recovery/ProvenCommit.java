package io.axolotl.server.recovery;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.CommandCodec;
import java.util.List;

/**
 * What a log proves to be committed without anybody else's word.
 *
 * <p>A leader puts a new member into the membership when it has applied the command that adds it (docs/adr/0020), so that
 * command was committed before the membership with this member was appended. Whoever holds the membership holds the same
 * entries before it (log matching), among them the command.
 *
 * <p>It matters when all old members restart before they have applied the command again. The membership is in force as soon as
 * it is in the log, and may need the vote of the new one, which nobody knows by name and address but who has applied the
 * command: so nobody could be elected, nothing would be applied, and the new member would find no place, for ever.
 *
 * <p>No state.
 */
final class ProvenCommit {
    /** Read at once, from the end. */
    private static final int STRIDE_ENTRIES = 16;

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
        long floor = Math.max(appliedIndex, log.previous().index());
        long to = memberships.get(memberships.size() - 1).index();
        while (to > floor + 1) {
            long from = Math.max(floor + 1, to - STRIDE_ENTRIES);
            List<Entry> entries = log.entries(from, to, Long.MAX_VALUE);
            for (int i = entries.size() - 1; i >= 0; i--) {
                if (isFollowedUp(entries.get(i), memberships)) {
                    return entries.get(i).index();
                }
            }
            to = from;
        }
        return 0;
    }

    private static boolean isFollowedUp(Entry entry, List<Entry> memberships) {
        if (entry.kind() != Entry.Kind.COMMAND) {
            return false;
        }
        return CommandCodec.asAddMember(entry.payload())
                .map(add -> new NodeId(add.memberId()))
                .filter(added -> memberships.stream()
                        .anyMatch(later -> later.index() > entry.index()
                                && Membership.decode(later.payload()).contains(added)))
                .isPresent();
    }
}
