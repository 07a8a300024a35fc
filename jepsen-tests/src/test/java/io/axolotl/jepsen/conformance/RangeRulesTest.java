package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeRequest.SortOrder;
import io.axolotl.client.proto.RangeRequest.SortTarget;
import io.axolotl.client.proto.RangeResponse;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class RangeRulesTest extends Asked {
    /** a b c d e, written in the order c a e b d; c three times, a twice. */
    private void fiveKeys() {
        for (String suffix : new String[] {"c", "a", "e", "b", "d", "c", "a", "c"}) {
            put(suffix, "value of " + suffix);
        }
    }

    @Test
    @Contract(value = "RG-1", errors = ContractError.EMPTY_KEY)
    void keyMustBeGiven() {
        refused(ContractError.EMPTY_KEY, () -> range(RangeRequest.newBuilder()));
        refused(ContractError.EMPTY_KEY, () -> range(RangeRequest.newBuilder().setSerializable(true)));
    }

    @Test
    @Contract("RG-2")
    void rangeIsAKeyAHalfOpenIntervalOrEverythingFromAKey() {
        fiveKeys();
        assertThat(suffixes(get("b").getKvsList())).containsExactly("b");
        assertThat(get("bb").getKvsList()).isEmpty();
        assertThat(suffixes(range(ranging("b").setRangeEnd(key("d"))).getKvsList()))
                .containsExactly("b", "c");
        assertThat(suffixes(range(ranging("d").setRangeEnd(NO_END)).getKvsList()))
                .startsWith("d", "e");
        assertThat(suffixes(range(ranging()).getKvsList())).containsExactly("a", "b", "c", "d", "e");
        RangeResponse everything =
                range(RangeRequest.newBuilder().setKey(NO_END).setRangeEnd(NO_END));
        assertThat(everything.getKvsList()).extracting(KeyValue::getKey).contains(key("a"), key("e"));
    }

    @Test
    @Contract("RG-2")
    void rangeThatEndsBeforeItBeginsIsEmptyAndNoError() {
        fiveKeys();
        for (String end : new String[] {"c", "b"}) {
            RangeResponse nothing = range(ranging("c").setRangeEnd(key(end)));
            assertThat(nothing.getKvsList()).isEmpty();
            assertThat(nothing.getCount()).isZero();
            assertThat(nothing.getMore()).isFalse();
        }
    }

    @Test
    @Contract({"RG-3", "RG-5"})
    void limitCutsAndSaysSoAndTheCountIsThatOfTheRange() {
        fiveKeys();
        for (int limit = 1; limit <= 6; limit++) {
            RangeResponse some = range(ranging().setLimit(limit));
            assertThat(some.getKvsCount()).isEqualTo(Math.min(5, limit));
            assertThat(some.getMore()).isEqualTo(limit < 5);
            assertThat(some.getCount()).isEqualTo(5);
        }
        assertThat(range(ranging().setLimit(0)).getKvsCount()).isEqualTo(5);
    }

    @Test
    @Contract("RG-4")
    void limitComesAfterSortingAndFilters() {
        fiveKeys();
        RangeResponse newest =
                range(ranging().setLimit(1).setSortOrder(SortOrder.DESCEND).setSortTarget(SortTarget.MOD));
        assertThat(suffixes(newest.getKvsList())).containsExactly("c");
        assertThat(newest.getMore()).isTrue();
        RangeResponse last =
                range(ranging().setLimit(2).setSortOrder(SortOrder.DESCEND).setSortTarget(SortTarget.KEY));
        assertThat(suffixes(last.getKvsList())).containsExactly("e", "d");
        long d = get("d").getKvs(0).getModRevision();
        RangeResponse filtered = range(ranging().setLimit(1).setMinModRevision(d));
        assertThat(suffixes(filtered.getKvsList())).containsExactly("a");
        assertThat(filtered.getMore()).isTrue();
        assertThat(range(ranging().setLimit(3).setMinModRevision(d)).getMore()).isFalse();
    }

    @Test
    @Contract("RG-4")
    void everyTargetSortsBothWays() {
        fiveKeys();
        put("b", "a value that is the least");
        assertThat(sorted(SortTarget.KEY)).isEqualTo("abcde edcba");
        assertThat(sorted(SortTarget.CREATE)).isEqualTo("caebd dbeac");
        assertThat(sorted(SortTarget.MOD)).isEqualTo("edacb bcade");
        assertThat(sorted(SortTarget.VALUE)).isEqualTo("bacde edcab");
        assertThat(sorted(SortTarget.VERSION)).startsWith("de").endsWith("de").contains("abc c");
    }

    private String sorted(SortTarget by) {
        return String.join(
                        "",
                        suffixes(range(ranging().setSortOrder(SortOrder.ASCEND).setSortTarget(by))
                                .getKvsList()))
                + " "
                + String.join(
                        "",
                        suffixes(range(ranging().setSortOrder(SortOrder.DESCEND).setSortTarget(by))
                                .getKvsList()));
    }

    @Test
    @Contract("RG-5")
    void countIgnoresFilters() {
        fiveKeys();
        long d = get("d").getKvs(0).getModRevision();
        RangeResponse filtered = range(ranging().setMinModRevision(d + 1));
        assertThat(suffixes(filtered.getKvsList())).containsExactly("a", "c");
        assertThat(filtered.getCount()).isEqualTo(5);
    }

    @Test
    @Contract("RG-6")
    void countOnlyHasNoKeysAndKeysOnlyNoValues() {
        fiveKeys();
        RangeResponse counted = range(ranging().setCountOnly(true).setLimit(2));
        assertThat(counted.getCount()).isEqualTo(5);
        assertThat(counted.getKvsList()).isEmpty();
        assertThat(counted.getMore()).isFalse();
        KeyValue bare = range(ranging("c").setKeysOnly(true)).getKvs(0);
        KeyValue whole = get("c").getKvs(0);
        assertThat(bare).isEqualTo(whole.toBuilder().clearValue().build());
        assertThat(whole.getValue()).isEqualTo(bytes("value of c"));
    }

    @Test
    @Contract("RG-7")
    void targetWithoutOrderSortsWhatTheLimitHasLeft() {
        fiveKeys();
        RangeResponse quirk = range(ranging().setLimit(2).setSortTarget(SortTarget.MOD));
        // The first three by key are a, b and c; by their last change, b is before a and a before c.
        assertThat(suffixes(quirk.getKvsList())).containsExactly("b", "a");
        assertThat(quirk.getMore()).isTrue();
        assertThat(suffixes(range(ranging().setSortTarget(SortTarget.MOD)).getKvsList()))
                .containsExactly("e", "b", "d", "a", "c");
    }

    @Test
    @Contract(value = "RG-7", errors = ContractError.INVALID_SORT_OPTION)
    void unknownSortOptionsAreRefused() {
        fiveKeys();
        if (differing(KnownDifference.UNKNOWN_SORT_OPTION, true, false)) {
            // An unknown target ends the process of 3.4.23, so it is not asked about that.
            assertThat(range(ranging().setSortOrderValue(3)).getKvsCount()).isEqualTo(5);
        } else {
            refused(ContractError.INVALID_SORT_OPTION, () -> range(ranging().setSortOrderValue(3)));
            refused(ContractError.INVALID_SORT_OPTION, () -> range(ranging().setSortTargetValue(5)));
        }
    }

    @Test
    @Contract("RG-8")
    void filtersAreInclusiveAndZeroIsNone() {
        long a = put("a", "1");
        long b = put("b", "1");
        put("a", "2");
        long c = put("c", "1");
        assertThat(suffixes(range(ranging().setMinModRevision(b + 1)).getKvsList()))
                .containsExactly("a", "c");
        assertThat(suffixes(range(ranging().setMaxModRevision(b)).getKvsList())).containsExactly("b");
        assertThat(suffixes(range(ranging().setMinCreateRevision(b)).getKvsList()))
                .containsExactly("b", "c");
        assertThat(suffixes(range(ranging().setMaxCreateRevision(b)).getKvsList()))
                .containsExactly("a", "b");
        assertThat(suffixes(range(ranging().setMinCreateRevision(a).setMaxCreateRevision(a))
                        .getKvsList()))
                .containsExactly("a");
        assertThat(range(ranging().setMinModRevision(c + 1)).getKvsList()).isEmpty();
        assertThat(range(ranging()
                                .setMinModRevision(0)
                                .setMaxModRevision(0)
                                .setMinCreateRevision(0)
                                .setMaxCreateRevision(0))
                        .getKvsCount())
                .isEqualTo(3);
    }

    @Test
    @Contract(
            value = "RG-9",
            errors = {ContractError.COMPACTED, ContractError.FUTURE_REVISION})
    void revisionsAreReadFromTheCompactedOneToThePresent() {
        long first = put("a", "1");
        long second = put("a", "2");
        long third = put("a", "3");
        compact(second);
        refused(ContractError.COMPACTED, () -> range(ranging("a").setRevision(first)));
        refused(ContractError.COMPACTED, () -> range(ranging("a").setRevision(second - 1)));
        assertThat(values(range(ranging("a").setRevision(second)).getKvsList())).containsExactly("2");
        assertThat(values(range(ranging("a").setRevision(third)).getKvsList())).containsExactly("3");
        refused(ContractError.FUTURE_REVISION, () -> range(ranging("a").setRevision(third + 1)));
        assertThat(values(range(ranging("a").setRevision(0)).getKvsList())).containsExactly("3");
        assertThat(values(range(ranging("a").setRevision(-1)).getKvsList())).containsExactly("3");
    }

    @Test
    @Contract("RG-9")
    void keyDeletedAtTheCompactedRevisionIsAbsentThere() {
        put("a", "1");
        long deleted = delete(deleting("a")).getHeader().getRevision();
        compact(deleted);
        assertThat(range(ranging("a").setRevision(deleted)).getKvsList()).isEmpty();
    }

    @Test
    @Contract("RG-10")
    void serializableReadAnswersFromTheMemberItself() {
        put("a", "1");
        assertThat(values(range(ranging("a").setSerializable(true)).getKvsList()))
                .containsExactly("1");
    }

    @Test
    @Contract(
            value = "RG-11",
            errors = {ContractError.EMPTY_KEY, ContractError.FUTURE_REVISION})
    void firstBrokenRuleIsTheOneThatIsTold() {
        long now = put("a", "1");
        compact(now);
        refused(ContractError.EMPTY_KEY, () -> range(RangeRequest.newBuilder().setRevision(now + 1)));
        refused(
                ContractError.FUTURE_REVISION,
                () -> range(ranging("a").setRangeEnd(key("0")).setRevision(now + 1)));
        // Even where no key can be: the revision is looked at first.
        refused(
                ContractError.COMPACTED,
                () -> range(ranging("b").setRangeEnd(key("a")).setRevision(now - 1)));
    }
}
