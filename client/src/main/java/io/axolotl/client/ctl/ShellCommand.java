package io.axolotl.client.ctl;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Many commands over one connection: at a terminal with completion and history, else line by line from standard input. */
@Command(
        name = "shell",
        description =
                "Runs commands over one connection, one a line; at a terminal with completion of commands and keys,"
                        + " a history, and commands in the background with &")
final class ShellCommand implements Callable<Integer> {
    /** Longer than a member takes to answer, shorter than somebody who types would mind. */
    private static final Duration KEYS_PATIENCE = Duration.ofMillis(300);

    /** These are one: a command that names a user must not get the password of another. */
    private static final Set<String> USER = Set.of("--user", "--password");

    private final Session session;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--keep-going",
            description = "go on after a command from standard input that failed; the exit code is that of the first")
    private boolean keepGoing;

    @Option(names = "--no-history", description = "neither read nor keep the lines that are typed")
    private boolean noHistory;

    ShellCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (session.isInShell()) {
            throw CtlFailure.badArgs("this is the shell already; leave it with exit");
        }
        Shell shell = new Shell(session, flags(), KEYS_PATIENCE);
        if (!PasswordInput.hasTerminal()) {
            try (ShellScreen script = new ScriptScreen(session.console())) {
                return shell.run(script, keepGoing);
            }
        }
        shell.connect();
        try (ShellScreen terminal = terminal(shell)) {
            var unused = shell.run(terminal, true);
        }
        return ExitCode.SUCCESS;
    }

    private ShellScreen terminal(Shell shell) throws IOException {
        Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .dumb(true)
                .nativeSignals(true)
                .graphemeCluster(false)
                .build();
        if (terminal instanceof DumbTerminal) {
            // Without stty and the like it leaves Ctrl-C to the system, which would end the process.
            Object unused = Signals.register("INT", () -> terminal.raise(Terminal.Signal.INT));
        }
        Path history =
                noHistory ? null : ShellHistory.file(session.surroundings().environment(), session.console());
        return new TerminalScreen(terminal, shell.completer(), history);
    }

    /** What was given to the shell holds for its commands. */
    private Map<String, String> flags() {
        Map<String, String> given = new HashMap<>();
        CommandSpec own = spec;
        if (own != null) {
            collect(own.root().commandLine().getParseResult(), given);
            collect(own.commandLine().getParseResult(), given);
        }
        return given;
    }

    private static void collect(CommandLine.ParseResult parsed, Map<String, String> given) {
        for (OptionSpec option : parsed.matchedOptions()) {
            if (option.scopeType() == ScopeType.INHERIT && !USER.contains(option.longestName())) {
                boolean isSwitch =
                        option.arity().max() == 0 || option.typeInfo().isBoolean();
                given.put(
                        option.longestName(),
                        isSwitch ? String.valueOf(option.<Object>getValue()) : String.join(",", option.stringValues()));
            }
        }
    }
}
