package io.axolotl.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
import io.axolotl.storage.archive.ArchiveDamagedException;
import io.axolotl.storage.archive.ArchiveFile;
import io.axolotl.storage.archive.ArchiveHeader;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.StateSummary;
import io.axolotl.storage.wal.WalOptions;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What is done with the archive of a cluster where no server runs: {@code axolotl snapshot status} and {@code restore}, in
 * the words of etcd's tools. ({@code save} asks a running member and is the client's.)
 *
 * <p>Exit codes: 0, and 1 if it was not done, with the reason on stderr; 2 for a command line that is not understood.
 */
public final class SnapshotMain {
    private SnapshotMain() {}

    public static void main(String[] arguments) {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLogger(Logger.ROOT_LOGGER_NAME)
                .setLevel(Level.WARN);
        int exitCode = run(arguments, System.out, System.err);
        System.out.flush();
        System.exit(exitCode);
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        return commandLine(out, err).execute(arguments);
    }

    /** Both commands and their flags, for what completes them in a shell. */
    public static CommandLine.Model.CommandSpec commandSpec() {
        return commandLine(System.out, System.err).getCommandSpec();
    }

    private static CommandLine commandLine(PrintStream out, PrintStream err) {
        return new CommandLine(new Snapshot())
                .addSubcommand(new Status(out))
                .addSubcommand(new Restore(out, err))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (isForPeople(e)) {
                        err.println("Error: " + e.getMessage());
                        return 1;
                    }
                    throw e;
                })
                .setParameterExceptionHandler((e, rest) -> {
                    err.println("Error: " + e.getMessage() + "; see axolotl snapshot --help");
                    return 2;
                })
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    }

    private static boolean isForPeople(Exception e) {
        return e instanceof ArchiveDamagedException
                || e instanceof NewerFormatException
                || e instanceof SnapshotRestore.RefusedException
                || e instanceof ConfigException
                || e instanceof DiskException
                || e instanceof EngineException
                || e instanceof StoreDamagedException;
    }

    private static Disk disk() {
        return new RealDisk(new DiskMonitor());
    }

    /** {@code axolotl snapshot}. */
    @Command(
            name = "axolotl snapshot",
            description = "Looks at a saved snapshot, or makes the data folders of a new cluster from it.",
            mixinStandardHelpOptions = true)
    private static final class Snapshot implements Runnable {
        @CommandLine.Spec
        private CommandLine.Model.@Nullable CommandSpec spec;

        @Override
        public void run() {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "say what to do: status or restore");
        }
    }

    /** What is in an archive. */
    @Command(
            name = "status",
            description = "Verifies a saved snapshot and says what is in it.",
            mixinStandardHelpOptions = true)
    private static final class Status implements Callable<Integer> {
        private final PrintStream out;

        @Parameters(paramLabel = "<filename>", description = "the snapshot")
        private Path file = Path.of("");

        @Option(
                names = {"-w", "--write-out"},
                defaultValue = "simple",
                description = "output format: simple, json, table or fields (${DEFAULT-VALUE})")
        private String writeOut = "";

        Status(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            try (ArchiveFile archive = ArchiveFile.open(disk(), file)) {
                long hash = Integer.toUnsignedLong(ByteSource.getInt(archive.verify(), 0));
                out.print(text(hash, archive.header(), archive.sizeBytes()));
            }
            return 0;
        }

        /** The hash is the beginning of the SHA-256; keys are counted as etcd counts them: all changes that are kept. */
        private String text(long hash, ArchiveHeader header, long sizeBytes) {
            StateSummary summary = header.summary();
            String hex = Long.toHexString(hash);
            String size = size(sizeBytes);
            return switch (writeOut) {
                case "simple" -> hex + ", " + summary.revision() + ", " + summary.events() + ", " + size + "\n";
                case "json" ->
                    "{\"hash\":" + hash + ",\"revision\":" + summary.revision() + ",\"totalKey\":" + summary.events()
                            + ",\"totalSize\":" + sizeBytes + "}\n";
                case "fields" ->
                    "\"Hash\" : " + hash + "\n\"Revision\" : " + summary.revision() + "\n\"Keys\" : " + summary.events()
                            + "\n\"Size\" : " + sizeBytes + "\n";
                case "table" ->
                    table(
                            List.of("HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"),
                            List.of(hex, Long.toString(summary.revision()), Long.toString(summary.events()), size));
                default ->
                    throw new ConfigException(
                            "--write-out is \"" + writeOut + "\"; it takes one of simple, json, table, fields");
            };
        }

        private static String table(List<String> titles, List<String> cells) {
            StringBuilder border = new StringBuilder("+");
            StringBuilder head = new StringBuilder("|");
            StringBuilder row = new StringBuilder("|");
            for (int i = 0; i < titles.size(); i++) {
                int width = Math.max(titles.get(i).length(), cells.get(i).length());
                int gap = width - titles.get(i).length();
                border.append("-".repeat(width + 2)).append('+');
                head.append(' ').append(" ".repeat(gap / 2)).append(titles.get(i));
                head.append(" ".repeat(gap - gap / 2)).append(" |");
                row.append(' ').append(" ".repeat(width - cells.get(i).length()));
                row.append(cells.get(i)).append(" |");
            }
            return border + "\n" + head + "\n" + border + "\n" + row + "\n" + border + "\n";
        }

        private static String size(long bytes) {
            double value = bytes;
            String unit = "B";
            for (String next : List.of("kB", "MB", "GB", "TB")) {
                if (value < 1000) {
                    break;
                }
                value /= 1000;
                unit = next;
            }
            return String.format(Locale.ROOT, value < 10 && !unit.equals("B") ? "%.1f %s" : "%.0f %s", value, unit);
        }
    }

    /** A data folder from an archive. */
    @Command(
            name = "restore",
            description =
                    "Makes the data folder of one member of a new cluster from a saved snapshot. Run it once for each"
                            + " member, with the same snapshot, then start the members with the same settings.",
            mixinStandardHelpOptions = true)
    private static final class Restore implements Callable<Integer> {
        private static final String SAME_CLUSTER =
                "WARNING: this is not a new cluster to its members: it has the id of the one that the snapshot was taken of, for"
                        + " --initial-cluster-token and all peer URLs are the same. A member of the old cluster that still"
                        + " runs, or is ever started again, would be taken for a member of this one, and what they hold"
                        + " would be mixed. Unless all old data folders are gone for good, delete what was restored and"
                        + " restore every member again with another --initial-cluster-token.";

        private final PrintStream out;
        private final PrintStream err;

        @Parameters(paramLabel = "<filename>", description = "the snapshot")
        private Path file = Path.of("");

        @Option(names = "--data-dir", paramLabel = "<folder>", description = "must not exist (<name>.etcd)")
        private String dataDir = "";

        @Option(names = "--name", defaultValue = "default", description = "of this member (${DEFAULT-VALUE})")
        private String name = "";

        @Option(names = "--initial-cluster", description = "all members of the new cluster, as name=url,name=url")
        private String initialCluster = "";

        @Option(
                names = "--initial-cluster-token",
                description = "tells the new cluster from the old; the same on every member")
        private String token = "";

        @Option(names = "--initial-advertise-peer-urls", description = "how the other members reach this one")
        private String peerUrls = "";

        @Option(
                names = "--bump-revision",
                defaultValue = "0",
                description =
                        "how many revisions to leave out, so that the next is newer than any that a client has seen")
        private long bump;

        @Option(
                names = "--mark-compacted",
                description = "compact all restored history, so that clients notice; goes with --bump-revision")
        private boolean markCompacted;

        @Option(names = "--skip-hash-check", description = "do not hold the snapshot against its checksum")
        private boolean skipHashCheck;

        Restore(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() {
            if (bump < 0) {
                throw new ConfigException("--bump-revision is " + bump + "; revisions never go back");
            }
            if (markCompacted != bump > 0) {
                throw new ConfigException(
                        markCompacted
                                ? "--mark-compacted required --bump-revision"
                                : "--mark-compacted required if --bump-revision > 0");
            }
            ServerConfig config = config();
            Path data = config.dataDir();
            // Where the server will look for the library too.
            RocksDbOptions rocksDb =
                    RocksDbOptions.defaults(SnapshotRestore.buildingOf(data).resolve("native"));
            SnapshotRestore.Restored restored = new SnapshotRestore(
                            disk(), folder -> RocksDbEngine.open(folder, rocksDb), WalOptions.defaults())
                    .restore(file, config, new SnapshotRestore.Options(bump, markCompacted, skipHashCheck));
            out.println("restored snapshot " + file + " to " + data + ": member "
                    + config.self().id() + " of cluster "
                    + Long.toHexString(config.initialCluster().clusterId()) + ", revision "
                    + restored.state().revision() + ", " + restored.state().liveKeys() + " keys");
            if (restored.isSameCluster()) {
                err.println(SAME_CLUSTER);
            }
            return 0;
        }

        /** By the rules of the server, so that what is made here is what it will look for. */
        private ServerConfig config() {
            List<String> flags = new ArrayList<>(List.of("--name=" + name));
            add(flags, "--data-dir", dataDir);
            add(flags, "--initial-cluster", initialCluster);
            add(flags, "--initial-cluster-token", token);
            add(flags, "--initial-advertise-peer-urls", peerUrls);
            return ((Request.Start) new ServerConfigReader("").read(flags, Map.of())).config();
        }

        private static void add(List<String> flags, String flag, String value) {
            if (!value.isEmpty()) {
                flags.add(flag + "=" + value);
            }
        }
    }
}
