package io.axolotl.storage.wal;

import io.axolotl.storage.disk.Disk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in the log's folder: {@code <number>.wal} is a segment in use or prepared, {@code <number>.spare} a retired
 * one that waits to be recycled, {@code <number>.tmp} one that was still being filled with zeros, or named anew. Numbers are 16 digits
 * of hex, so that names sort as numbers. Other names are left alone.
 *
 * <p>Immutable.
 */
record WalFolder(NavigableMap<Long, Path> segments, List<Path> spares, List<Path> temporaries) {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.(wal|spare|tmp)");

    static WalFolder list(Disk disk, Path folder) {
        NavigableMap<Long, Path> segments = new TreeMap<>();
        List<Path> spares = new ArrayList<>();
        List<Path> temporaries = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
            if (name.matches()) {
                switch (name.group(2)) {
                    case "wal" -> segments.put(Long.parseLong(name.group(1), 16), path);
                    case "spare" -> spares.add(path);
                    default -> temporaries.add(path);
                }
            }
        }
        return new WalFolder(segments, spares, temporaries);
    }

    static Path segment(Path folder, long sequence) {
        return folder.resolve(segmentName(sequence));
    }

    static String segmentName(long sequence) {
        return String.format("%016x.wal", sequence);
    }

    static Path spare(Path folder, long sequence) {
        return folder.resolve(String.format("%016x.spare", sequence));
    }

    static Path temporary(Path folder, long sequence) {
        return folder.resolve(String.format("%016x.tmp", sequence));
    }
}
