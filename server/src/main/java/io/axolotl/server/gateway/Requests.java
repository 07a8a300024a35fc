package io.axolotl.server.gateway;

import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one request, read one by one: a body of a thousand empty objects is small, a thousand messages need not
 * be. For one thread at a time.
 */
final class Requests {
    private final JsonObjects objects;
    private final Message prototype;
    private final int maxMessageBytes;
    private boolean isOver;

    Requests(byte[] body, Message prototype, int maxMessageBytes) {
        this.objects = new JsonObjects(body);
        this.prototype = prototype;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** The first message, and an empty one for an empty body; what stands behind it is passed over, as by etcd. */
    Message only() throws MalformedJsonException, StatusException {
        Message first = next();
        isOver = true;
        return first == null ? prototype : first;
    }

    /**
     * The next message, or null if there is none.
     *
     * @throws StatusException if it is larger than gRPC would take
     */
    @Nullable Message next() throws MalformedJsonException, StatusException {
        String object = isOver ? null : objects.next();
        if (object == null) {
            return null;
        }
        Message message = JsonReading.read(object, prototype);
        if (message.getSerializedSize() > maxMessageBytes) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("grpc: received message larger than max (" + message.getSerializedSize() + " vs. "
                            + maxMessageBytes + ")")
                    .asException();
        }
        return message;
    }
}
