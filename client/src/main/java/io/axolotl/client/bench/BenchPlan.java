package io.axolotl.client.bench;

import io.axolotl.client.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What to measure. Immutable.
 *
 * @param clients operations in flight at most
 * @param connections TCP connections, spread over the endpoints in turn; clients are spread over the connections in turn
 * @param valueSizeBytes size of each value written
 * @param keySizeBytes size of each key
 * @param keys number of different keys
 * @param readPercent share of reads in {@link Operation#MIXED}
 * @param warmup not measured
 * @param measured the window that counts
 * @param ratePerSecond 0 for a closed loop; else operations fall due at this rate
 * @param targetLeader send everything to the leader
 * @param fill write every key once before operations that read
 * @param serverPids processes whose CPU time is counted; may be empty
 * @param threads event loops
 * @param deadline of each operation; zero for none. With a rate, operations begin when they fall due, however many are in flight
 */
record BenchPlan(
        List<Endpoint> endpoints,
        Operation operation,
        int clients,
        int connections,
        int valueSizeBytes,
        int keySizeBytes,
        int keys,
        int readPercent,
        Duration warmup,
        Duration measured,
        double ratePerSecond,
        boolean targetLeader,
        boolean fill,
        List<Long> serverPids,
        int threads,
        Duration deadline) {
    /** What each client does over and over. */
    enum Operation {
        PUT,
        /** As {@link #PUT}, each to be applied once: Axolotl alone. */
        NUMBERED_PUT,
        GET,
        GET_SERIALIZABLE,
        MIXED,
        TXN;

        boolean reads() {
            return this == GET || this == GET_SERIALIZABLE || this == MIXED;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    BenchPlan {
        endpoints = List.copyOf(endpoints);
        serverPids = List.copyOf(serverPids);
        require(clients >= 1, "--clients must be at least 1");
        require(connections >= 1 && connections <= clients, "--connections must be from 1 to the number of clients");
        require(valueSizeBytes >= 0, "--value-size must not be negative");
        require(keys >= 1, "--keys must be at least 1");
        int digits = Integer.toString(keys - 1).length();
        require(
                keySizeBytes >= digits + 1,
                "--key-size must be at least " + (digits + 1) + " bytes to tell " + keys + " keys apart");
        require(readPercent >= 0 && readPercent <= 100, "--read-percent must be from 0 to 100");
        require(!warmup.isNegative(), "--warmup-seconds must not be negative");
        require(!measured.isNegative() && !measured.isZero(), "--seconds must be positive");
        require(ratePerSecond >= 0, "--rate must not be negative");
        require(threads >= 1, "--threads must be at least 1");
        require(!deadline.isNegative(), "--deadline-millis must not be negative");
        require(
                operation != Operation.NUMBERED_PUT || ratePerSecond == 0 || deadline.isZero(),
                "numbered-put needs clients that wait for their answers: leave --deadline-millis or --rate out");
    }

    /** Whether operations begin whatever became of those before. */
    boolean isOpen() {
        return ratePerSecond > 0 && !deadline.isZero();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }
}
