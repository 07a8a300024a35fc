package io.axolotl.client;

import java.util.List;

/** The ids of leases. Immutable. */
public record LeasesResult(Header header, List<Long> ids) {
    public LeasesResult {
        ids = List.copyOf(ids);
    }
}
