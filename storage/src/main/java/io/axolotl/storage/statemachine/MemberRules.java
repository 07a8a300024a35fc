package io.axolotl.storage.statemachine;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.WriteTxn;
import io.axolotl.storage.statemachine.MemberRecord.Goal;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of who may become, change or cease to be a member (contract B.9), in the order in which etcd finds a broken one.
 * Each decides from what is applied alone, and writes what it changes beside the roster it returns.
 *
 * <p>Stateless. Confined to the apply thread.
 */
final class MemberRules {
    /** The value under the key of a removed member: a version. */
    private static final byte[] REMOVED = {1};

    private MemberRules() {}

    /**
     * What came of a command.
     *
     * @param refusal null if the roster is a new one
     */
    record Outcome(Roster roster, @Nullable Refusal refusal) {
        static Outcome refused(Roster unchanged, Refusal refusal) {
            return new Outcome(unchanged, refusal);
        }

        CommandResult result(long revision) {
            return refusal != null ? new CommandResult.Refused(refusal) : new CommandResult.MemberRecorded(revision);
        }
    }

    static Outcome apply(WriteTxn txn, Roster roster, Command.OfMembers command) {
        if (command instanceof Command.AddMember add) {
            return add(txn, roster, add);
        } else if (command instanceof Command.RemoveMember remove) {
            return remove(txn, roster, remove.memberId());
        } else if (command instanceof Command.PromoteMember promote) {
            return promote(txn, roster, promote.memberId());
        } else if (command instanceof Command.UpdateMember update) {
            return update(txn, roster, update);
        }
        throw new AssertionError("a command without a rule: " + command);
    }

    /** CL-1. */
    private static Outcome add(WriteTxn txn, Roster roster, Command.AddMember add) {
        long id = add.memberId();
        Refusal refusal = null;
        if (id == 0 || roster.removed().contains(id)) {
            refusal = Refusal.MEMBER_NOT_FOUND;
        } else if (roster.knows(id)) {
            refusal = Refusal.MEMBER_ID_EXISTS;
        } else if (isTaken(roster, add.peerUrls(), id)) {
            refusal = Refusal.PEER_URL_EXISTS;
        } else if (add.isLearner() && learnersToBe(roster) >= add.maxLearners()) {
            refusal = Refusal.TOO_MANY_LEARNERS;
        }
        if (refusal != null) {
            return Outcome.refused(roster, refusal);
        }
        MemberAttributes told = new MemberAttributes(id, "", add.peerUrls(), List.of(), false, add.isStandby(), null);
        return record(txn, roster, new MemberRecord(told, add.isLearner() ? Goal.LEARNER : Goal.VOTER));
    }

    /** CL-3. */
    private static Outcome remove(WriteTxn txn, Roster roster, long id) {
        if (!roster.knows(id)) {
            return Outcome.refused(roster, Refusal.MEMBER_NOT_FOUND);
        }
        NavigableSet<Long> left = votersToBe(roster);
        if (left.remove(id) && left.isEmpty()) {
            return Outcome.refused(roster, Refusal.NOT_ENOUGH_STARTED_MEMBERS);
        }
        NavigableMap<Long, MemberRecord> records = copy(roster.records());
        if (!roster.membership().contains(new NodeId(id))) {
            forget(txn, records, id);
        }
        NavigableSet<Long> removed = Roster.emptyIds();
        removed.addAll(roster.removed());
        removed.add(id);
        txn.putMeta(MetaKeys.removed(id), REMOVED);
        return new Outcome(new Roster(roster.membership(), records, removed), null);
    }

    /** CL-3. */
    private static Outcome promote(WriteTxn txn, Roster roster, long id) {
        if (!roster.knows(id)) {
            return Outcome.refused(roster, Refusal.MEMBER_NOT_FOUND);
        }
        if (votersToBe(roster).contains(id)) {
            return Outcome.refused(roster, Refusal.MEMBER_NOT_LEARNER);
        }
        return record(txn, roster, recordOf(roster, id).with(Goal.VOTER));
    }

    /** CL-3. */
    private static Outcome update(WriteTxn txn, Roster roster, Command.UpdateMember update) {
        long id = update.memberId();
        if (!roster.knows(id)) {
            return Outcome.refused(roster, Refusal.MEMBER_NOT_FOUND);
        }
        if (isTaken(roster, update.peerUrls(), id)) {
            return Outcome.refused(roster, Refusal.PEER_URL_EXISTS);
        }
        MemberRecord known = recordOf(roster, id);
        return record(txn, roster, known.with(known.attributes().at(update.peerUrls())));
    }

    /** CL-5. */
    static Outcome publish(WriteTxn txn, Roster roster, Command.PublishMember publish) {
        long id = publish.memberId();
        if (id == 0 || !roster.knows(id)) {
            return Outcome.refused(roster, Refusal.MEMBER_NOT_FOUND);
        }
        MemberRecord known = recordOf(roster, id);
        StoreId store = known.attributes().storeId();
        if (store != null && publish.storeId() != null && !store.equals(publish.storeId())) {
            return Outcome.refused(roster, Refusal.STORE_REPLACED);
        }
        List<String> peerUrls = known.attributes().peerUrls();
        MemberAttributes told = new MemberAttributes(
                id,
                publish.name(),
                peerUrls.isEmpty() ? publish.peerUrls() : peerUrls,
                publish.clientUrls(),
                false,
                known.attributes().isStandby(),
                store != null ? store : publish.storeId());
        return record(txn, roster, known.with(told));
    }

    /** Takes over what is committed now, forgets who has left, and what is reached is wanted no more. */
    static Roster membershipChanged(WriteTxn txn, Roster roster, Membership membership) {
        NavigableMap<Long, MemberRecord> records = copy(roster.records());
        for (MemberRecord each : roster.records().values()) {
            long id = each.attributes().id();
            NodeId node = new NodeId(id);
            boolean hasLeft = roster.membership().contains(node) && !membership.contains(node);
            if (hasLeft) {
                forget(txn, records, id);
            } else if (each.goal() != Goal.NONE
                    && !membership.isJoint()
                    && Roster.isReached(each.goal(), node, membership)) {
                put(txn, records, each.with(Goal.NONE));
            }
        }
        return new Roster(membership, records, roster.removed());
    }

    private static Outcome record(WriteTxn txn, Roster roster, MemberRecord changed) {
        NavigableMap<Long, MemberRecord> records = copy(roster.records());
        put(txn, records, changed);
        return new Outcome(new Roster(roster.membership(), records, roster.removed()), null);
    }

    private static void put(WriteTxn txn, NavigableMap<Long, MemberRecord> records, MemberRecord changed) {
        long id = changed.attributes().id();
        records.put(id, changed);
        txn.putMeta(MetaKeys.member(id), changed.encode());
    }

    private static void forget(WriteTxn txn, NavigableMap<Long, MemberRecord> records, long id) {
        if (records.remove(id) != null) {
            txn.deleteMeta(MetaKeys.member(id));
        }
    }

    private static MemberRecord recordOf(Roster roster, long id) {
        MemberRecord known = roster.records().get(id);
        return known != null ? known : MemberRecord.of(MemberAttributes.unknown(id));
    }

    private static boolean isTaken(Roster roster, List<String> peerUrls, long exceptId) {
        return roster.records().values().stream()
                .map(MemberRecord::attributes)
                .filter(other -> other.id() != exceptId)
                .anyMatch(other -> other.peerUrls().stream().anyMatch(peerUrls::contains));
    }

    /** Who votes when everything that is wanted has come about. */
    private static NavigableSet<Long> votersToBe(Roster roster) {
        NavigableSet<Long> voters = Roster.emptyIds();
        roster.membership().voters().forEach(node -> voters.add(node.value()));
        roster.records().values().stream()
                .filter(each -> each.goal() == Goal.VOTER)
                .forEach(each -> voters.add(each.attributes().id()));
        voters.removeAll(roster.removed());
        return voters;
    }

    private static int learnersToBe(Roster roster) {
        NavigableSet<Long> learners = Roster.emptyIds();
        roster.membership().learners().forEach(node -> learners.add(node.value()));
        roster.records().values().stream()
                .filter(each -> each.goal() == Goal.LEARNER)
                .forEach(each -> learners.add(each.attributes().id()));
        learners.removeAll(votersToBe(roster));
        learners.removeAll(roster.removed());
        return learners.size();
    }

    private static NavigableMap<Long, MemberRecord> copy(NavigableMap<Long, MemberRecord> records) {
        return new TreeMap<>(records);
    }
}
