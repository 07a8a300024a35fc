package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RetryBudgetTest {
    private final RetryBudget budget = new RetryBudget();

    private int takeAll() {
        int taken = 0;
        while (budget.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void whatIsEarnedIsBoundedAndTwoCallsEarnARepeat() {
        for (int i = 0; i < 10; i++) {
            budget.called();
        }
        assertThat(takeAll()).isEqualTo((int) RetryBudget.MOST_REPEATS);
        budget.called();
        assertThat(budget.take()).isFalse();
        budget.called();
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isFalse();
    }
}
