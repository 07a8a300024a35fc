package io.axolotl.server.ports;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who gets how many of the connections that this process can have. Immutable.
 *
 * @param clients most of clients at a time
 * @param scrapers most of who reads metrics
 * @param members most that come from other members
 */
public record ConnectionPlan(int clients, int scrapers, int members) {
    private static final Logger log = LoggerFactory.getLogger(ConnectionPlan.class);

    /** What a connection costs with TLS and some calls. */
    private static final long BYTES_PER_CONNECTION = 64 << 10;

    private static final int FEWEST_OF_A_SMALL_HEAP = 1_000;
    private static final int MOST_BY_HEAP = 50_000;

    /**
     * Files of a large store, as many as RocksDB keeps open (1,024); and the log, a snapshot that is made, sent or received, the
     * connections to others, jars and event loops.
     */
    private static final int FILES = 1_024 + 512;

    /** With fewer even a small store is in danger. */
    private static final int LEAST_DESCRIPTORS = 512;

    /** With at least as many nobody has to do with less than he might need. */
    private static final int ENOUGH_DESCRIPTORS = 4_096;

    /** Each other member has three, and for a moment six when it comes again: enough for 7 voters and 64 learners. */
    private static final int MOST_OF_MEMBERS = 512;

    private static final int MOST_OF_SCRAPERS = 64;

    /**
     * For this process. What is left for clients is what half of the heap holds, unless somebody says how many.
     *
     * @param wantedClients 0 if nobody does
     * @throws IllegalArgumentException if this process may open too few files, for itself or for that many clients
     */
    public static ConnectionPlan ofProcess(int wantedClients) {
        return of(wantedClients, Runtime.getRuntime().maxMemory(), descriptors());
    }

    /** Says so if this process can serve, but not a large store or many clients. */
    public void warnIfTight() {
        long descriptors = descriptors();
        if (descriptors < ENOUGH_DESCRIPTORS) {
            log.warn(
                    "this process may open {} files and connections, of which clients get {}: a large store may need more; raise"
                            + " the limit (ulimit -n, LimitNOFILE= of systemd) to {} at least",
                    descriptors,
                    clients,
                    ENOUGH_DESCRIPTORS);
        }
    }

    /** How many descriptors this process may have; very many where nobody knows. */
    private static long descriptors() {
        long limit = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : -1;
        return limit <= 0 ? Integer.MAX_VALUE : Math.min(limit, Integer.MAX_VALUE);
    }

    static ConnectionPlan of(int wantedClients, long heapBytes, long descriptors) {
        if (descriptors < LEAST_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "this process may open " + descriptors + " files and connections, and needs "
                            + LEAST_DESCRIPTORS + " at least, better " + ENOUGH_DESCRIPTORS
                            + "; raise the limit (ulimit -n, LimitNOFILE= of systemd)");
        }
        long left = descriptors - Math.min(FILES, descriptors / 2);
        int members = (int) Math.min(MOST_OF_MEMBERS, left / 4);
        int scrapers = (int) Math.min(MOST_OF_SCRAPERS, left / 8);
        long places = left - members - scrapers;
        if (wantedClients > places) {
            throw new IllegalArgumentException(
                    "--max-client-connections=" + wantedClients + " is more than the " + places
                            + " that are left of the " + descriptors
                            + " files and connections that this process may open, when the store, the log and the members have"
                            + " theirs; raise the limit (ulimit -n, LimitNOFILE= of systemd), or ask for fewer");
        }
        if (wantedClients > 0) {
            return new ConnectionPlan(wantedClients, Math.min(scrapers, wantedClients), members);
        }
        long byHeap = Math.max(FEWEST_OF_A_SMALL_HEAP, Math.min(MOST_BY_HEAP, heapBytes / 2 / BYTES_PER_CONNECTION));
        return new ConnectionPlan((int) Math.min(places, byHeap), scrapers, members);
    }
}
