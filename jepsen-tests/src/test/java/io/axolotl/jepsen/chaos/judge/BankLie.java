package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;

/** Lies about accounts, each in a read of all of them. */
public enum BankLie implements Lie {
    /** One account is as an earlier read has shown it, the others as they are. */
    TWO_REVISIONS {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            List<KvCall> lists = Lie.lists(calls);
            List<Row> shown = lists.stream()
                    .flatMap(list -> Lie.rows(list).stream())
                    .distinct()
                    .toList();
            for (KvCall list : lists) {
                for (Row row : Lie.rows(list)) {
                    shown.stream()
                            .filter(old ->
                                    old.key().equals(row.key()) && old.mod() < row.mod() && amount(old) != amount(row))
                            .forEach(old -> lies.add(Lie.showing(list, rows -> Lie.instead(rows, row, old))));
                }
            }
            return lies;
        }
    },
    /** An account is not there. */
    LACKS_AN_ACCOUNT {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (KvCall list : Lie.lists(calls)) {
                Lie.rows(list).forEach(row -> lies.add(Lie.showing(list, rows -> Lie.without(rows, row))));
            }
            return lies;
        }
    },
    /** The sum is right, and one account lends what it does not have. */
    BELOW_ZERO {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (KvCall list : Lie.lists(calls)) {
                List<Row> rows = Lie.rows(list);
                if (rows.size() > 1) {
                    Row from = rows.get(0);
                    Row to = rows.get(1);
                    Row below = holding(from, -1);
                    Row above = holding(to, amount(to) + amount(from) + 1);
                    lies.add(Lie.showing(list, all -> Lie.instead(Lie.instead(all, from, below), to, above)));
                }
            }
            return lies;
        }
    };

    private static long amount(Row row) {
        return Long.parseLong(row.value().substring(0, row.value().indexOf('/')));
    }

    private static Row holding(Row row, long amount) {
        return new Row(
                row.key(),
                row.create(),
                row.mod(),
                row.version(),
                amount + row.value().substring(row.value().indexOf('/')));
    }
}
