package io.axolotl.jepsen.clients;

import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One library in a process of its own, so that its processor time can be told: calls in flight for a while, or watches that hear
 * what others put. Prints one line of JSON. Started by {@link ClientCompareMain}.
 */
@Command(name = "client-load", mixinStandardHelpOptions = true)
public final class ClientLoadMain implements Callable<Integer> {
    static final String PREFIX = "client-compare/";
    static final int KEYS = 1_000;
    static final String VALUE = "v".repeat(256);

    private static final long SECOND = 1_000_000_000L;

    @Option(names = "--library", required = true)
    private Library library = Library.AXOLOTL;

    @Option(names = "--endpoints", split = ",", required = true)
    private List<String> endpoints = List.of();

    @Option(names = "--op", required = true)
    private Operation operation = Operation.PUT;

    /** Calls in flight, or watches. */
    @Option(names = "--width", required = true)
    private int width;

    @Option(names = "--seconds", required = true)
    private double seconds;

    @Option(names = "--warm-up-seconds", required = true)
    private double warmUpSeconds;

    private final LongAdder done = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile boolean isOver;

    /** What is done again and again; of a watch, what is counted is events. */
    enum Operation {
        PUT,
        GET,
        TXN,
        WATCH
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new ClientLoadMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        try (ClientFace face = ClientFace.open(library, endpoints)) {
            if (operation == Operation.WATCH) {
                for (int i = 0; i < width; i++) {
                    face.watch(PREFIX, done::increment);
                }
            } else {
                SplittableRandom seeds = new SplittableRandom();
                for (int i = 0; i < width; i++) {
                    new Lane(face, seeds.split()).next();
                }
            }
            rest(warmUpSeconds);
            long doneBefore = done.sum();
            long failedBefore = failed.sum();
            long cpuBefore = cpuNanos();
            long start = System.nanoTime();
            rest(seconds);
            double took = (System.nanoTime() - start) / 1e9;
            long cpu = cpuNanos() - cpuBefore;
            long count = done.sum() - doneBefore;
            isOver = true;
            JsonObject report = new JsonObject();
            report.addProperty("perSecond", count / took);
            report.addProperty("cpuMicros", count == 0 ? 0 : cpu / 1e3 / count);
            report.addProperty("failed", failed.sum() - failedBefore);
            System.out.println(report);
        }
        return 0;
    }

    /** Of this process, all of it. */
    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static void rest(double seconds) {
        long end = System.nanoTime() + (long) (seconds * SECOND);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** One call in flight: the next begins where the one before ends. */
    private final class Lane {
        private final ClientFace face;
        private final SplittableRandom chance;

        Lane(ClientFace face, SplittableRandom chance) {
            this.face = face;
            this.chance = chance;
        }

        void next() {
            while (!isOver) {
                CompletableFuture<?> call = begin();
                if (!call.isDone()) {
                    var unused = call.whenComplete((answer, failure) -> {
                        count(failure == null);
                        next();
                    });
                    return;
                }
                // Not by recursion, or calls that end at once would pile up on the stack.
                count(!call.isCompletedExceptionally());
            }
        }

        private void count(boolean isDone) {
            (isDone ? done : failed).increment();
        }

        private CompletableFuture<?> begin() {
            String key = PREFIX + chance.nextInt(KEYS);
            return switch (operation) {
                case PUT -> face.put(key, VALUE);
                case GET -> face.get(key);
                case TXN -> face.txn(key, VALUE);
                case WATCH -> throw new IllegalStateException("a watch makes no calls");
            };
        }
    }
}
