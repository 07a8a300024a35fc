package io.axolotl.server.api.watch;

import io.axolotl.client.proto.WatchResponse;

/**
 * The way to one client. Called by the watch thread alone; no method blocks or throws, also when the client has gone.
 */
public interface StreamOutput {
    /** Whether there is room. After no, {@link WatchStream#becameReady} is called once there is. */
    boolean isReady();

    void send(WatchResponse response);

    /** Allows the client one more request. */
    void requestOne();

    /** Nothing is sent after this. */
    void end(StreamEnd why);
}
