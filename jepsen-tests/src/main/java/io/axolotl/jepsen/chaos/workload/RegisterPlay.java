package io.axolotl.jepsen.chaos.workload;

import java.util.SplittableRandom;

/** Reads, puts, compare-and-sets and deletions of single keys. */
final class RegisterPlay implements Crowd.Play {
    private static final int KEYS = 100;

    private final Keys keys = new Keys("register");

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        KeyTurns.any(lane, keys, keys.key("k", chance.nextInt(KEYS)), chance);
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }
}
