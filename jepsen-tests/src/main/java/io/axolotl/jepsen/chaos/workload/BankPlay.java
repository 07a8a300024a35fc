package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.NumberedValue;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Transfers between accounts, and reads of all accounts: now, of one member, and at an earlier revision. */
final class BankPlay implements Crowd.Play {
    static final int ACCOUNTS = 8;
    static final long TOTAL = 100L * ACCOUNTS;

    private static final int MOST_BEHIND = 100;
    private static final int MOST_AMOUNT = 20;

    private final Keys keys = new Keys("bank");
    private volatile long openedRevision;

    private String account(int number) {
        return keys.key("account-", number);
    }

    private String balance(long amount) {
        return amount + "/" + keys.value();
    }

    /** All accounts at once, unless they are there. */
    private void open(Lane lane) {
        Ask ask = Ask.of(IntStream.range(0, ACCOUNTS)
                        .mapToObj(number -> Action.put(account(number), balance(TOTAL / ACCOUNTS)))
                        .toArray(Action[]::new))
                .when(new Guard(account(0), 0));
        lane.ask("open", ask).ifPresent(answer -> openedRevision = answer.revision());
    }

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        int drawn = chance.nextInt(100);
        if (openedRevision == 0) {
            open(lane);
        } else if (drawn < 60) {
            transfer(lane, chance);
        } else if (drawn < 80) {
            var unused = lane.ask("balances", all());
        } else if (drawn < 90) {
            var unused = lane.ask("balances", all().serializable(true));
        } else {
            long at = Math.max(openedRevision, lane.newestRevision() - chance.nextInt(MOST_BEHIND));
            var unused = lane.ask("balances", all().at(at).serializable(chance.nextBoolean()));
        }
    }

    private Ask all() {
        return Ask.of(Action.list(keys.prefix()));
    }

    private void transfer(Lane lane, SplittableRandom chance) {
        int from = chance.nextInt(ACCOUNTS);
        int to = (from + 1 + chance.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        long amount = 1L + chance.nextInt(MOST_AMOUNT);
        Optional<Answer> read = lane.ask("read", Ask.of(Action.read(account(from)), Action.read(account(to))));
        if (read.isEmpty()) {
            return;
        }
        List<Row> rows = read.get().results().stream()
                .flatMap(result -> result.rows().stream())
                .toList();
        if (rows.size() < 2) {
            return;
        }
        OptionalLong before = NumberedValue.numberOf(rows.get(0).value());
        OptionalLong beforeToo = NumberedValue.numberOf(rows.get(1).value());
        if (before.isEmpty() || beforeToo.isEmpty() || before.getAsLong() < amount) {
            // What is no amount the judge finds in the answer.
            return;
        }
        Ask ask = Ask.of(
                        Action.put(account(from), balance(before.getAsLong() - amount)),
                        Action.put(account(to), balance(beforeToo.getAsLong() + amount)))
                .when(rows.stream().map(row -> new Guard(row.key(), row.mod())).toArray(Guard[]::new));
        var unused = lane.ask("transfer", ask);
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }
}
