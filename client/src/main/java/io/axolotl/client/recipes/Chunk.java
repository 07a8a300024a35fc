package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The value of one chunk: a head with a checksum over place and content, and the content. The format is drawn in docs/formats/filestore.md. */
final class Chunk {
    static final int HEAD_BYTES = 4 + 1 + 4;

    private static final int MAGIC = 0x41584643;
    private static final byte VERSION = 1;

    private Chunk() {}

    static Bytes encode(ExtentId id, long index, Bytes content) {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        head.putInt(MAGIC).put(VERSION).putInt(checksum(id, index, content.toByteArray(), 0));
        return Bytes.copyOf(head.array()).plus(content);
    }

    /** Over the place too, so that a chunk cannot stand in for another one. */
    private static int checksum(ExtentId id, long index, byte[] content, int from) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(ExtentId.BYTES + 8)
                .putLong(id.high())
                .putLong(id.low())
                .putLong(index)
                .flip());
        crc.update(content, from, content.length - from);
        return (int) crc.getValue();
    }

    /**
     * @return the content
     * @throws FileDamagedException if it is not what was written there
     */
    static Bytes decode(ExtentId id, long index, Bytes value) {
        byte[] bytes = value.toByteArray();
        ByteBuffer head = ByteBuffer.wrap(bytes);
        if (bytes.length < HEAD_BYTES || head.getInt() != MAGIC) {
            throw new FileDamagedException("chunk " + index + " of extent " + id + " is no chunk of a file");
        }
        byte version = head.get();
        if (version != VERSION) {
            throw new FileDamagedException("chunk " + index + " of extent " + id + " is of version " + version
                    + "; this release reads version " + VERSION);
        }
        if (head.getInt() != checksum(id, index, bytes, HEAD_BYTES)) {
            throw new FileDamagedException(
                    "chunk " + index + " of extent " + id + " is damaged: its checksum is wrong");
        }
        return value.slice(HEAD_BYTES, value.size());
    }
}
