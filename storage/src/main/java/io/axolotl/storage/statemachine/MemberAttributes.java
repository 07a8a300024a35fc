package io.axolotl.storage.statemachine;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How to name and reach a member (CL-5). Immutable.
 *
 * @param id its node id
 * @param name empty until the member has started and told it
 * @param clientUrls empty until the member has started and told them
 * @param isLearner from the membership, which alone decides it
 */
public record MemberAttributes(
        long id, String name, List<String> peerUrls, List<String> clientUrls, boolean isLearner) {
    private static final int VERSION = 1;

    public MemberAttributes {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /** A member that is known by its id alone. */
    static MemberAttributes unknown(long id) {
        return new MemberAttributes(id, "", List.of(), List.of(), false);
    }

    MemberAttributes asLearner(boolean itIs) {
        return new MemberAttributes(id, name, peerUrls, clientUrls, itIs);
    }

    /** The value of {@code meta} under this member's key: all but its id and whether it is a learner. */
    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8(VERSION);
        out.bytes(name.getBytes(StandardCharsets.UTF_8));
        writeAll(out, peerUrls);
        writeAll(out, clientUrls);
    }

    private static void writeAll(ByteSink out, List<String> urls) {
        out.varint(urls.size());
        for (String url : urls) {
            out.bytes(url.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** @throws StoreDamagedException if these are not the bytes of a member */
    static MemberAttributes decode(long id, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new StoreDamagedException("the attributes of member " + Long.toHexString(id) + " have version "
                        + version + ", this program knows " + VERSION);
            }
            String name = new String(in.bytes(), StandardCharsets.UTF_8);
            MemberAttributes attributes = new MemberAttributes(id, name, readAll(in), readAll(in), false);
            in.end();
            return attributes;
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException(
                    "the attributes of member " + Long.toHexString(id) + " are malformed: " + e.getMessage(), e);
        }
    }

    private static List<String> readAll(ByteSource in) {
        int count = in.count();
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            urls.add(new String(in.bytes(), StandardCharsets.UTF_8));
        }
        return urls;
    }
}
