package io.axolotl.storage.statemachine;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.identity.StoreId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to name and reach a member (CL-5). Immutable.
 *
 * @param id its node id
 * @param name empty until the member has started and told it
 * @param clientUrls empty until the member has started and told them
 * @param isLearner from the membership, which alone decides it
 * @param isStandby it may be promoted when a voter dies
 * @param storeId of its data folder, or null until it has told it
 */
public record MemberAttributes(
        long id,
        String name,
        List<String> peerUrls,
        List<String> clientUrls,
        boolean isLearner,
        boolean isStandby,
        @Nullable StoreId storeId) {
    private static final int STANDBY = 1;
    private static final int STORE = 1 << 1;

    public MemberAttributes {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /** No standby, and its data folder not known. */
    public MemberAttributes(long id, String name, List<String> peerUrls, List<String> clientUrls, boolean isLearner) {
        this(id, name, peerUrls, clientUrls, isLearner, false, null);
    }

    /** A member that is known by its id alone. */
    static MemberAttributes unknown(long id) {
        return new MemberAttributes(id, "", List.of(), List.of(), false);
    }

    /** Whether it has run and told its name (CL-5). */
    public boolean isStarted() {
        return !name.isEmpty();
    }

    /** With another data folder. */
    public MemberAttributes on(StoreId store) {
        return new MemberAttributes(id, name, peerUrls, clientUrls, isLearner, isStandby, store);
    }

    MemberAttributes asLearner(boolean itIs) {
        return new MemberAttributes(id, name, peerUrls, clientUrls, itIs, isStandby, storeId);
    }

    MemberAttributes at(List<String> newPeerUrls) {
        return new MemberAttributes(id, name, newPeerUrls, clientUrls, isLearner, isStandby, storeId);
    }

    /** All but its id and whether it is a learner. */
    void write(ByteSink out) {
        StoreId store = storeId;
        out.u8((isStandby ? STANDBY : 0) | (store != null ? STORE : 0));
        out.bytes(name.getBytes(StandardCharsets.UTF_8));
        writeAll(out, peerUrls);
        writeAll(out, clientUrls);
        if (store != null) {
            out.i64(store.high());
            out.i64(store.low());
        }
    }

    private static void writeAll(ByteSink out, List<String> urls) {
        out.varint(urls.size());
        for (String url : urls) {
            out.bytes(url.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The reverse of {@link #write}. */
    static MemberAttributes read(long id, ByteSource in) {
        int flags = in.u8();
        if ((flags & ~(STANDBY | STORE)) != 0) {
            throw new MalformedBytesException("unknown flags 0x" + Integer.toHexString(flags) + " of a member");
        }
        String name = new String(in.bytes(), StandardCharsets.UTF_8);
        List<String> peerUrls = readAll(in);
        List<String> clientUrls = readAll(in);
        StoreId store = (flags & STORE) != 0 ? new StoreId(in.i64(), in.i64()) : null;
        return new MemberAttributes(id, name, peerUrls, clientUrls, false, (flags & STANDBY) != 0, store);
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
