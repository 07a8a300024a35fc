package io.axolotl.jepsen.chaos.measure;

import static io.axolotl.jepsen.chaos.SyntheticRun.MS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.SyntheticRun;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallSeriesTest {
    private static Call call(Outcome outcome, long fromMs, long toMs) {
        return new Call(0, 0, 0, "put", new JsonObject(), new JsonObject(), outcome, "", fromMs * MS, toMs * MS);
    }

    @Test
    void callsCountWhereTheyEndAndTheirLatencyWhereTheyBegin() {
        CallSeries series = CallSeries.of(
                List.of(
                        call(Outcome.DONE, 10, 20),
                        call(Outcome.DONE, 20, 50),
                        call(Outcome.DONE, 90, 290),
                        call(Outcome.UNKNOWN, 50, 150),
                        call(Outcome.REFUSED, 150, 160)),
                1_000 * MS);
        assertThat(series.sliceNanos()).isEqualTo(100 * MS);
        assertThat(series.slices().get(0))
                .isEqualTo(new CallSeries.Slice(2, 0, 0, new CallSeries.Latency(30 * MS, 200 * MS, 200 * MS)));
        assertThat(series.slices().get(1)).isEqualTo(new CallSeries.Slice(0, 1, 1, null));
        assertThat(series.slices().get(2)).isEqualTo(new CallSeries.Slice(1, 0, 0, null));
        assertThat(series.perSecond(2)).isEqualTo(20);
    }

    @Test
    void everyCallIsInOneSlice() {
        SyntheticRun run = SyntheticRun.threeMinutes();
        List<Call> calls = run.calls(4);
        CallSeries series = CallSeries.of(calls, 180_000 * MS);
        assertThat(series.slices()).hasSizeLessThanOrEqualTo(400);
        assertThat(series.slices().stream()
                        .mapToLong(slice -> slice.done() + slice.errors())
                        .sum())
                .isEqualTo(calls.size());
    }

    @Test
    void runWithoutCallsHasEmptySlices() {
        CallSeries series = CallSeries.of(List.of(), 0);
        assertThat(series.slices()).containsExactly(new CallSeries.Slice(0, 0, 0, null));
    }
}
