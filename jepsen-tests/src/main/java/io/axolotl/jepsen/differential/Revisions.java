package io.axolotl.jepsen.differential;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.axolotl.client.proto.ResponseHeader;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Revisions as an episode counts them, in any message at any depth. The store as an episode finds it is at {@link #START}; what
 * comes before is compacted away. 0 and negative numbers are no revisions and stay what they are.
 *
 * <p>Immutable.
 */
final class Revisions {
    /** What an episode calls the revision at which it begins; there is room below it for revisions that are compacted. */
    static final long START = 10;

    private static final Set<String> FIELDS = Set.of(
            "revision",
            "create_revision",
            "mod_revision",
            "min_create_revision",
            "max_create_revision",
            "min_mod_revision",
            "max_mod_revision",
            "start_revision",
            "compact_revision");

    private final long origin;

    /** @param atStart the server's revision at the beginning of the episode, not below {@link #START} */
    Revisions(long atStart) {
        if (atStart < START) {
            throw new IllegalArgumentException("revision " + atStart + " leaves no room below it");
        }
        this.origin = atStart - START;
    }

    /** A request of the episode as the server must get it. */
    <M extends Message> M toServer(M request) {
        return shifted(request, origin);
    }

    /** A server's answer or event as the episode counts, without cluster, member and term. */
    <M extends Message> M toEpisode(M answer) {
        return shifted(answer, -origin);
    }

    private static <M extends Message> M shifted(M message, long by) {
        Message.Builder builder = message.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                if (field.isRepeated()) {
                    List<?> parts = (List<?>) entry.getValue();
                    for (int at = 0; at < parts.size(); at++) {
                        builder.setRepeatedField(field, at, shifted((Message) parts.get(at), by));
                    }
                } else {
                    builder.setField(field, shifted((Message) entry.getValue(), by));
                }
            } else if (FIELDS.contains(field.getName()) && (long) entry.getValue() > 0) {
                builder.setField(field, (long) entry.getValue() + by);
            }
        }
        if (builder instanceof ResponseHeader.Builder header) {
            header.clearClusterId().clearMemberId().clearRaftTerm();
        }
        @SuppressWarnings("unchecked") // a message's builder builds that message
        M shifted = (M) builder.build();
        return shifted;
    }
}
