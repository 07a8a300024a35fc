package io.axolotl.client;

import java.util.List;

/**
 * Alarms, listed or disarmed (MT-1). Immutable.
 *
 * @param header all zeros from etcd before 3.6, and of several calls together
 */
public record AlarmsResult(Header header, List<Alarm> alarms) {
    public AlarmsResult {
        alarms = List.copyOf(alarms);
    }
}
