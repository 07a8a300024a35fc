package io.axolotl.storage.statemachine;

import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.identity.ForeignFolderException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a cluster began with: the state before its first log entry, the same on every member, also on those that joined
 * later. Whoever replays the log from its beginning has to begin here. Kept in {@code member/founding}, drawn in
 * docs/formats/founding.md, and given to those who join.
 *
 * <p>Immutable.
 */
public record Founding(Membership membership, List<MemberAttributes> members) {
    private static final byte[] MAGIC = "AXOLFOUN".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    public Founding {
        members = List.copyOf(members);
    }

    /** The durable form, which is also the form in which it is sent. */
    public byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        byte[] bytes = out.toArray();
        ByteSink.putInt(bytes, bytes.length - Integer.BYTES, crcBeforeTail(bytes));
        return bytes;
    }

    private void write(ByteSink out) {
        out.raw(MAGIC);
        out.i32(VERSION);
        out.bytes(membership.encode());
        out.varint(members.size());
        for (MemberAttributes member : members) {
            out.i64(member.id());
            member.write(out);
        }
        out.i32(0);
    }

    /**
     * @param source where the bytes come from, for messages
     * @throws NewerFormatException if a newer version of this program wrote them
     * @throws ForeignFolderException if they are anything else than what {@link #encode} wrote
     */
    public static Founding decode(byte[] bytes, Path source) {
        try {
            ByteSource in = new ByteSource(bytes);
            if (bytes.length < Integer.BYTES
                    || !Arrays.equals(in.raw(MAGIC.length), MAGIC)
                    || crcBeforeTail(bytes) != ByteSource.getInt(bytes, bytes.length - Integer.BYTES)) {
                throw new MalformedBytesException("its checksum does not match");
            }
            int version = in.i32();
            if (version != VERSION) {
                throw new NewerFormatException(source, version, VERSION);
            }
            Membership membership = Membership.decode(in.bytes());
            int count = in.count();
            List<MemberAttributes> members = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                members.add(MemberAttributes.read(in.i64(), in));
            }
            in.i32();
            in.end();
            return new Founding(membership, members);
        } catch (MalformedBytesException | IllegalArgumentException e) {
            throw new ForeignFolderException(source + ", which says what the cluster began with, is damaged ("
                    + e.getMessage() + "). Put back an intact copy, or the file of the same name from another member of"
                    + " this cluster: it is the same on all");
        }
    }

    private static int crcBeforeTail(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }
}
