package io.axolotl.jepsen.chaos.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.ClientOptions;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.LoadBalancing;
import io.axolotl.client.TlsOptions;
import io.axolotl.jepsen.chaos.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of the library, with the member that it is pinned to.
 *
 * @param endpoint counting from 0; -1 for all
 */
record Seat(AxolotlClient client, int endpoint) implements AutoCloseable {
    static final int ANY = -1;
    private static final int PER_MEMBER = 2;

    /** Two for each member, and two for all of them; every second one numbers its writes if it can. */
    static List<Seat> of(Target target, Duration requestTimeout) {
        List<Seat> seats = new ArrayList<>();
        for (int i = 0; i < PER_MEMBER; i++) {
            ExactlyOnce numbering = i == 0 ? ExactlyOnce.WHEN_OFFERED : ExactlyOnce.OFF;
            for (int member = 0; member < target.clientUrls().size(); member++) {
                seats.add(pinned(target, member, requestTimeout, numbering));
            }
            ClientOptions.Builder spanning = AxolotlClient.builder()
                    .endpoints(target.clientUrls())
                    .requestTimeout(requestTimeout)
                    .exactlyOnce(numbering)
                    .loadBalancing(i == 0 ? LoadBalancing.WEIGHTED : LoadBalancing.ROUND_ROBIN)
                    .networkThreads(1);
            seats.add(new Seat(spanning.build(), ANY));
        }
        return seats;
    }

    /**
     * A client that talks to one member and to no other. A client that was asked for TLS follows nobody's word to a leader in
     * clear text, and an {@code http://} endpoint stays in clear text all the same: so that asking keeps its writes here.
     */
    static Seat pinned(Target target, int member, Duration requestTimeout, ExactlyOnce numbering) {
        AxolotlClient client = AxolotlClient.builder()
                .endpoints(target.clientUrls().get(member))
                .tls(TlsOptions.SYSTEM)
                .requestTimeout(requestTimeout)
                .exactlyOnce(numbering)
                .networkThreads(1)
                .build();
        return new Seat(client, member);
    }

    @Override
    public void close() {
        client.close();
    }
}
