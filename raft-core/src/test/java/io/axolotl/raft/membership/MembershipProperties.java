package io.axolotl.raft.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class MembershipProperties {
    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void encodingIsReadBack(
            @ForAll @NotEmpty @Size(max = 9) List<Long> voters,
            @ForAll @Size(max = 9) List<Long> outgoing,
            @ForAll @Size(max = 9) List<Long> learners) {
        NavigableSet<NodeId> in = ids(voters);
        in.add(new NodeId(1));
        NavigableSet<NodeId> out = ids(outgoing);
        NavigableSet<NodeId> learning = ids(learners);
        learning.removeAll(in);
        Membership membership = new Membership(in, out, learning);
        assertThat(Membership.decode(membership.encode())).isEqualTo(membership);
    }

    private static NavigableSet<NodeId> ids(List<Long> values) {
        NavigableSet<NodeId> ids = new TreeSet<>();
        values.stream().filter(value -> value != 0).forEach(value -> ids.add(new NodeId(value)));
        return ids;
    }
}
