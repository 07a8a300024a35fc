package io.axolotl.client.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.Bytes;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** docs/formats/filestore.md, byte by byte. */
final class FileFormatTest {
    private static final ExtentId ID = new ExtentId(0x0123456789abcdefL, 0xfedcba9876543210L);
    private static final Bytes KEY = Bytes.of("fs/n/f");

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Test
    void anInodeIsWhatTheFormatSays() {
        Inode inode = new Inode(List.of(new Inode.Extent(ID, 300, 256)));
        assertThat(hex(inode.encode()))
                .startsWith("41584649" + "01" + "00000001" + "0123456789abcdeffedcba9876543210" + "000000000000012c"
                        + "00000100")
                .hasSize(2 * 41);
        assertThat(Inode.decode(KEY, inode.encode())).isEqualTo(inode);
        assertThat(Inode.decode(KEY, Inode.EMPTY.encode())).isEqualTo(Inode.EMPTY);
        assertThat(inode.bytes()).isEqualTo(300);
    }

    @Test
    void aChunkIsWhatTheFormatSays() {
        Bytes chunk = Chunk.encode(ID, 7, Bytes.of("content"));
        assertThat(hex(chunk))
                .startsWith("41584643" + "01")
                .endsWith(hex(Bytes.of("content")))
                .hasSize(2 * 16);
        assertThat(Chunk.decode(ID, 7, chunk)).isEqualTo(Bytes.of("content"));
        assertThatThrownBy(() -> Chunk.decode(ID, 8, chunk))
                .as("it belongs elsewhere")
                .isInstanceOf(FileDamagedException.class);
    }

    @Test
    @DisplayName("no bit of an inode or of a chunk can be exchanged, and no byte be missing, without being noticed")
    void everyBitIsChecked() {
        Bytes inode = new Inode(List.of(new Inode.Extent(ID, 300, 256))).encode();
        Bytes chunk = Chunk.encode(ID, 7, Bytes.of("content"));
        for (int bit = 0; bit < 8 * inode.size(); bit++) {
            Bytes bent = bent(inode, bit);
            assertThatThrownBy(() -> Inode.decode(KEY, bent)).isInstanceOf(FileDamagedException.class);
        }
        for (int bit = 0; bit < 8 * chunk.size(); bit++) {
            Bytes bent = bent(chunk, bit);
            assertThatThrownBy(() -> Chunk.decode(ID, 7, bent)).isInstanceOf(FileDamagedException.class);
        }
        for (int size = 0; size < inode.size(); size++) {
            Bytes cut = inode.slice(0, size);
            assertThatThrownBy(() -> Inode.decode(KEY, cut)).isInstanceOf(FileDamagedException.class);
        }
        for (int size = 0; size < chunk.size(); size++) {
            Bytes cut = chunk.slice(0, size);
            assertThatThrownBy(() -> Chunk.decode(ID, 7, cut)).isInstanceOf(FileDamagedException.class);
        }
    }

    private static Bytes bent(Bytes bytes, int bit) {
        byte[] bent = bytes.toByteArray();
        bent[bit / 8] ^= (byte) (1 << (bit % 8));
        return Bytes.copyOf(bent);
    }

    @Test
    void keysAreWhatTheFormatSays() {
        FileKeys keys = new FileKeys(Bytes.of("fs/"));
        assertThat(keys.inode("a/b").utf8()).isEqualTo("fs/n/a/b");
        assertThat(keys.name(keys.inode("a/b"))).isEqualTo("a/b");
        assertThat(keys.chunk(ID, 255).utf8()).isEqualTo("fs/d/0123456789abcdeffedcba9876543210/00000000000000ff");
        assertThat(keys.loose(ID).utf8()).isEqualTo("fs/x/0123456789abcdeffedcba9876543210");
        assertThat(keys.alive(ID).utf8()).isEqualTo("fs/l/0123456789abcdeffedcba9876543210");
        assertThat(keys.id(keys.alive(ID))).isEqualTo(ID);
    }
}
