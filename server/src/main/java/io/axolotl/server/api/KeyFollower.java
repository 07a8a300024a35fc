package io.axolotl.server.api;

import io.axolotl.client.proto.Event;
import io.axolotl.server.api.watch.WatchRight;
import java.util.List;

/**
 * Follows what happens to keys on this member; to the services what a watch is to a client.
 *
 * <p>Safe for all threads.
 */
interface KeyFollower {
    /**
     * Tells of every change of a range from a revision on, in order.
     *
     * @param rangeEnd as in a range; empty for a single key
     * @param right of whoever hears of it: track is lost when it ends, and a look at the keys says why
     */
    Following follow(byte[] key, byte[] rangeEnd, long fromRevision, WatchRight right, Listener listener);

    /** Called by one thread at a time, never by the one that follows; must not block. After {@link #ended} nothing more comes. */
    interface Listener {
        /** Whether there is room for more. After no, {@link Following#becameReady} must be called when there is. */
        boolean isReady();

        /** @param revision that of the store when this is told; at least that of the last event */
        void changed(List<Event> events, long revision);

        /** What was to come next is compacted: whoever follows looks at the keys again. */
        void lostTrack();

        /** Nobody can follow here any more. */
        void ended(EtcdError why);
    }

    /** What is being followed. */
    interface Following {
        void becameReady();

        /** Something may still come that was on its way. */
        void close();
    }
}
