package io.axolotl.client.ctl;

import io.axolotl.client.AlarmsResult;

/** Prints what is wrong with members, or was. */
interface MaintenancePrinter {
    void alarms(AlarmsResult result);
}
