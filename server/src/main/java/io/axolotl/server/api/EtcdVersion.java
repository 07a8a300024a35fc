package io.axolotl.server.api;

/**
 * Which etcd we say we are. Clients switch features on by these numbers: Kubernetes wants at least 3.5.13 (G-5), and
 * everything that parses them wants plain {@code X.Y.Z} (MT-2). They tell what the wire can do, not how old Axolotl is.
 */
public final class EtcdVersion {
    /** The release whose behaviour the contract describes. */
    public static final String SERVER = "3.6.14";

    /** What all members together can do. */
    public static final String CLUSTER = "3.6.0";

    /** The same in two numbers, as some answers have it. */
    public static final String CLUSTER_SHORT = "3.6";

    /** The version of the durable schema, as etcd counts it. */
    public static final String STORAGE = "3.6.0";

    private EtcdVersion() {}
}
