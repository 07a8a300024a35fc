package io.axolotl.jepsen.differential;

import com.google.protobuf.TextFormat;
import io.axolotl.client.proto.WatchCreateRequest;

/**
 * Creates a watcher. Immutable.
 *
 * @param number its name within the episode; the server gives it an id of its own
 */
record OpenWatch(int number, WatchCreateRequest request) implements Step {
    @Override
    public String name() {
        return "Watch";
    }

    @Override
    public String toString() {
        return "Watch " + number + " {"
                + TextFormat.printer().emittingSingleLine(true).printToString(request) + "}";
    }
}
