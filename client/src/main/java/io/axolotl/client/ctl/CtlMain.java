package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.RefusedException;
import io.axolotl.client.transport.NettyTransport;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The entry of {@code axolotl ctl}. */
public final class CtlMain {
    /** etcdctl logs in while it connects. */
    private static final String LOGIN_FAILED = "etcdserver: authentication failed, invalid user ID or password";

    private CtlMain() {}

    public static void main(String[] args) {
        NettyTransport.quietLogs();
        // Answers can be large; System.out would flush at each line.
        PrintStream out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                false,
                StandardCharsets.UTF_8);
        Console console = new Console(System.in, out, System.err);
        int exitCode;
        try {
            exitCode = run(Arguments.ofProcess(args), Surroundings.of(System.getenv(), console));
        } catch (CtlFailure e) {
            exitCode = report(e, console);
        }
        out.flush();
        System.exit(out.checkError() && exitCode == ExitCode.SUCCESS ? ExitCode.IO : exitCode);
    }

    /**
     * Runs one command line.
     *
     * @param args as Java has read them
     * @param environment flags that the command line does not give are taken from {@code ETCDCTL_} and their name
     * @return the exit code, those of etcdctl
     */
    public static int run(
            String[] args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        return run(Arguments.ofTexts(args), Surroundings.of(environment, new Console(in, out, err)));
    }

    /** @param args as {@link Arguments} has them */
    static int run(String[] args, Surroundings surroundings) {
        try (Session session = new Session(surroundings)) {
            return commandLine(session).execute(args);
        }
    }

    /** All commands and their flags, for what completes them in a shell. */
    public static CommandSpec commandSpec() {
        Console console = new Console(System.in, System.out, System.err);
        return commandLine(new Session(Surroundings.of(Map.of(), console))).getCommandSpec();
    }

    /** The command line of one session; to be executed once. */
    static CommandLine commandLine(Session session) {
        return commandLine(session, List.of());
    }

    /** @param more commands beside those that ctl has */
    static CommandLine commandLine(Session session, List<Callable<Integer>> more) {
        Console console = session.console();
        CommandLine member = MemberCommand.commandLine(session);
        EndpointCommand endpoints = new EndpointCommand();
        CommandLine endpoint = new CommandLine(endpoints)
                .addSubcommand(new EndpointCommand.StatusCommand(session, endpoints))
                .addSubcommand(new EndpointCommand.HealthCommand(session, endpoints))
                .addSubcommand(new EndpointCommand.HashKvCommand(session, endpoints));
        CommandLine root = new CommandLine(session)
                .addSubcommand(new KeyCommands.Put(session))
                .addSubcommand(new KeyCommands.Get(session))
                .addSubcommand(new KeyCommands.Delete(session))
                .addSubcommand(new TxnCommand(session))
                .addSubcommand(new KeyCommands.Compact(session))
                .addSubcommand(new WatchCommand(session))
                .addSubcommand(member)
                .addSubcommand(endpoint)
                .addSubcommand(LeaseCommand.commandLine(session))
                .addSubcommand(new LockCommand(session))
                .addSubcommand(new ElectCommand(session))
                .addSubcommand(new MoveLeaderCommand(session))
                .addSubcommand(AlarmCommand.commandLine(session))
                .addSubcommand(new DefragCommand(session))
                .addSubcommand(SnapshotCommand.commandLine(session))
                .addSubcommand(AuthCommand.commandLine(session))
                .addSubcommand(UserCommand.commandLine(session))
                .addSubcommand(RoleCommand.commandLine(session))
                .addSubcommand(CheckCommand.commandLine(session))
                .addSubcommand(new MirrorCommand(session))
                .addSubcommand("migrate", RefusedCommand.migrate())
                .addSubcommand("completion", RefusedCommand.completion())
                .addSubcommand(new VersionCommand(session))
                .addSubcommand(new HelpCommand(session))
                .addSubcommand(new ShellCommand(session));
        more.forEach(root::addSubcommand);
        root.setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setDefaultValueProvider(argument ->
                        argument instanceof OptionSpec option ? fallback(option, session.surroundings()) : null)
                .setExecutionStrategy(CtlMain::execute)
                .setParameterExceptionHandler((e, rest) -> report(usageFailure(e, session.isInShell()), console))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (e instanceof CtlFailure failure) {
                        return report(failure, console);
                    }
                    if (isEndByInterrupt(e)) {
                        return ExitCode.INTERRUPTED;
                    }
                    if (e instanceof AxolotlException failure) {
                        int exitCode =
                                LOGIN_FAILED.equals(failure.getMessage()) ? ExitCode.BAD_CONNECTION : ExitCode.ERROR;
                        return report(new CtlFailure(exitCode, failure.getMessage()), console);
                    }
                    throw e;
                });
        return root;
    }

    /** Who interrupts a command knows it, and is told only if a write may have been applied. */
    private static boolean isEndByInterrupt(Exception e) {
        return e instanceof InterruptedException
                || (e instanceof RefusedException refused
                        && refused.code() == ErrorCode.CANCELLED
                        && Thread.currentThread().isInterrupted());
    }

    /** A group of commands by itself says what is in it. */
    private static int execute(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine commandLine = last.commandSpec().commandLine();
        if (commandLine.getCommand() instanceof Callable
                || last.isUsageHelpRequested()
                || last.isVersionHelpRequested()) {
            return new CommandLine.RunLast().execute(parsed);
        }
        commandLine.usage(commandLine.getOut());
        return ExitCode.SUCCESS;
    }

    /**
     * The value of a flag that is not given. Only global flags come from the environment, as with etcdctl: what a command does must
     * not depend on variables such as {@code ETCDCTL_PREFIX}.
     */
    private static @Nullable String fallback(OptionSpec option, Surroundings surroundings) {
        boolean isGlobal = option.scopeType() == ScopeType.INHERIT;
        String name = isGlobal ? option.longestName() : option.command().name() + " " + option.longestName();
        String value = surroundings.defaults().get(name);
        // The shell has taken its user from there already.
        boolean isUser = name.equals("--user") || name.equals("--password");
        boolean isOfShell = isUser && surroundings.lender() != null;
        if (value == null && isGlobal && !isOfShell && !option.usageHelp() && !option.versionHelp()) {
            value = surroundings
                    .environment()
                    .get("ETCDCTL_"
                            + option.longestName()
                                    .substring(2)
                                    .replace('-', '_')
                                    .toUpperCase(Locale.ROOT));
            value = value == null ? null : Arguments.of(Bytes.of(value));
        }
        return value;
    }

    private static int report(CtlFailure failure, Console console) {
        console.out().flush();
        console.errorLine("Error: " + failure.getMessage());
        return failure.exitCode();
    }

    private static CtlFailure usageFailure(CommandLine.ParameterException e, boolean isInShell) {
        if (e.getCause() instanceof CtlFailure failure) {
            return failure;
        }
        String message = e.getMessage();
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            message = first.startsWith("-") ? "unknown flag: " + first : "unknown command \"" + first + "\"";
        }
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String help = isInShell
                ? "help"
                        + command.qualifiedName()
                                .substring(command.root().name().length())
                : command.qualifiedName() + " --help";
        return new CtlFailure(ExitCode.ERROR, message + "; see " + help);
    }
}
