package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.NumberedValue;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whether money neither comes nor goes: every read of all accounts, by whichever member at whatever revision, serializable or not,
 * shows no account, as before they were opened, or all of them with the whole sum, and none below zero (torn applies, torn
 * snapshots). Values are {@code amount/id}; a read of all accounts is a LIST. Stateless.
 *
 * @param accounts how many there are
 * @param total in all of them together
 */
public record BankJudge(int accounts, long total) implements Judge {
    private static final String NAME = "bank";

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        long reads = 0;
        for (KvCall call : KvCall.of(history)) {
            for (KvCall.Taken taken : call.taken()) {
                if (taken.action().kind() == Action.Kind.LIST) {
                    reads++;
                    check(call, taken.result().rows(), findings);
                } else {
                    taken.result().rows().forEach(row -> checkForm(call, row, findings));
                }
            }
        }
        return findings.verdict(reads, reads + " reads of all accounts show " + total);
    }

    private static void checkForm(KvCall call, Row row, Findings findings) {
        if (NumberedValue.numberOf(row.value()).isEmpty()) {
            findings.add(row.key() + " holds \"" + row.value() + "\", which is no amount", call);
        }
    }

    private void check(KvCall call, List<Row> rows, Findings findings) {
        if (rows.isEmpty()) {
            return;
        }
        long sum = 0;
        for (Row row : rows) {
            OptionalLong amount = NumberedValue.numberOf(row.value());
            if (amount.isEmpty()) {
                checkForm(call, row, findings);
                return;
            }
            sum += amount.getAsLong();
            if (amount.getAsLong() < 0) {
                findings.add(row.key() + " is below zero", call);
            }
        }
        if (rows.size() != accounts || sum != total) {
            findings.add(
                    rows.size() + " accounts hold " + sum + " together, and not " + accounts + " accounts " + total,
                    call);
        }
    }
}
