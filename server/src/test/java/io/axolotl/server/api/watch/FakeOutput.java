package io.axolotl.server.api.watch;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that takes as much as the test says. */
final class FakeOutput implements StreamOutput {
    /** Everything that was sent. */
    final List<WatchResponse> sent = new ArrayList<>();

    /** What was sent while there was no room, or took the last of it: what gRPC would hold. */
    long heldBytes;

    int requested;

    @Nullable StreamEnd end;

    private int room = Integer.MAX_VALUE;

    /** From now on there is room for this many messages. */
    void hasRoomFor(int messages) {
        room = messages;
        if (messages > 0) {
            heldBytes = 0;
        }
    }

    @Override
    public boolean isReady() {
        return room > 0;
    }

    @Override
    public void send(WatchResponse response) {
        if (end != null) {
            throw new AssertionError("sent after the end: " + response);
        }
        sent.add(response);
        if (room < Integer.MAX_VALUE) {
            room = Math.max(0, room - 1);
        }
        if (room == 0) {
            heldBytes += response.getSerializedSize();
        }
    }

    @Override
    public void requestOne() {
        requested++;
    }

    @Override
    public void end(StreamEnd why) {
        if (end != null) {
            throw new AssertionError("ended twice");
        }
        end = why;
    }

    List<WatchResponse> takeSent() {
        List<WatchResponse> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    List<Event> events(long watchId) {
        return sent.stream()
                .filter(response -> response.getWatchId() == watchId)
                .flatMap(response -> response.getEventsList().stream())
                .toList();
    }
}
