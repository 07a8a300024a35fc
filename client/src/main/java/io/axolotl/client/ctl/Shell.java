package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.GetOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Reads lines and runs them as commands of ctl, one after the other, with one client for all. What a command does wrong never
 * ends the shell.
 *
 * <p>Confined to the thread that calls {@link #run}, but for the commands that it starts in the background.
 */
final class Shell {
    private final Surroundings surroundings;
    private final Clients clients;
    private final AxolotlClient client;
    private final Map<String, String> flags;
    private final Duration keysPatience;
    private final ShellJobs jobs = new ShellJobs();

    /** Written by the thread of the shell, read by that of a completion too; 0 for now. */
    private volatile long revision;

    private volatile boolean isLeaving;

    /**
     * @param session of the shell itself; its client is lent to all commands
     * @param flags what was given to the shell, as the standard values of its commands
     * @param keysPatience how long a completion waits for keys
     */
    Shell(Session session, Map<String, String> flags, Duration keysPatience) {
        this.surroundings = session.surroundings();
        this.clients = session.clients();
        this.client = session.client();
        this.flags = Map.copyOf(flags);
        this.keysPatience = keysPatience;
    }

    /** Has a connection set up, which a completion would have no time for; what is wrong with it the first command says. */
    void connect() {
        var unused = client.kv()
                .get(
                        ShellCommands.NOWHERE,
                        GetOptions.DEFAULT.withCountOnly(true).withSerializable(true));
    }

    /** What the keys and commands of this shell are completed with. */
    ShellCompleter completer() {
        Session unused = new Session(surroundings);
        CommandSpec commands =
                CtlMain.commandLine(unused, ownCommands(surroundings.console())).getCommandSpec();
        return new ShellCompleter(commands, new ShellKeys(client, () -> revision, keysPatience), jobs::numbers);
    }

    /**
     * Runs until the input or the user ends it.
     *
     * @param keepGoing whether it goes on after a command that failed
     * @return the exit code of the first command that failed
     */
    int run(ShellScreen screen, boolean keepGoing) {
        int firstFailure = ExitCode.SUCCESS;
        try (jobs) {
            while (!isLeaving) {
                String line = screen.line(revision == 0 ? "axolotl> " : "axolotl at " + revision + "> ");
                if (line == null) {
                    break;
                }
                int exitCode = runLine(line, screen);
                if (firstFailure == ExitCode.SUCCESS) {
                    firstFailure = exitCode;
                }
                if (exitCode != ExitCode.SUCCESS && !keepGoing) {
                    screen.console("").errorLine("The shell ends at " + screen.place() + ", which failed.");
                    break;
                }
            }
        }
        return firstFailure;
    }

    private int runLine(String line, ShellScreen screen) {
        Console console = screen.console("");
        try {
            return take(line, screen);
        } catch (CtlFailure e) {
            console.errorLine("Error: " + e.getMessage());
            return e.exitCode();
        } finally {
            console.err().flush();
        }
    }

    private int take(String given, ShellScreen screen) {
        String line = given;
        ShellWords words = ShellWords.of(line, screen.charset());
        while (!words.missing().isEmpty()) {
            String next = screen.line("> ");
            if (next == null) {
                throw new CtlFailure(ExitCode.INVALID_INPUT, "the input ends in an open quote: " + words.missing());
            }
            line = line + "\n" + next;
            words = ShellWords.of(line, screen.charset());
        }
        if (words.words().isEmpty()) {
            return ExitCode.SUCCESS;
        }
        String[] arguments = words.arguments();
        if (!words.isInBackground()) {
            Console console = screen.console(arguments[0]);
            return screen.run(() -> execute(arguments, console));
        }
        int number = jobs.start(line.strip(), screen.behind(), console -> execute(arguments, console));
        screen.console("").line("[" + number + "]");
        screen.console("").out().flush();
        return ExitCode.SUCCESS;
    }

    private int execute(String[] arguments, Console console) {
        Map<String, String> defaults = new HashMap<>(flags);
        long at = revision;
        if (at != 0) {
            defaults.put("get --rev", Long.toString(at));
        }
        Surroundings inner = new Surroundings(surroundings.environment(), defaults, clients, console);
        try (Session session = new Session(inner)) {
            return CtlMain.commandLine(session, ownCommands(console)).execute(arguments);
        }
    }

    private List<Callable<Integer>> ownCommands(Console console) {
        return List.of(
                new ShellCommands.At(this, console),
                new ShellCommands.Jobs(jobs, console),
                new ShellCommands.Stop(jobs),
                new ShellCommands.Exit(this));
    }

    AxolotlClient client() {
        return client;
    }

    long revision() {
        return revision;
    }

    void readAt(long chosen) {
        revision = chosen;
    }

    void leave() {
        isLeaving = true;
    }
}
