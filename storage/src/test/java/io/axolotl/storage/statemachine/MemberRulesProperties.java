package io.axolotl.storage.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.CommandArbitraries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Any commands on members, with a leader that now and then brings the membership where they want it. */
class MemberRulesProperties {
    private static final Founding FOUNDING = new Founding(
            Membership.ofVoters(List.of(new NodeId(1), new NodeId(2))),
            List.of(new MemberAttributes(1, "", List.of("http://a:1"), List.of(), false)));

    private MemoryEngine engine = MemoryEngine.inMemory();
    private KvStateMachine store = open();
    private long lastIndex;

    private KvStateMachine open() {
        return KvStateMachine.open(engine, FOUNDING.membership(), FOUNDING.members());
    }

    private void append(Entry.Kind kind, byte[] payload) {
        lastIndex++;
        store.apply(List.of(new Entry(new EntryId(1, lastIndex), kind, payload)));
    }

    private void apply(Command command) {
        append(Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, lastIndex + 1), command));
    }

    /** What a leader does: the joint membership first, then the final one. */
    private void change(MembershipChange due) {
        Membership target = store.membership().after(due);
        Membership first = store.membership().enter(target);
        append(Entry.Kind.MEMBERSHIP, first.encode());
        if (first.isJoint()) {
            append(Entry.Kind.MEMBERSHIP, first.leaveJoint().encode());
        }
    }

    private void settle() {
        while (!store.roster().isSettled()) {
            change(store.roster().dueChange());
        }
    }

    /** @return steps; null lets the leader do its work */
    @Provide
    Arbitrary<List<@Nullable Command>> histories() {
        return CommandArbitraries.ofMembers().injectNull(0.3).list().ofMaxSize(40);
    }

    @Property(tries = 300)
    @Label(
            "CL-1, CL-3: whatever is asked, a voter is left, who was removed stays removed, and what is wanted comes about")
    void everyHistoryEndsWell(@ForAll("histories") List<@Nullable Command> history) {
        Set<Long> removed = new TreeSet<>();
        for (Command command : history) {
            if (command == null) {
                settle();
            } else {
                Roster before = store.roster();
                apply(command);
                if (command instanceof Command.RemoveMember remove && before != store.roster()) {
                    removed.add(remove.memberId());
                }
            }
            assertThat(store.roster().members()).noneMatch(member -> removed.contains(member.id()));
            List<String> urls = new ArrayList<>();
            store.roster().members().forEach(member -> urls.addAll(new TreeSet<>(member.peerUrls())));
            assertThat(urls).doesNotHaveDuplicates();
        }
        settle();
        Roster end = store.roster();
        assertThat(end.membership().voters()).isNotEmpty();
        assertThat(end.members())
                .extracting(member -> new NodeId(member.id()))
                .containsExactlyInAnyOrderElementsOf(end.membership().all());
        assertThat(end.members())
                .allMatch(member -> member.isLearner() == end.membership().isLearner(new NodeId(member.id())));
        removed.forEach(id -> assertThat(end.hasLeft(new NodeId(id))).isTrue());
    }

    @Property(tries = 200)
    @Label("pitfall 48: what is on record of members is found again after a crash, wishes and used-up ids included")
    void everythingIsFoundAgain(@ForAll("histories") List<@Nullable Command> history) {
        for (Command command : history) {
            if (command == null) {
                settle();
            } else {
                apply(command);
            }
        }
        Roster before = store.roster();
        store.flush();
        engine = engine.crash();
        store = open();
        Roster after = store.roster();
        assertThat(after.members()).isEqualTo(before.members());
        assertThat(after.toReach()).isEqualTo(before.toReach());
        assertThat(after.dueChange()).isEqualTo(before.dueChange());
        for (long id = 1; id <= 6; id++) {
            assertThat(after.isRemoved(new NodeId(id))).isEqualTo(before.isRemoved(new NodeId(id)));
        }
    }

    @Property(tries = 200)
    @Label("docs/formats/founding.md: what a cluster began with survives its file; any flipped bit is found")
    void foundingsAreFoundAgain(@ForAll("foundings") Founding founding, @ForAll int where) {
        byte[] bytes = founding.encode();
        assertThat(Founding.decode(bytes, Path.of("/founding"))).isEqualTo(founding);
        int bit = Math.floorMod(where, 8 * bytes.length);
        bytes[bit / 8] ^= (byte) (1 << (bit % 8));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Founding.decode(bytes, Path.of("/founding")))
                .isInstanceOf(io.axolotl.storage.identity.ForeignFolderException.class)
                .hasMessageContaining("/founding")
                .hasMessageContaining("the same on all");
    }

    @Provide
    Arbitrary<Founding> foundings() {
        return Arbitraries.integers().between(1, 7).map(count -> {
            List<MemberAttributes> members = new ArrayList<>();
            List<NodeId> ids = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                ids.add(new NodeId(i));
                members.add(new MemberAttributes(i, "", List.of("http://h" + i + ":2380"), List.of(), false));
            }
            return new Founding(Membership.ofVoters(ids), members);
        });
    }
}
