package io.axolotl.deploy;

import io.axolotl.client.bench.BenchMain;
import io.axolotl.client.ctl.CtlMain;
import io.axolotl.server.SnapshotMain;
import io.axolotl.server.config.Customs;
import io.axolotl.server.config.ServerConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes what completes the commands of {@code bin} in a bash; run when the distribution is packed. */
public final class CompletionMain {
    private CompletionMain() {}

    /** @param arguments the folder for {@code axolotl.bash} and {@code etcd.bash} */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Files.writeString(folder.resolve("axolotl.bash"), AutoComplete.bash("axolotl", new CommandLine(axolotl())));
        Files.writeString(
                folder.resolve("etcd.bash"),
                AutoComplete.bash("etcd", new CommandLine(new ServerConfigReader("", Customs.ETCD).commandSpec())));
    }

    /** As the launcher knows them; saving a snapshot is a command of ctl that the launcher lends to the others. */
    static CommandSpec axolotl() {
        CommandSpec snapshot = SnapshotMain.commandSpec();
        CommandSpec save = subcommand(subcommand(CtlMain.commandSpec(), "snapshot"), "save");
        return CommandSpec.create()
                .name("axolotl")
                .addSubcommand("server", new ServerConfigReader("").commandSpec())
                .addSubcommand("ctl", CtlMain.commandSpec())
                .addSubcommand("snapshot", snapshot.addSubcommand("save", save))
                .addSubcommand("bench", BenchMain.commandSpec())
                .addSubcommand(
                        "class-archive",
                        CommandSpec.create()
                                .addOption(CommandLine.Model.OptionSpec.builder("--if-missing")
                                        .build()))
                .addSubcommand("jvm-options", CommandSpec.create())
                .addSubcommand("version", CommandSpec.create())
                .addSubcommand("help", CommandSpec.create());
    }

    private static CommandSpec subcommand(CommandSpec of, String name) {
        CommandLine found = of.subcommands().get(name);
        if (found == null) {
            throw new IllegalStateException(of.qualifiedName() + " has no command " + name);
        }
        return found.getCommandSpec();
    }
}
