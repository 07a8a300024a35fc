package io.axolotl.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

@Label("The bytes of the log")
class WalFormatProperties {
    private static final Path FILE = Path.of("/wal/0000000000000001.wal");

    private final WalFormat format = new WalFormat();

    @Property
    void recordsComeBackAsTheyWere(
            @ForAll("someEntry") Entry entry, @ForAll int link, @ForAll @LongRange(min = 1) long segment) {
        ByteBuffer bytes = record(entry, link, segment);
        assertThat(bytes.position()).isEqualTo(WalFormat.recordBytes(entry));
        assertThat(WalFormat.looksLikeRecord(bytes, 0)).isTrue();
        assertThat(format.isRecord(bytes, 0, segment)).isTrue();
        assertThat(WalFormat.recordLink(bytes, 0)).isEqualTo(link);
        assertThat(WalFormat.entry(bytes, 0)).isEqualTo(entry);
    }

    @Property
    void headersComeBackAsTheyWere(
            @ForAll @LongRange(min = 1) long segment,
            @ForAll boolean isStart,
            @ForAll("id") EntryId previous,
            @ForAll @LongRange(min = 4096) long sizeBytes,
            @ForAll int link) {
        SegmentHeader header = new SegmentHeader(segment, isStart, previous, sizeBytes, link);
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        int checksum = format.putHeader(bytes, header);
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(format.header(bytes, 0, segment, FILE)).isEqualTo(header);
        assertThat(WalFormat.headerChecksum(bytes, 0)).isEqualTo(checksum);
        assertThat(format.header(bytes, 0, segment + 1, FILE)).isNull();
    }

    @Property
    void trailersComeBackAsTheyWereButOnlyInTheirPlace(
            @ForAll("trailer") BatchTrailer trailer,
            @ForAll @LongRange(min = 1) long segment,
            @ForAll @LongRange(min = 0) long offset) {
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.TRAILER_BYTES);
        format.putTrailer(bytes, trailer, segment, offset);
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(format.trailer(bytes, 0, segment, offset)).isEqualTo(trailer);
        assertThat(format.trailer(bytes, 0, segment, offset + 512))
                .as("a misdirected write, fault D18")
                .isNull();
        assertThat(format.trailer(bytes, 0, segment + 1, offset))
                .as("a recycled file, pitfall 57")
                .isNull();
    }

    @Property
    @Label("of a record verify in no other segment, pitfall 57")
    void recordsVerifyInNoOtherSegment(
            @ForAll("someEntry") Entry entry,
            @ForAll int link,
            @ForAll @LongRange(min = 1, max = 1L << 40) long segment,
            @ForAll @LongRange(min = 1, max = (1L << 32) - 1) long later) {
        ByteBuffer bytes = record(entry, link, segment);
        assertThat(format.isRecord(bytes, 0, segment + later)).isFalse();
    }

    @Property
    void recordsDoNotVerifyWithAFlippedBit(@ForAll("someEntry") Entry entry, @ForAll @IntRange(min = 0) int where) {
        ByteBuffer bytes = record(entry, 7, 3);
        int bit = where % (8 * bytes.position());
        // The length decides how much is covered; a reader that meets a longer one than there are bytes stops there.
        boolean isLength = bit / 8 >= 8 && bit / 8 < 12;
        if (!isLength) {
            bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << (bit % 8))));
            assertThat(format.isRecord(bytes, 0, 3)).isFalse();
        }
    }

    @Property
    void trailersDoNotVerifyWithAFlippedBit(
            @ForAll("trailer") BatchTrailer trailer, @ForAll @IntRange(min = 0, max = 511) int bit) {
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.TRAILER_BYTES);
        format.putTrailer(bytes, trailer, 3, 448);
        bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << (bit % 8))));
        assertThat(format.trailer(bytes, 0, 3, 448)).isNull();
    }

    @Property
    void batchesEndOnASectorWithTheTrailerAtItsEnd(@ForAll @IntRange(min = 0, max = 1 << 30) int offset) {
        long trailer = WalFormat.trailerOffset(offset);
        assertThat(WalFormat.batchEnd(offset) % WalFormat.SECTOR_BYTES).isZero();
        assertThat(trailer).isEqualTo(WalFormat.batchEnd(offset) - WalFormat.TRAILER_BYTES);
        assertThat(trailer - offset).isBetween(0L, (long) WalFormat.SECTOR_BYTES - 1);
    }

    @Example
    @Label("of a newer version are refused by name")
    void newerVersionsAreRefused() {
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        format.putHeader(bytes, new SegmentHeader(1, true, EntryId.ZERO, 4096, 0));
        bytes.putInt(8, 2);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, 60);
        bytes.putInt(60, (int) crc.getValue() ^ WalFormat.mask(1));
        assertThatThrownBy(() -> format.header(bytes, 0, 1, FILE))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format version 2")
                .hasMessageContaining(FILE.toString());
    }

    @Provide
    Arbitrary<EntryId> id() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, Long.MAX_VALUE),
                        Arbitraries.longs().between(1, Long.MAX_VALUE))
                .as(EntryId::new);
    }

    @Provide
    Arbitrary<Entry> someEntry() {
        Arbitrary<byte[]> payloads = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        return Combinators.combine(id(), Arbitraries.of(Entry.Kind.class), payloads)
                .as(Entry::new);
    }

    @Provide
    Arbitrary<BatchTrailer> trailer() {
        Arbitrary<LogPosition> positions = Combinators.combine(
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.longs().greaterOrEqual(0))
                .as(LogPosition::new);
        return Combinators.combine(
                        Arbitraries.of(BatchTrailer.Kind.class),
                        Arbitraries.integers(),
                        positions,
                        id(),
                        Arbitraries.integers().greaterOrEqual(0))
                .as(BatchTrailer::new);
    }

    private ByteBuffer record(Entry entry, int link, long segment) {
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.recordBytes(entry));
        format.putRecord(bytes, entry, link, segment);
        return bytes;
    }
}
