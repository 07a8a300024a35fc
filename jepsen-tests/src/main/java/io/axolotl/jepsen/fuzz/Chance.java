package io.axolotl.jepsen.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** What valid inputs are made of. Stateless; the source of chance is the caller's. */
final class Chance {
    private Chance() {}

    /** At least {@code least}, at most {@code most} bytes. */
    static byte[] bytes(SplittableRandom random, int least, int most) {
        byte[] out = new byte[least + random.nextInt(most - least + 1)];
        random.nextBytes(out);
        return out;
    }

    /** Mostly small, sometimes any. */
    static long number(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(4);
            case 1 -> random.nextInt(1 << 20);
            case 2 -> random.nextLong(Long.MAX_VALUE);
            default -> 1;
        };
    }

    static <T> List<T> list(SplittableRandom random, int most, Supplier<T> element) {
        List<T> out = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            out.add(element.get());
        }
        return out;
    }

    static <T> T one(SplittableRandom random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    static String url(SplittableRandom random) {
        return "http://host" + random.nextInt(5) + ":" + (1 + random.nextInt(65_535));
    }
}
