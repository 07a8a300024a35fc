package io.axolotl.client;

import java.util.List;

/** Names of users or roles, in the order of their bytes. */
public record NamesResult(Header header, List<String> names) {
    public NamesResult {
        names = List.copyOf(names);
    }
}
