package io.axolotl.jepsen.chaos;

import java.util.List;

/**
 * What a workload needs of the cluster: addresses and nothing else, so that any etcd v3 endpoint will do. Immutable.
 *
 * @param name axolotl or etcd
 * @param clientUrls one per member, such as {@code http://127.0.0.1:2379}
 */
public record Target(String name, List<String> clientUrls) {
    public Target {
        clientUrls = List.copyOf(clientUrls);
    }
}
