package io.axolotl.server.api;

import com.google.protobuf.UnsafeByteOperations;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.watch.StreamEnd;
import io.axolotl.server.api.watch.StreamOutput;
import io.axolotl.server.api.watch.WatchHub;
import io.axolotl.server.api.watch.WatchRight;
import io.axolotl.server.api.watch.WatchStream;

/**
 * Follows keys as a client would, by a watch stream of one watcher that never leaves this process.
 *
 * <p>Safe for all threads. Listeners are called on the watch thread.
 */
final class WatchFollower implements KeyFollower {
    private final WatchHub hub;

    WatchFollower(WatchHub hub) {
        this.hub = hub;
    }

    @Override
    public Following follow(byte[] key, byte[] rangeEnd, long fromRevision, Listener listener) {
        WatchStream stream = hub.open(new Output(listener), false, WatchRight.EVERYTHING);
        stream.received(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(UnsafeByteOperations.unsafeWrap(key))
                        .setRangeEnd(UnsafeByteOperations.unsafeWrap(rangeEnd))
                        .setStartRevision(fromRevision))
                .build());
        return new Following() {
            @Override
            public void becameReady() {
                stream.becameReady();
            }

            @Override
            public void close() {
                stream.closed();
            }
        };
    }

    private record Output(Listener listener) implements StreamOutput {
        @Override
        public boolean isReady() {
            return listener.isReady();
        }

        @Override
        public void send(WatchResponse response) {
            if (response.getEventsCount() > 0) {
                listener.changed(response.getEventsList(), response.getHeader().getRevision());
            }
            if (response.getCanceled()) {
                // By compaction, or since one revision is larger than what may be sent: to look at the keys again helps
                // both.
                listener.lostTrack();
            }
        }

        /** There is only one. */
        @Override
        public void requestOne() {}

        @Override
        public void end(StreamEnd why) {
            listener.ended(WatchService.errorOf(why));
        }
    }
}
