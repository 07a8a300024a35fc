package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Credentials;
import io.axolotl.client.GetOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Reads lines and runs them as commands of ctl, one after the other, with one client for all. What a command does wrong never
 * ends the shell.
 *
 * <p>Confined to the thread that calls {@link #run}, but for the commands that it starts in the background.
 */
final class Shell {
    /** These commands go on until somebody stops them. */
    private static final Set<String> ENDLESS = Set.of("watch", "lock", "elect", "keep-alive", "make-mirror");

    private final Surroundings surroundings;
    private final Clients clients;
    private final AxolotlClient client;
    private final @Nullable Credentials credentials;
    private final Map<String, String> flags;
    private final Duration keysPatience;
    private final ShellJobs jobs = new ShellJobs();

    /** Written by the thread of the shell, read by that of a completion too; 0 is the newest. */
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
        // A password, if need be, is asked for once.
        this.credentials = session.credentials();
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
                long at = screen.lines();
                int exitCode = runLine(line, screen);
                if (firstFailure == ExitCode.SUCCESS) {
                    firstFailure = exitCode;
                }
                if (exitCode != ExitCode.SUCCESS && !keepGoing) {
                    screen.endInput(at, "it failed");
                    break;
                }
            }
            if (!screen.isInteractive()) {
                int behind = jobs.awaitFinite();
                firstFailure = firstFailure == ExitCode.SUCCESS ? behind : firstFailure;
            }
        }
        return firstFailure;
    }

    private int runLine(String line, ShellScreen screen) {
        Console console = screen.console();
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
            Console console = screen.console();
            long linesBefore = screen.lines();
            int exitCode = screen.run(() -> execute(arguments, console));
            if (exitCode != ExitCode.SUCCESS && screen.lines() == linesBefore && takesLines(line, arguments)) {
                screen.endInput(linesBefore, "it failed, and the lines that follow are not commands");
            }
            return exitCode;
        }
        int number =
                jobs.start(shown(line), isEndless(arguments), screen.behind(), console -> execute(arguments, console));
        screen.console().line("[" + number + "]");
        screen.console().out().flush();
        return ExitCode.SUCCESS;
    }

    /** Whether what follows a command is for the command to read. */
    private static boolean takesLines(String line, String[] arguments) {
        List<String> words = List.of(arguments);
        boolean asksForPassword = words.contains("user")
                && (words.contains("add") || words.contains("passwd"))
                && !words.contains("--no-password")
                && !ShellHistory.holdsSecret(line);
        boolean isWatch = words.contains("watch") && (words.contains("-i") || words.contains("--interactive"));
        return words.contains("txn") || isWatch || asksForPassword;
    }

    private static boolean isEndless(String[] arguments) {
        return Arrays.stream(arguments).anyMatch(ENDLESS::contains);
    }

    private static String shown(String line) {
        return ShellHistory.holdsSecret(line) ? "(a command with a password)" : line.strip();
    }

    private int execute(String[] arguments, Console console) {
        Map<String, String> defaults = new HashMap<>(flags);
        long at = revision;
        if (at != 0) {
            defaults.put("get --rev", Long.toString(at));
        }
        Surroundings inner = new Surroundings(surroundings.environment(), defaults, clients, credentials, console);
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
