package io.axolotl.jepsen.chaos.environment;

/**
 * What has become of the packets of a link that was neither whole nor cut, since the beginning. Immutable.
 *
 * @param taken all that came
 * @param lost those that never went on
 * @param late held back by delay, jitter or for want of room on a narrow link
 * @param overtaken held back besides, so that later ones may be there before them
 * @param doubled sent on twice
 * @param corrupt sent on with a bit flipped
 */
public record LinkTally(long taken, long lost, long late, long overtaken, long doubled, long corrupt) {
    static final LinkTally NONE = new LinkTally(0, 0, 0, 0, 0, 0);
}
