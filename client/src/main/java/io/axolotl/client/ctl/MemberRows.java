package io.axolotl.client.ctl;

import io.axolotl.client.Member;
import io.axolotl.client.StatusResult;
import java.util.List;
import java.util.Locale;

/** Members and their states as rows of texts: joined by commas in the simple form, in cells in the table. No state. */
final class MemberRows {
    static final List<String> MEMBER_TITLES =
            List.of("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER");

    static final List<String> STATUS_TITLES = List.of(
            "ENDPOINT",
            "ID",
            "VERSION",
            "DB SIZE",
            "IS LEADER",
            "IS LEARNER",
            "RAFT TERM",
            "RAFT INDEX",
            "RAFT APPLIED INDEX",
            "ERRORS");

    static final List<String> HEALTH_TITLES = List.of("ENDPOINT", "HEALTH", "TOOK", "ERROR");

    static final List<String> HASH_TITLES = List.of("ENDPOINT", "HASH");

    private static final String[] SIZE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private MemberRows() {}

    static List<String> member(Member member) {
        return List.of(
                Long.toHexString(member.id()),
                member.isStarted() ? "started" : "unstarted",
                member.name(),
                String.join(",", member.peerUrls()),
                String.join(",", member.clientUrls()),
                Boolean.toString(member.isLearner()));
    }

    static List<String> status(EndpointPrinter.EndpointStatus row) {
        StatusResult status = row.status();
        return List.of(
                row.endpoint(),
                Long.toHexString(status.header().memberId()),
                status.version(),
                size(status.dbSizeBytes()),
                Boolean.toString(status.isLeader()),
                Boolean.toString(status.isLearner()),
                Long.toUnsignedString(status.raftTerm()),
                Long.toUnsignedString(status.raftIndex()),
                Long.toUnsignedString(status.raftAppliedIndex()),
                String.join(", ", status.errors()));
    }

    static List<String> health(EndpointPrinter.EndpointHealth row) {
        return List.of(
                row.endpoint(), Boolean.toString(row.healthy()), GoDuration.format(row.tookNanos()), row.error());
    }

    static List<String> hash(EndpointPrinter.EndpointHash row) {
        return List.of(row.endpoint(), Long.toString(row.hash().hash()));
    }

    /** Bytes in powers of 1000, two digits at least: {@code 25 kB}, {@code 2.1 GB}. */
    static String size(long bytes) {
        if (bytes < 10) {
            return bytes + " B";
        }
        int unit = Math.min((int) Math.floor(Math.log10((double) bytes) / 3), SIZE_UNITS.length - 1);
        double value = Math.floor((double) bytes / Math.pow(1000, unit) * 10 + 0.5) / 10;
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, SIZE_UNITS[unit]);
    }
}
