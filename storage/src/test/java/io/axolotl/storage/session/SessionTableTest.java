package io.axolotl.storage.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import io.axolotl.storage.session.Session.Owner;
import io.axolotl.storage.session.Session.Slot;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The records of sessions: pinned, and refused by name when they are anything else. */
class SessionTableTest {
    private static final HexFormat HEX = HexFormat.of();

    private static String kept(CommandResult result) {
        byte[] bytes = KeptAnswer.encode(result, true, 1_000);
        assertThat(KeptAnswer.decode(bytes)).usingRecursiveComparison().isEqualTo(result);
        return HEX.formatHex(bytes);
    }

    @Test
    @DisplayName("O3: what is kept of an answer has these bytes")
    void answersHaveTheseBytes() {
        KeyValue kv = new KeyValue(new byte[] {'k'}, 2, 300, 4, new byte[] {'v'}, 9);
        String kvBytes = "016b" + "02" + "ac02" + "04" + "0176" + "0000000000000009";
        assertThat(kept(new CommandResult.Put(300, null))).isEqualTo("01ac0200");
        assertThat(kept(new CommandResult.Put(300, kv))).isEqualTo("01ac0201" + kvBytes);
        assertThat(kept(new CommandResult.DeleteRange(300, 5, List.of(kv)))).isEqualTo("02ac0205" + "01" + kvBytes);
        CommandResult.Range range = new CommandResult.Range(new RangeAnswer.Found(300, List.of(kv), true, 7));
        assertThat(kept(new CommandResult.Txn(
                        300,
                        true,
                        List.of(new CommandResult.Put(300, null), range, new CommandResult.Txn(1, false, List.of())))))
                .isEqualTo("03ac020103" + "01ac0200" + "04ac020107" + "01" + kvBytes + "03010000");
        assertThat(kept(new CommandResult.Refused(Refusal.NO_SPACE, true))).isEqualTo("05084e4f5f5350414345");
        KeyValue longer = new KeyValue(new byte[] {'k'}, 2, 300, 4, new byte[64], 9);
        assertThat(HEX.formatHex(KeptAnswer.encode(new CommandResult.Put(300, longer), true, 10)))
                .isEqualTo("06ac02");
        assertThat(HEX.formatHex(KeptAnswer.encode(new CommandResult.Put(300, kv), false, 1_000)))
                .isEqualTo("06ac02");
    }

    @Test
    @DisplayName("O3: the records of a session and of a slot have these bytes")
    void recordsHaveTheseBytes() {
        assertThat(HEX.formatHex(new Session(7, new Owner("eve", 300), 5).encode()))
                .isEqualTo("010503657665ac02");
        assertThat(HEX.formatHex(new Slot(300, 5, 0x2122232425262728L, new byte[] {6, 1}).encode()))
                .isEqualTo("0105ac02" + "2122232425262728" + "0601");
        Slot read = Slot.decode(HEX.parseHex("0105ac02" + "2122232425262728" + "0601"));
        assertThat(read.sequence()).isEqualTo(300);
        assertThat(read.seconds()).isEqualTo(5);
        assertThat(read.fingerprint()).isEqualTo(0x2122232425262728L);
        assertThat(read.answer()).containsExactly(6, 1);
    }

    @Test
    @DisplayName("O3, D28: a record of another version is refused, a damaged one is called damaged")
    void otherRecordsAreRefused() {
        assertThatThrownBy(() -> Slot.decode(HEX.parseHex("0205ac020601"))).isInstanceOf(UnknownFormatException.class);
        assertThatThrownBy(() -> Session.decode(7, HEX.parseHex("010503"))).isInstanceOf(StoreDamagedException.class);
        for (String bad : List.of("", "07", "0501", "05024142", "01ac02", "03010101" + "05", "06ac0200")) {
            assertThatThrownBy(() -> KeptAnswer.decode(HEX.parseHex(bad)))
                    .as(bad)
                    .isInstanceOf(StoreDamagedException.class);
        }
    }

    @Test
    @DisplayName("D28: a slot of no session is damage")
    void aSlotOfNoSessionIsDamage() {
        KvEngine engine = MemoryEngine.inMemory();
        try (AtomicWrite write = engine.newWrite()) {
            write.put(Space.META, MetaKeys.slot(7, 1), HEX.parseHex("0105ac02" + "2122232425262728" + "06ac02"));
            engine.write(write);
        }
        assertThatThrownBy(() -> SessionTable.read(engine))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("no session 7");
    }
}
