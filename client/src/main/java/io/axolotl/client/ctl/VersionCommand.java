package io.axolotl.client.ctl;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says which version this is. */
@Command(name = "version", description = "Prints the version of axolotl ctl")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    @Spec
    private @Nullable CommandSpec spec;

    VersionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        CommandSpec own = spec;
        if (own != null) {
            for (String line : own.root().version()) {
                session.console().line(line);
            }
        }
        return ExitCode.SUCCESS;
    }
}
