package io.axolotl.client.bench;

import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.SessionsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the clients of a run show beside their requests: nothing, or the numbers of exactly-once writes, each client in a slot of
 * its own of a session that some share. Safe for all threads, but what it gives each client is that one's.
 */
final class Numbers {
    private static final long SETUP_SECONDS = 10;
    private static final Metadata.Key<String> ONCE = Metadata.Key.of("axolotl-once", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final boolean isWanted;

    // Guarded by this.
    private long session;
    private int slotsLeft;

    Numbers(ManagedChannel channel, boolean isWanted) {
        this.channel = channel;
        this.isWanted = isWanted;
    }

    /** The headers of one client's requests, each asked for once. */
    synchronized Supplier<Metadata> ofAClient() {
        if (!isWanted) {
            return Metadata::new;
        }
        if (slotsLeft == 0) {
            var opened = SessionsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SETUP_SECONDS, TimeUnit.SECONDS)
                    .open(OpenSessionRequest.getDefaultInstance());
            session = opened.getId();
            slotsLeft = opened.getSlots();
        }
        slotsLeft--;
        return counting(Long.toHexString(session) + "." + slotsLeft + ".");
    }

    private static Supplier<Metadata> counting(String place) {
        return new Supplier<>() {
            private long number;

            @Override
            public Metadata get() {
                number++;
                Metadata headers = new Metadata();
                headers.put(ONCE, place + number);
                return headers;
            }
        };
    }
}
