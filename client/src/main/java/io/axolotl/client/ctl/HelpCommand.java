package io.axolotl.client.ctl;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Explains a command, or lists them all. */
@Command(name = "help", description = "Help about any command")
final class HelpCommand implements Callable<Integer> {
    private final Session session;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "<command>", description = "such as get, or endpoint status")
    private List<String> words = new ArrayList<>();

    HelpCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        CommandSpec own = spec;
        CommandLine found = own == null ? null : own.root().commandLine();
        for (String word : words) {
            found = found == null ? null : found.getSubcommands().get(word);
        }
        if (found == null) {
            throw new CtlFailure(ExitCode.ERROR, "there is no command \"" + String.join(" ", words) + "\" to explain");
        }
        session.console().line(found.getUsageMessage().stripTrailing());
        return ExitCode.SUCCESS;
    }
}
