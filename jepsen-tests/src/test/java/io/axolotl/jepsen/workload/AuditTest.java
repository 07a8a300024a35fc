package io.axolotl.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.Bytes;
import io.axolotl.client.KeyValue;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A judge that never saw a crime proves nothing: every anomaly is planted once (faults.md part 5). */
class AuditTest {
    private static final String PREFIX = "t/";

    private final Ledger ledger = new Ledger(PREFIX, 2);

    /** Writer 0: acknowledged at revision 10, acknowledged at 11, refused. Writer 1: unknown. */
    @BeforeEach
    void recordFourWrites() {
        ledger.acknowledge(write(0, 0), 10);
        ledger.acknowledge(write(0, 1), 11);
        ledger.refuse(write(0, 2));
        ledger.leaveUnknown(write(1, 0));
    }

    private static UniqueWrite write(int writer, int sequence) {
        return new UniqueWrite(PREFIX, writer, sequence);
    }

    private static KeyValue stored(UniqueWrite write, long revision, long version) {
        return new KeyValue(write.key(), revision, revision, version, write.value(), 0);
    }

    private Audit judge(KeyValue... store) {
        Audit.Examiner examiner = new Audit.Examiner(ledger);
        List.of(store).forEach(examiner::examine);
        return examiner.verdict(20);
    }

    @Test
    void everythingThatWasAcknowledgedIsThereOnce() {
        Audit audit = judge(stored(write(0, 0), 10, 1), stored(write(0, 1), 11, 1));
        assertThat(audit.isClean()).isTrue();
        assertThat(audit.acknowledged()).isEqualTo(2);
        assertThat(audit.found()).isEqualTo(2);
        assertThat(audit.unknown()).isEqualTo(1);
        assertThat(audit.unknownApplied()).isZero();
    }

    @Test
    void unknownWriteMayBeApplied() {
        Audit audit = judge(stored(write(0, 0), 10, 1), stored(write(0, 1), 11, 1), stored(write(1, 0), 12, 1));
        assertThat(audit.isClean()).isTrue();
        assertThat(audit.unknownApplied()).isEqualTo(1);
    }

    @Test
    void missingAcknowledgedWriteIsLost() {
        Audit audit = judge(stored(write(0, 0), 10, 1));
        assertThat(audit.isClean()).isFalse();
        assertThat(audit.lost()).isEqualTo(1);
        assertThat(audit.examples()).anyMatch(example -> example.contains("w00/00000001 was acknowledged and is lost"));
    }

    @Test
    void secondVersionIsADuplicate() {
        Audit audit = judge(stored(write(0, 0), 10, 2), stored(write(0, 1), 11, 1));
        assertThat(audit.isClean()).isFalse();
        assertThat(audit.duplicated()).isEqualTo(1);
    }

    @Test
    void otherRevisionThanAcknowledgedIsADuplicate() {
        Audit audit = judge(stored(write(0, 0), 13, 1), stored(write(0, 1), 11, 1));
        assertThat(audit.duplicated()).isEqualTo(1);
        assertThat(audit.found()).isEqualTo(1);
    }

    @Test
    void unknownWriteMustNotBeAppliedTwice() {
        Audit audit = judge(stored(write(0, 0), 10, 1), stored(write(0, 1), 11, 1), stored(write(1, 0), 12, 2));
        assertThat(audit.isClean()).isFalse();
        assertThat(audit.duplicated()).isEqualTo(1);
    }

    @Test
    void refusedWriteMustNotBeThere() {
        Audit audit = judge(stored(write(0, 0), 10, 1), stored(write(0, 1), 11, 1), stored(write(0, 2), 12, 1));
        assertThat(audit.isClean()).isFalse();
        assertThat(audit.phantoms()).isEqualTo(1);
    }

    @Test
    void valueOfAnotherWriteIsAltered() {
        KeyValue wrong = new KeyValue(write(0, 0).key(), 10, 10, 1, write(0, 1).value(), 0);
        Audit audit = judge(wrong, stored(write(0, 1), 11, 1));
        assertThat(audit.isClean()).isFalse();
        assertThat(audit.altered()).isEqualTo(1);
        assertThat(audit.lost()).isZero();
    }

    @Test
    void keyThatNobodyWroteIsAPhantom() {
        Audit audit = judge(stored(write(0, 0), 10, 1), stored(write(0, 1), 11, 1), stored(write(1, 7), 14, 1));
        assertThat(audit.phantoms()).isEqualTo(1);
    }

    @Test
    void identityOfAWriteCanBeReadFromItsKey() {
        assertThat(UniqueWrite.ofKey(PREFIX, write(3, 42).key())).contains(write(3, 42));
        assertThat(UniqueWrite.ofKey(PREFIX, Bytes.of("t/w3/42"))).isEmpty();
        assertThat(UniqueWrite.ofKey(PREFIX, Bytes.of("other"))).isEmpty();
        assertThat(UniqueWrite.ofKey(PREFIX, Bytes.of("t/wx"))).isEmpty();
        assertThat(write(0, 1).value()).isNotEqualTo(write(1, 0).value());
        assertThat(write(0, 1).value().size()).isEqualTo(256);
    }
}
