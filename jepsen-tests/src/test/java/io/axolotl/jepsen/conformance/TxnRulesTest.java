package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.Compare.CompareResult;
import io.axolotl.client.proto.Compare.CompareTarget;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.grpc.Status;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class TxnRulesTest extends Asked {
    private static final int MAX_OPS = 128;

    private static TxnRequest.Builder txn() {
        return TxnRequest.newBuilder();
    }

    private boolean holds(Compare.Builder... compares) {
        TxnRequest.Builder txn = txn();
        for (Compare.Builder compare : compares) {
            txn.addCompare(compare);
        }
        return txn(txn).getSucceeded();
    }

    private Compare.Builder version(String suffix, CompareResult result, long version) {
        return comparing(suffix, result).setTarget(CompareTarget.VERSION).setVersion(version);
    }

    private Compare.Builder value(String suffix, CompareResult result, String value) {
        return comparing(suffix, result).setTarget(CompareTarget.VALUE).setValue(bytes(value));
    }

    @Test
    @Contract("TX-1")
    void comparesAreAndedAndChooseTheList() {
        put("a", "1");
        assertThat(holds()).isTrue();
        assertThat(holds(version("a", CompareResult.EQUAL, 1), value("a", CompareResult.EQUAL, "1")))
                .isTrue();
        assertThat(holds(version("a", CompareResult.EQUAL, 1), value("a", CompareResult.EQUAL, "2")))
                .isFalse();
        for (long version : new long[] {1, 2}) {
            TxnResponse answer = txn(txn().addCompare(version("a", CompareResult.EQUAL, version))
                    .addSuccess(op(ranging("a")))
                    .addFailure(op(deleting("none"))));
            assertThat(answer.getSucceeded()).isEqualTo(version == 1);
            assertThat(answer.getResponses(0).hasResponseRange()).isEqualTo(version == 1);
            assertThat(answer.getResponses(0).hasResponseDeleteRange()).isEqualTo(version != 1);
        }
    }

    @Test
    @Contract("TX-2")
    void whatIsStoredStandsOnTheLeft() {
        long first = put("a", "m");
        long second = put("a", "m");
        assertThat(holds(version("a", CompareResult.GREATER, 1))).isTrue();
        assertThat(holds(version("a", CompareResult.LESS, 3))).isTrue();
        assertThat(holds(version("a", CompareResult.NOT_EQUAL, 2))).isFalse();
        assertThat(holds(comparing("a", CompareResult.EQUAL)
                        .setTarget(CompareTarget.CREATE)
                        .setCreateRevision(first)))
                .isTrue();
        assertThat(holds(comparing("a", CompareResult.GREATER)
                        .setTarget(CompareTarget.MOD)
                        .setModRevision(second - 1)))
                .isTrue();
        assertThat(holds(value("a", CompareResult.LESS, "n"))).isTrue();
        assertThat(holds(value("a", CompareResult.GREATER, "\u00ff"))).isFalse();
        assertThat(holds(comparing("a", CompareResult.EQUAL)
                        .setTarget(CompareTarget.LEASE)
                        .setLease(0)))
                .isTrue();
    }

    @Test
    @Contract("TX-2")
    void absentKeyCountsAsZeroesButHasNoValue() {
        for (CompareTarget target :
                new CompareTarget[] {CompareTarget.VERSION, CompareTarget.CREATE, CompareTarget.MOD, CompareTarget.LEASE
                }) {
            assertThat(holds(comparing("none", CompareResult.EQUAL).setTarget(target)))
                    .isTrue();
            assertThat(holds(comparing("none", CompareResult.NOT_EQUAL).setTarget(target)))
                    .isFalse();
            assertThat(holds(comparing("none", CompareResult.GREATER).setTarget(target)))
                    .isFalse();
        }
        assertThat(holds(version("none", CompareResult.LESS, 1))).isTrue();
        for (CompareResult result :
                List.of(CompareResult.EQUAL, CompareResult.NOT_EQUAL, CompareResult.LESS, CompareResult.GREATER)) {
            assertThat(holds(value("none", result, ""))).isFalse();
            assertThat(holds(value("none", result, "x"))).isFalse();
        }
    }

    @Test
    @Contract("TX-2")
    void unknownComparisonIsRefusedByUs() {
        put("a", "1");
        Compare.Builder unknown =
                Compare.newBuilder().setKey(key("a")).setResultValue(4).setVersion(7);
        if (differing(KnownDifference.UNKNOWN_COMPARISON, true, false)) {
            assertThat(holds(unknown)).isTrue();
        } else {
            refused(
                    io.grpc.Status.Code.INVALID_ARGUMENT,
                    "etcdserver: unknown compare result or target",
                    () -> holds(unknown));
        }
    }

    @Test
    @Contract("TX-3")
    void comparedRangeMustHoldForEveryKey() {
        put("a", "1");
        put("b", "1");
        put("b", "2");
        assertThat(holds(version("a", CompareResult.GREATER, 0).setRangeEnd(key("c"))))
                .isTrue();
        assertThat(holds(version("a", CompareResult.EQUAL, 1).setRangeEnd(key("c"))))
                .isFalse();
        assertThat(holds(value("a", CompareResult.LESS, "3").setRangeEnd(key("c"))))
                .isTrue();
        assertThat(holds(version("x", CompareResult.EQUAL, 0).setRangeEnd(key("z"))))
                .isTrue();
        assertThat(holds(version("x", CompareResult.GREATER, 0).setRangeEnd(key("z"))))
                .isFalse();
        assertThat(holds(value("x", CompareResult.NOT_EQUAL, "1").setRangeEnd(key("z"))))
                .isFalse();
    }

    @Test
    @Contract("TX-4")
    void unionThatDoesNotFitCountsAsNothing() {
        put("a", "");
        assertThat(holds(comparing("a", CompareResult.GREATER).setTarget(CompareTarget.VERSION)))
                .isTrue();
        assertThat(holds(comparing("a", CompareResult.EQUAL)
                        .setTarget(CompareTarget.VERSION)
                        .setModRevision(1)))
                .isFalse();
        assertThat(holds(comparing("a", CompareResult.EQUAL)
                        .setTarget(CompareTarget.VALUE)
                        .setVersion(7)))
                .isTrue();
        assertThat(holds(comparing("a", CompareResult.EQUAL)
                        .setTarget(CompareTarget.LEASE)
                        .setValue(bytes("x"))))
                .isTrue();
    }

    @Test
    @Contract("TX-5")
    void allComparesSeeTheStateBeforeAndReadsSeeEarlierWrites() {
        long before = put("a", "0");
        TxnResponse answer = txn(txn().addSuccess(op(ranging("a")))
                .addSuccess(op(putting("a", "1")))
                .addSuccess(op(ranging("a")))
                .addSuccess(op(
                        txn().addCompare(value("a", CompareResult.EQUAL, "0")).addSuccess(op(ranging("a")))))
                .addSuccess(op(deleting("none"))));
        assertThat(values(answer.getResponses(0).getResponseRange().getKvsList()))
                .containsExactly("0");
        assertThat(answer.getResponses(0).getResponseRange().getHeader().getRevision())
                .isEqualTo(before);
        assertThat(values(answer.getResponses(2).getResponseRange().getKvsList()))
                .containsExactly("1");
        TxnResponse nested = answer.getResponses(3).getResponseTxn();
        assertThat(nested.getSucceeded()).isTrue();
        assertThat(values(nested.getResponses(0).getResponseRange().getKvsList()))
                .containsExactly("1");
    }

    @Test
    @Contract("TX-6")
    void revisionGrowsByOneIfAnythingChanged() {
        long before = put("a", "0");
        assertThat(txn(txn().addSuccess(op(deleting("none"))).addSuccess(op(ranging("a"))))
                        .getHeader()
                        .getRevision())
                .isEqualTo(before);
        TxnResponse changed = txn(txn().addSuccess(op(ranging("a")))
                .addSuccess(op(putting("a", "1")))
                .addSuccess(op(putting("b", "1")))
                .addSuccess(op(ranging("a"))));
        assertThat(changed.getHeader().getRevision()).isEqualTo(before + 1);
        assertThat(changed.getResponses(0).getResponseRange().getHeader().getRevision())
                .isEqualTo(before);
        assertThat(changed.getResponses(2).getResponsePut().getHeader().getRevision())
                .isEqualTo(before + 1);
        assertThat(changed.getResponses(3).getResponseRange().getHeader().getRevision())
                .isEqualTo(before + 1);
    }

    private void repeat(int times, Consumer<Integer> add) {
        for (int number = 0; number < times; number++) {
            add.accept(number);
        }
    }

    @Test
    @Contract(value = "TX-7", errors = ContractError.TOO_MANY_OPERATIONS)
    void longestListHasAtMost128Entries() {
        for (int size : new int[] {MAX_OPS, MAX_OPS + 1}) {
            TxnRequest.Builder compares = txn();
            TxnRequest.Builder success = txn();
            TxnRequest.Builder failure = txn();
            repeat(size, number -> {
                compares.addCompare(version("k" + number, CompareResult.EQUAL, 0));
                success.addSuccess(op(putting("k" + number, "")));
                failure.addFailure(op(putting("k" + number, "")));
            });
            for (TxnRequest.Builder txn : List.of(compares, failure, success)) {
                if (size > MAX_OPS) {
                    refused(ContractError.TOO_MANY_OPERATIONS, () -> txn(txn));
                } else {
                    assertThat(txn(txn).getSucceeded()).isTrue();
                }
            }
        }
        assertThat(range(ranging()).getKvsCount()).isEqualTo(MAX_OPS);
    }

    @Test
    @Contract(value = "TX-7", errors = ContractError.TOO_MANY_OPERATIONS)
    void nestedTransactionHasWhatItsParentLeft() {
        int outer = 28;
        for (int inner : new int[] {MAX_OPS - outer, MAX_OPS - outer + 1}) {
            TxnRequest.Builder nested = txn();
            repeat(inner, number -> nested.addFailure(op(ranging("k" + number))));
            TxnRequest.Builder parent = txn().addSuccess(op(nested));
            repeat(outer - 1, number -> parent.addSuccess(op(ranging("k" + number))));
            if (outer + inner > MAX_OPS) {
                refused(ContractError.TOO_MANY_OPERATIONS, () -> txn(parent));
            } else {
                assertThat(txn(parent).getResponsesCount()).isEqualTo(outer);
            }
        }
    }

    @Test
    @Contract(value = "TX-7", errors = ContractError.TOO_MANY_OPERATIONS)
    void everyLevelTakesFromWhatIsLeft() {
        int depth = 100;
        for (int inner : new int[] {MAX_OPS - depth, MAX_OPS - depth + 1}) {
            TxnRequest.Builder innermost = txn();
            repeat(inner, number -> innermost.addSuccess(op(ranging("k" + number))));
            TxnRequest.Builder whole = deep(depth + 1, innermost);
            if (depth + inner > MAX_OPS) {
                refused(ContractError.TOO_MANY_OPERATIONS, () -> txn(whole));
            } else {
                assertThat(deepInto(txn(whole))).isEqualTo(depth);
            }
        }
    }

    /** @param depth 1 for the innermost alone */
    private static TxnRequest.Builder deep(int depth, TxnRequest.Builder innermost) {
        TxnRequest.Builder txn = innermost;
        for (int level = 1; level < depth; level++) {
            txn = txn().addSuccess(op(txn));
        }
        return txn;
    }

    @Test
    @Contract(value = "TX-7", errors = ContractError.TOO_MANY_OPERATIONS)
    void transactionsLieAsDeepAsTheirOperationsSuffice() {
        TxnRequest.Builder deepest = deep(MAX_OPS, txn().addSuccess(op(ranging("k"))));
        assertThat(deepInto(txn(deepest))).isEqualTo(MAX_OPS - 1);
        refused(ContractError.TOO_MANY_OPERATIONS, () -> txn(txn().addSuccess(op(deepest))));
        TxnRequest.Builder empty = deep(MAX_OPS + 1, txn());
        if (differing(KnownDifference.DEPTH, true, false)) {
            assertThat(txn(empty).getSucceeded()).isTrue();
        } else {
            refused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: transactions lie more than 128 deep inside each other",
                    () -> txn(empty));
        }
    }

    private static int deepInto(TxnResponse answer) {
        int depth = 0;
        TxnResponse at = answer;
        while (at.getResponses(0).hasResponseTxn()) {
            at = at.getResponses(0).getResponseTxn();
            depth++;
        }
        return depth;
    }

    @Test
    @Contract(
            value = "TX-8",
            errors = {
                ContractError.EMPTY_KEY,
                ContractError.VALUE_PROVIDED,
                ContractError.LEASE_PROVIDED,
                ContractError.KEY_NOT_FOUND
            })
    void everyPartIsCheckedAsItsOwnRequest() {
        refused(ContractError.EMPTY_KEY, () -> txn(txn().addCompare(Compare.newBuilder())));
        refused(ContractError.EMPTY_KEY, () -> txn(txn().addSuccess(op(RangeRequest.newBuilder()))));
        refused(ContractError.EMPTY_KEY, () -> txn(txn().addFailure(op(PutRequest.newBuilder()))));
        refused(ContractError.EMPTY_KEY, () -> txn(txn().addSuccess(op(DeleteRangeRequest.newBuilder()))));
        refused(
                ContractError.EMPTY_KEY,
                () -> txn(txn().addSuccess(op(txn().addFailure(op(PutRequest.newBuilder()))))));
        refused(
                ContractError.VALUE_PROVIDED,
                () -> txn(txn().addSuccess(op(putting("a", "1").setIgnoreValue(true)))));
        refused(
                ContractError.LEASE_PROVIDED,
                () -> txn(txn().addSuccess(
                                op(putting("a", "1").setIgnoreLease(true).setLease(7)))));
        refused(ContractError.KEY_NOT_FOUND, () -> txn(txn().addSuccess(RequestOp.newBuilder())));
    }

    @Test
    @Contract(value = "TX-9", errors = ContractError.DUPLICATE_KEY)
    void pathMayPutAKeyOnceAndMustNotDeleteItToo() {
        List<TxnRequest.Builder> duplicates = List.of(
                txn().addSuccess(op(putting("a", "1"))).addSuccess(op(putting("a", "2"))),
                txn().addFailure(op(putting("a", "1"))).addFailure(op(putting("a", "2"))),
                txn().addSuccess(op(putting("a", "1"))).addSuccess(op(deleting("a"))),
                txn().addSuccess(op(deleting())).addSuccess(op(putting("a", "1"))),
                txn().addSuccess(op(putting("a", "1"))).addSuccess(op(txn().addSuccess(op(putting("a", "2"))))),
                txn().addSuccess(op(txn().addFailure(op(putting("a", "2"))))).addSuccess(op(deleting("a"))),
                txn().addSuccess(op(txn().addSuccess(op(deleting())))).addSuccess(op(putting("a", "1"))),
                txn().addSuccess(op(txn().addSuccess(op(putting("a", "1")))))
                        .addSuccess(op(txn().addFailure(op(putting("a", "1"))))));
        for (TxnRequest.Builder duplicate : duplicates) {
            refused(ContractError.DUPLICATE_KEY, () -> txn(duplicate));
        }
        assertThat(get("a").getKvsList()).isEmpty();
    }

    @Test
    @Contract("TX-9")
    void branchesMayTouchTheSameKeyAndDeletesMayOverlap() {
        put("a", "0");
        txn(txn().addSuccess(op(putting("a", "1"))).addFailure(op(putting("a", "2"))));
        txn(txn().addSuccess(op(txn().addSuccess(op(putting("a", "3"))).addFailure(op(putting("a", "4"))))));
        assertThat(values(get("a").getKvsList())).containsExactly("3");
        TxnResponse overlapping = txn(
                txn().addSuccess(op(deleting("a"))).addSuccess(op(deleting())).addSuccess(op(ranging())));
        assertThat(overlapping.getResponses(0).getResponseDeleteRange().getDeleted())
                .isEqualTo(1);
        assertThat(overlapping.getResponses(1).getResponseDeleteRange().getDeleted())
                .isZero();
    }

    @Test
    @Contract(value = "TX-9", errors = ContractError.DUPLICATE_KEY)
    void keysOfADeleteWithoutEndAreDuplicatesToUs() {
        TxnRequest.Builder txn = txn().addSuccess(op(putting("b", "1")))
                .addSuccess(op(deleting("a").setRangeEnd(NO_END)));
        if (differing(KnownDifference.OPEN_ENDED_DELETE, true, false)) {
            assertThat(txn(txn).getResponses(1).getResponseDeleteRange().getDeleted())
                    .isPositive();
        } else {
            refused(ContractError.DUPLICATE_KEY, () -> txn(txn));
        }
    }

    @Test
    @Contract(value = "TX-9", errors = ContractError.DUPLICATE_KEY)
    void deleteAfterAPutOfAnEarlierNestedTransactionIsADuplicateToUs() {
        TxnRequest.Builder put = txn().addSuccess(op(putting("a", "1")));
        TxnRequest.Builder delete = txn().addSuccess(op(deleting("a")));
        refused(
                ContractError.DUPLICATE_KEY,
                () -> txn(txn().addSuccess(op(delete)).addSuccess(op(put))));
        TxnRequest.Builder txn = txn().addSuccess(op(put)).addSuccess(op(delete));
        if (differing(KnownDifference.DELETE_AFTER_NESTED_PUT, true, false)) {
            assertThat(txn(txn).getSucceeded()).isTrue();
        } else {
            refused(ContractError.DUPLICATE_KEY, () -> txn(txn));
        }
    }

    @Test
    @Contract(value = "TX-8", errors = ContractError.COMPACTED)
    void negativeRevisionIsTheLatestToUsHereToo() {
        compact(put("a", "1"));
        TxnRequest.Builder txn = txn().addSuccess(op(ranging("a").setRevision(-1)));
        if (differing(KnownDifference.NEGATIVE_REVISION_IN_TXN, true, false)) {
            refused(ContractError.COMPACTED, () -> txn(txn));
        } else {
            assertThat(txn(txn).getResponses(0).getResponseRange().getCount()).isEqualTo(1);
        }
    }

    @Test
    @Contract(
            value = "TX-10",
            errors = {
                ContractError.FUTURE_REVISION,
                ContractError.COMPACTED,
                ContractError.LEASE_NOT_FOUND,
                ContractError.KEY_NOT_FOUND
            })
    void whatTheStoreRefusesLeavesNothingBehind() {
        long now = put("a", "1");
        compact(now);
        RequestOp put = op(putting("b", "1"));
        refused(
                ContractError.FUTURE_REVISION,
                () -> txn(txn().addSuccess(put).addSuccess(op(ranging("a").setRevision(now + 1)))));
        refused(
                ContractError.COMPACTED,
                () -> txn(txn().addSuccess(put).addSuccess(op(ranging("a").setRevision(now - 1)))));
        refused(
                ContractError.LEASE_NOT_FOUND,
                () -> txn(txn().addSuccess(put).addSuccess(op(putting("c", "1").setLease(987_654_321)))));
        refused(
                ContractError.KEY_NOT_FOUND,
                () -> txn(txn().addSuccess(put)
                        .addSuccess(op(txn().addSuccess(op(putting("c", "").setIgnoreValue(true)))))));
        assertThat(revision()).isEqualTo(now);
        assertThat(get("b").getKvsList()).isEmpty();
        // Of the path that is not taken nothing is asked.
        txn(txn().addSuccess(put).addFailure(op(ranging("a").setRevision(now + 100))));
        assertThat(revision()).isEqualTo(now + 1);
    }

    @Test
    @Contract(
            value = "TX-10",
            errors = {ContractError.FUTURE_REVISION, ContractError.KEY_NOT_FOUND})
    void firstBrokenRuleOfAPathIsTheOneThatIsTold() {
        long now = put("a", "1");
        refused(
                differing(
                        KnownDifference.FIRST_REFUSAL_IN_TXN,
                        ContractError.KEY_NOT_FOUND,
                        ContractError.FUTURE_REVISION),
                () -> txn(txn().addSuccess(op(ranging("a").setRevision(now + 1)))
                        .addSuccess(op(putting("b", "").setIgnoreValue(true)))));
    }

    @Test
    @Contract("TX-11")
    void transactionOfReadsReadsOneRevision() {
        long now = put("a", "1");
        put("b", "1");
        for (boolean isSerializable : new boolean[] {false, true}) {
            TxnResponse answer = txn(txn().addCompare(version("a", CompareResult.EQUAL, 1))
                    .addSuccess(op(ranging("a").setSerializable(isSerializable)))
                    .addSuccess(op(ranging("b").setRevision(now).setSerializable(isSerializable))));
            assertThat(answer.getSucceeded()).isTrue();
            assertThat(answer.getHeader().getRevision()).isEqualTo(now + 1);
            assertThat(answer.getResponses(0).getResponseRange().getCount()).isEqualTo(1);
            assertThat(answer.getResponses(1).getResponseRange().getCount()).isZero();
        }
        assertThat(txn(txn()).getSucceeded()).isTrue();
    }
}
