package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The oracle counts revisions as etcd does")
class StoreOracleTest {
    private final StoreOracle oracle = new StoreOracle();

    private static Operation op(long id, Operation.Kind kind, String key, @Nullable String second, long expected) {
        return new Operation(id, 1, kind, key, second, expected, id);
    }

    @Test
    @DisplayName("MV-1: an empty store is at revision 1, the first put makes 2")
    void firstPutMakesRevisionTwo() {
        assertThat(oracle.revision()).isEqualTo(1);
        assertThat(oracle.apply(op(1, Operation.Kind.PUT, "a", null, 0), 1).revision())
                .isEqualTo(2);
    }

    @Test
    void deleteOfNothingMakesNoRevision() {
        assertThat(oracle.apply(op(1, Operation.Kind.DELETE, "a", null, 0), 1))
                .isEqualTo(new StoreOracle.Effect(1, 1, Operation.ABSENT, true));
    }

    @Test
    void transactionOnTwoKeysMakesOneRevision() {
        oracle.apply(op(1, Operation.Kind.CAS, "a", "b", Operation.ABSENT), 1);
        assertThat(oracle.revision()).isEqualTo(2);
        assertThat(oracle.allAt(2)).isEqualTo(Map.of("a", 1L, "b", 1L));
    }

    @Test
    void failedComparisonChangesNothingAndTellsTheValue() {
        oracle.apply(op(1, Operation.Kind.PUT, "a", null, 0), 1);
        assertThat(oracle.apply(op(2, Operation.Kind.CAS, "a", null, 7), 2))
                .isEqualTo(new StoreOracle.Effect(2, 2, 1, false));
    }

    @Test
    void oldRevisionsStayReadable() {
        oracle.apply(op(1, Operation.Kind.PUT, "a", null, 0), 1);
        oracle.apply(op(2, Operation.Kind.PUT, "a", null, 0), 2);
        oracle.apply(op(3, Operation.Kind.DELETE, "a", null, 0), 3);
        assertThat(oracle.at("a", 1)).isEqualTo(Operation.ABSENT);
        assertThat(oracle.at("a", 2)).isEqualTo(1);
        assertThat(oracle.at("a", 3)).isEqualTo(2);
        assertThat(oracle.at("a", 4)).isEqualTo(Operation.ABSENT);
    }

    @Test
    @DisplayName("I15: an operation that is committed twice is a violation")
    void refusesTheSameOperationTwice() {
        Operation put = op(1, Operation.Kind.PUT, "a", null, 0);
        oracle.apply(put, 1);
        assertThatThrownBy(() -> oracle.apply(put, 2)).isInstanceOf(InvariantViolation.class);
    }
}
