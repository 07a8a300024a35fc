package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes bytes at rest, as disks do: a bit flips, a sector reads as zeroes, a sector is an old one, or one that was meant for
 * another place. In one file, in up to three places.
 *
 * <p>Confined to the simulation's thread.
 */
final class Rot {
    static final String OLD_SECTOR = "the sector that was once at ";
    private static final int SECTOR_BYTES = 512;

    /** Most of a file may be room that is not used yet, whose damage means nothing. */
    private static final int TRIES_FOR_USED_BYTES = 16;

    private final Chance chance;

    Rot(Chance chance) {
        this.chance = chance;
    }

    /**
     * Changes something in a file under the folder.
     *
     * @param earlier what the disk once held
     * @param first the folder whose files are hit in half of all cases
     * @param second a file that is hit in one case of four, in two places at least
     * @return what was done, or null if there is nothing to change
     */
    @Nullable String spread(FaultyDisk disk, FaultyDisk earlier, Path folder, Path first, Path second) {
        List<Path> files = new ArrayList<>();
        gather(disk, disk.exists(first) && chance.happens(0.5) ? first : folder, files);
        if (files.isEmpty()) {
            return null;
        }
        Path file = chance.below(4) == 0 && disk.exists(second) ? second : chance.oneOf(files);
        StringBuilder done = new StringBuilder(file.toString());
        // The last batch of the log and the mark behind it are never hit at once, nor does a power cut take the other
        // one.
        disk.writeBack(file);
        int least = file.equals(second) ? 2 : 1;
        int places = file.startsWith(first) ? 1 : least + chance.below(3);
        // An old slot beside a damaged one is what no two slots can tell ("Not noticed" in docs/formats/hardstate.md).
        FaultyDisk old = file.equals(second) ? disk : earlier;
        for (int i = 0; i < places; i++) {
            done.append(", ").append(change(disk, old, file, files));
        }
        return done.toString();
    }

    private static void gather(FaultyDisk disk, Path folder, List<Path> files) {
        if (!disk.exists(folder)) {
            return;
        }
        for (Path path : disk.list(folder)) {
            if (disk.isDirectory(path)) {
                gather(disk, path, files);
            } else if (disk.content(path).length > 0) {
                files.add(path);
            }
        }
    }

    private int used(byte[] content) {
        int at = chance.below(content.length);
        for (int tries = 0; tries < TRIES_FOR_USED_BYTES && content[at] == 0; tries++) {
            at = chance.below(content.length);
        }
        return at;
    }

    private String change(FaultyDisk disk, FaultyDisk earlier, Path file, List<Path> files) {
        byte[] content = disk.content(file);
        int at = used(content);
        int from = at / SECTOR_BYTES * SECTOR_BYTES;
        int to = Math.min(from + SECTOR_BYTES, content.length);
        switch (chance.below(4)) {
            case 0 -> {
                disk.flipBit(file, at, chance.below(8));
                return "a bit at " + at;
            }
            case 1 -> {
                disk.overwrite(file, from, new byte[to - from]);
                return "zeroes at " + from;
            }
            case 2 -> {
                // What a recycled file still holds where a write was lost: the sector of its neighbour.
                byte[] other = disk.content(chance.oneOf(files));
                if (other.length < to) {
                    disk.flipBit(file, at, chance.below(8));
                    return "a bit at " + at;
                }
                disk.overwrite(file, from, Arrays.copyOfRange(other, from, to));
                return "a sector of another file at " + from;
            }
            default -> {
                byte[] old = earlier != disk && earlier.exists(file) ? earlier.content(file) : content;
                boolean wasOther = old.length >= to && Arrays.mismatch(old, from, to, content, from, to) >= 0;
                if (wasOther && chance.happens(0.7)) {
                    disk.overwrite(file, from, Arrays.copyOfRange(old, from, to));
                    return OLD_SECTOR + from;
                }
                int source = used(content) / SECTOR_BYTES * SECTOR_BYTES;
                int length = Math.min(to - from, content.length - source);
                disk.overwrite(file, from, Arrays.copyOfRange(content, source, source + length));
                return "the sector of " + source + " at " + from;
            }
        }
    }
}
