package io.axolotl.client.ctl;

import io.axolotl.client.MemberAddResult;
import io.axolotl.client.MembersResult;
import java.util.List;

/** Prints what changes of the members, and of their leader, returned. Ids are unsigned. */
interface MemberPrinter {
    /**
     * @param name what the new member is to be called
     * @param peerUrls as the user wrote them
     */
    void added(String name, List<String> peerUrls, MemberAddResult result);

    void promoted(long memberId, MembersResult result);

    void updated(long memberId, MembersResult result);

    void removed(long memberId, MembersResult result);

    void movedLeader(long fromMemberId, long toMemberId);
}
