package io.axolotl.client.ctl;

import io.axolotl.client.MembersResult;

/** Prints who the members are. */
interface ClusterPrinter {
    void members(MembersResult result);
}
