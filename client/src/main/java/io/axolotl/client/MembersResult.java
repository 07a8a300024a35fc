package io.axolotl.client;

import java.util.List;

/** The members of the cluster. Immutable. */
public record MembersResult(Header header, List<Member> members) {
    public MembersResult {
        members = List.copyOf(members);
    }
}
