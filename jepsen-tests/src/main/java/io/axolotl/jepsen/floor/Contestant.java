package io.axolotl.jepsen.floor;

import io.axolotl.jepsen.process.Target;

/** What is measured, in the order of the table. */
enum Contestant {
    ETCD("etcd", Target.ETCD, 3),
    AXOLOTL("axolotl", Target.AXOLOTL, 3),
    FLOOR("bare gRPC", Target.FLOOR, 1);

    final String title;
    final Target target;
    final int nodes;

    Contestant(String title, Target target, int nodes) {
        this.title = title;
        this.target = target;
        this.nodes = nodes;
    }
}
