package io.axolotl.server.stage;

/**
 * A loop body of the pipeline. Which thread runs it is a setting (design part 2): its own, or one that it shares with
 * others when hand-offs between threads cost more than they bring.
 *
 * <p>Confined to whoever has its turn ({@link StageThread}), except for {@link #wakes}.
 */
public interface Stage {
    /**
     * Does what there is to do.
     *
     * @return false if there was nothing, so that the thread may sleep until woken
     */
    boolean runOnce();

    /** How long the stage may be left alone when nothing arrives. */
    long maxParkNanos();

    /** Whom to wake when work arrives. Called once, before the first {@link #runOnce}. */
    void wakes(Waker waker);

    /** Runs these one after the other as if they were one. */
    static Stage fused(Stage... stages) {
        return new Stage() {
            @Override
            public boolean runOnce() {
                boolean isBusy = false;
                for (Stage stage : stages) {
                    isBusy |= stage.runOnce();
                }
                return isBusy;
            }

            @Override
            public long maxParkNanos() {
                long least = Long.MAX_VALUE;
                for (Stage stage : stages) {
                    least = Math.min(least, stage.maxParkNanos());
                }
                return least;
            }

            @Override
            public void wakes(Waker waker) {
                for (Stage stage : stages) {
                    stage.wakes(waker);
                }
            }
        };
    }
}
