package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;

/** The calls on leases, written down as {@link LeaseJudge} wants them. Stateless. */
final class LeaseCalls {
    private LeaseCalls() {}

    static JsonObject of(long lease) {
        JsonObject json = new JsonObject();
        json.addProperty("lease", lease);
        return json;
    }

    static Call grant(Lane lane, long ttlSeconds) {
        JsonObject input = new JsonObject();
        input.addProperty("ttl", ttlSeconds);
        return lane.call("grant", input, () -> lane.client().leases().grant(ttlSeconds), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("lease", result.id());
            output.addProperty("ttl", result.ttlSeconds());
            return output;
        });
    }

    static Call keepAlive(Lane lane, long lease) {
        return lane.call("keepalive", of(lease), () -> lane.client().leases().keepAliveOnce(lease), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("ttl", result.ttlSeconds());
            return output;
        });
    }

    static Call revoke(Lane lane, long lease) {
        return lane.call("revoke", of(lease), () -> lane.client().leases().revoke(lease), result -> new JsonObject());
    }
}
