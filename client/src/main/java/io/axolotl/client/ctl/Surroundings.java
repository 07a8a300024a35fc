package io.axolotl.client.ctl;

import io.axolotl.client.Credentials;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one command line finds around it. Immutable.
 *
 * @param environment of this process; global flags that the line does not give are taken from {@code ETCDCTL_} and their name
 * @param defaults of flags that the line does not give, before the environment: by their longest name for global ones, by
 *     {@code command --name} for others
 * @param credentials of the shell, for commands that name no user; null if there are none
 * @param lender whose clients are used; null if there is none
 */
record Surroundings(
        Map<String, String> environment,
        Map<String, String> defaults,
        @Nullable Clients lender,
        @Nullable Credentials credentials,
        Console console) {
    /** Those of a process that runs one command line. */
    static Surroundings of(Map<String, String> environment, Console console) {
        return new Surroundings(environment, Map.of(), null, null, console);
    }
}
