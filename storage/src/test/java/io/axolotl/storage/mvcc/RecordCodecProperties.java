package io.axolotl.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The bytes of {@code idx}, {@code rev} and the state record: pinned, reversible, and refused by name when damaged. */
class RecordCodecProperties {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void indexRecordHasTheseBytes() {
        JumpStack jumps = JumpStack.EMPTY.push(200, 0, 0).push(300, 2, 0);
        IndexRecord live = new IndexRecord(false, 300, 2, 200, 2, 0, bytes("val"), jumps);
        assertThat(hex(live.encode())).isEqualTo("02" + "ac02" + "02" + "64" + "02" + "0100" + "006400" + "76616c");
        IndexRecord leased = new IndexRecord(false, 2, 0, 2, 1, 7, null, JumpStack.EMPTY.push(2, 0, 0));
        assertThat(hex(leased.encode())).isEqualTo("04" + "02" + "00" + "00" + "01" + "0000000000000007" + "0000");
        IndexRecord tombstone = new IndexRecord(true, 3, 0, 0, 0, 0, null, JumpStack.EMPTY.push(3, 0, 0));
        assertThat(hex(tombstone.encode())).isEqualTo("01" + "03" + "00" + "0000");
        for (IndexRecord record : List.of(live, leased, tombstone)) {
            assertThat(IndexRecord.decode(record.encode()))
                    .usingRecursiveComparison()
                    .isEqualTo(record);
        }
    }

    @Test
    void eventRecordHasTheseBytes() {
        Revision previous = new Revision(290, 1);
        Revision jump = new Revision(100, 0);
        EventRecord put =
                new EventRecord(new Revision(300, 2), false, previous, jump, 200, 3, 7, bytes("k"), bytes("val"));
        assertThat(hex(put.encode()))
                .isEqualTo("0e" + "0a01" + "c80100" + "64" + "03" + "0000000000000007" + "016b" + "76616c");
        EventRecord first = new EventRecord(
                new Revision(2, 0), false, Revision.NONE, Revision.NONE, 2, 1, 0, bytes("k"), new byte[0]);
        assertThat(hex(first.encode())).isEqualTo("00" + "00" + "01" + "016b");
        EventRecord tombstone =
                EventRecord.tombstone(new Revision(5, 0), new Revision(4, 0), Revision.NONE, bytes("k"));
        assertThat(hex(tombstone.encode())).isEqualTo("03" + "0100" + "016b");
        for (EventRecord event : List.of(put, first)) {
            assertThat(EventRecord.decode(event.revision(), event.encode()))
                    .usingRecursiveComparison()
                    .isEqualTo(event);
        }
        assertThat(EventRecord.decode(tombstone.revision(), tombstone.encode()).jump())
                .as("without a jump the way back is the one before")
                .isEqualTo(new Revision(4, 0));
    }

    @Test
    void revisionKeysSortAsRevisions() {
        assertThat(hex(new Revision(258, 3).toKey())).isEqualTo("000000000000010200000003");
        assertThat(Revision.ofKey(new Revision(258, 3).toKey())).isEqualTo(new Revision(258, 3));
    }

    @Property(tries = 2000)
    void randomBytesRaiseNothingButDamageOrAnotherRelease(@ForAll byte[] bytes) {
        List<Runnable> decoders = List.of(
                () -> IndexRecord.decode(bytes),
                () -> EventRecord.decode(new Revision(1000, 3), bytes),
                () -> StoreState.decode(bytes),
                () -> Revision.ofKey(bytes));
        for (Runnable decoder : decoders) {
            try {
                decoder.run();
            } catch (StoreDamagedException expected) {
                assertThat(expected).hasMessageContaining("makes the state anew");
            } catch (UnknownFormatException expected) {
                assertThat(expected).hasMessageContaining("another release");
            }
        }
    }

    /** Every version is reached from every later one, and in few steps. */
    @Property(tries = 60)
    void jumpsReachEveryVersionInFewSteps(@ForAll @IntRange(min = 1, max = 3000) int versions) {
        List<Integer> jumpOf = new ArrayList<>(List.of(0));
        JumpStack stack = JumpStack.EMPTY;
        for (int version = 1; version <= versions; version++) {
            stack = stack.push(version, 0, 0);
            jumpOf.add((int) stack.jump().main());
        }
        int bound = 3 * (33 - Integer.numberOfLeadingZeros(versions));
        for (int target = 1; target <= versions; target += 1 + versions / 50) {
            int at = versions;
            int steps = 0;
            while (at > target) {
                at = jumpOf.get(at) >= target ? jumpOf.get(at) : at - 1;
                steps++;
            }
            assertThat(at).isEqualTo(target);
            assertThat(steps).as("from %d to %d", versions, target).isLessThanOrEqualTo(bound);
        }
        assertThat(stack.size()).isLessThanOrEqualTo(33 - Integer.numberOfLeadingZeros(versions));
    }

    @Test
    void rootsBelowTheFloorAreCutOff() {
        JumpStack stack = JumpStack.EMPTY;
        for (int version = 1; version <= 100; version++) {
            stack = stack.push(version, 0, 0);
        }
        assertThat(stack.push(101, 0, 100).size()).isEqualTo(1);
        assertThat(stack.push(101, 0, 100).jump()).isEqualTo(Revision.NONE);
    }
}
