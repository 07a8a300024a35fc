package io.axolotl.client.ctl;

import io.axolotl.client.WatchResult;

/** Prints what a watch was told. */
interface WatchPrinter {
    void watch(WatchResult result);
}
