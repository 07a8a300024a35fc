package io.axolotl.client;

import java.util.List;

/**
 * A member that was added, and all members with it. Immutable.
 *
 * @param member the new one: without a name until it has been started (CL-5)
 */
public record MemberAddResult(Header header, Member member, List<Member> members) {
    public MemberAddResult {
        members = List.copyOf(members);
    }
}
