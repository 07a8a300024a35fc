package io.axolotl.client.ctl;

import io.axolotl.client.HashKvResult;
import io.axolotl.client.StatusResult;
import java.util.List;

/** Prints what each endpoint said by itself. */
interface EndpointPrinter {
    /** A member's status, under the endpoint as the user or the member list wrote it. */
    record EndpointStatus(String endpoint, StatusResult status) {}

    /**
     * Whether a member answered a linearizable read.
     *
     * @param error empty if it did
     */
    record EndpointHealth(String endpoint, boolean healthy, long tookNanos, String error) {}

    /** The hash of a member's history. */
    record EndpointHash(String endpoint, HashKvResult hash) {}

    void status(List<EndpointStatus> statuses);

    void health(List<EndpointHealth> healths);

    void hashes(List<EndpointHash> hashes);
}
