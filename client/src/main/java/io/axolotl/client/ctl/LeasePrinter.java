package io.axolotl.client.ctl;

import io.axolotl.client.LeaseGrantResult;
import io.axolotl.client.LeaseKeepAliveResult;
import io.axolotl.client.LeaseRevokeResult;
import io.axolotl.client.LeaseTimeToLiveResult;
import io.axolotl.client.LeasesResult;

/** Prints what calls on leases returned, in the forms of etcdctl. */
interface LeasePrinter {
    /** Lines for people. */
    static LeasePrinter simple(Console console) {
        return new LeasePrinter() {
            @Override
            public void granted(LeaseGrantResult result) {
                console.line("lease " + hex(result.id()) + " granted with TTL(" + result.ttlSeconds() + "s)");
            }

            @Override
            public void revoked(long id, LeaseRevokeResult result) {
                console.line("lease " + hex(id) + " revoked");
            }

            @Override
            public void keptAlive(LeaseKeepAliveResult result) {
                console.line("lease " + hex(result.id()) + " keepalived with TTL(" + result.ttlSeconds() + ")");
            }

            @Override
            public void ended(long id) {
                console.line("lease " + hex(id) + " expired or revoked.");
            }

            @Override
            public void timeToLive(LeaseTimeToLiveResult result, boolean hasKeys) {
                if (!result.isAlive()) {
                    console.line("lease " + hex(result.id()) + " already expired");
                    return;
                }
                String line = "lease " + hex(result.id()) + " granted with TTL(" + result.grantedTtlSeconds()
                        + "s), remaining(" + result.ttlSeconds() + "s)";
                if (hasKeys) {
                    line += ", attached keys(["
                            + String.join(
                                    " ",
                                    result.keys().stream().map(Object::toString).toList())
                            + "])";
                }
                console.line(line);
            }

            @Override
            public void leases(LeasesResult result) {
                console.line("found " + result.ids().size() + " leases");
                result.ids().forEach(id -> console.line(hex(id)));
            }
        };
    }

    private static String hex(long id) {
        String text = Long.toHexString(id);
        return "0".repeat(16 - text.length()) + text;
    }

    void granted(LeaseGrantResult result);

    void revoked(long id, LeaseRevokeResult result);

    void keptAlive(LeaseKeepAliveResult result);

    /** There is nothing to keep alive any more. */
    void ended(long id);

    /** @param hasKeys whether the keys were asked for */
    void timeToLive(LeaseTimeToLiveResult result, boolean hasKeys);

    void leases(LeasesResult result);
}
