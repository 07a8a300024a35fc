package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.SavedSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands on snapshots; those on saved ones need the server's storage, and are elsewhere. */
@Command(name = "snapshot", description = "Manages snapshots of a cluster's whole store")
final class SnapshotCommand {
    private SnapshotCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new SnapshotCommand())
                .addSubcommand(new SaveCommand(session))
                .addSubcommand("status", new OfflineCommand("status"))
                .addSubcommand("restore", new OfflineCommand("restore"));
    }

    /** Stores the snapshot of one member. */
    @Command(name = "save", description = "Stores a member's snapshot to a given file")
    static final class SaveCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<filename>", description = "where to; replaced if it exists")
        private List<String> files = new ArrayList<>();

        SaveCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            if (files.size() != 1) {
                throw CtlFailure.badArgs("snapshot save expects one argument");
            }
            List<String> endpoints = session.endpoints();
            if (endpoints.size() != 1) {
                throw new CtlFailure(
                        ExitCode.INTERRUPTED,
                        "snapshot must be requested to one selected node, not multiple [" + String.join(" ", endpoints)
                                + "]");
            }
            try {
                AxolotlClient client = session.client(endpoints, RetryPolicy.NONE);
                SavedSnapshot saved = client.maintenance().saveSnapshot(endpoints.get(0), Path.of(files.get(0)));
                session.console().line("Snapshot saved at " + files.get(0));
                if (!saved.version().isEmpty()) {
                    session.console().line("Server version " + saved.version());
                }
            } catch (AxolotlException | IOException e) {
                throw new CtlFailure(ExitCode.INTERRUPTED, String.valueOf(e.getMessage()));
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Needs no member, but the server's storage, which this client does not have. */
    @Command(description = "Is done by \"axolotl snapshot\", without a member")
    static final class OfflineCommand implements Callable<Integer> {
        private final String name;

        @Parameters(arity = "0..*", hidden = true)
        private List<String> arguments = new ArrayList<>();

        @CommandLine.Unmatched
        private List<String> flags = new ArrayList<>();

        OfflineCommand(String name) {
            this.name = name;
        }

        @Override
        public Integer call() {
            List<String> all = new ArrayList<>(List.of("axolotl", "snapshot", name));
            all.addAll(arguments);
            all.addAll(flags);
            throw CtlFailure.badArgs(
                    "snapshot " + name + " works on a file, without a member; use: " + String.join(" ", all));
        }
    }
}
