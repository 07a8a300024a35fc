package io.axolotl.client;

import java.util.List;

/**
 * A member as the cluster knows it. Immutable.
 *
 * @param id unsigned
 * @param name empty until the member has started (CL-5)
 */
public record Member(long id, String name, List<String> peerUrls, List<String> clientUrls, boolean isLearner) {
    public Member {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    public boolean isStarted() {
        return !name.isEmpty();
    }
}
