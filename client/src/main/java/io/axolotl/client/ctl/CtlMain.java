package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.transport.NettyTransport;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
            exitCode = run(Arguments.ofProcess(args), System.getenv(), console);
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
        return run(Arguments.ofTexts(args), environment, new Console(in, out, err));
    }

    private static int run(String[] args, Map<String, String> environment, Console console) {
        return commandLine(environment, console).execute(args);
    }

    /** All commands and their flags, for what completes them in a shell. */
    public static CommandSpec commandSpec() {
        return commandLine(Map.of(), new Console(System.in, System.out, System.err))
                .getCommandSpec();
    }

    private static CommandLine commandLine(Map<String, String> environment, Console console) {
        Session session = new Session(console);
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
                .addSubcommand(new WatchCommand(session, environment))
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
                .addSubcommand(RoleCommand.commandLine(session));
        root.setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setDefaultValueProvider(
                        argument -> argument instanceof OptionSpec option ? fromEnvironment(environment, option) : null)
                .setParameterExceptionHandler((e, rest) -> report(usageFailure(e), console))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (e instanceof CtlFailure failure) {
                        return report(failure, console);
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

    private static @Nullable String fromEnvironment(Map<String, String> environment, OptionSpec option) {
        String value = environment.get(
                "ETCDCTL_" + option.longestName().substring(2).replace('-', '_').toUpperCase(Locale.ROOT));
        return value == null ? null : Arguments.of(Bytes.of(value));
    }

    private static int report(CtlFailure failure, Console console) {
        console.out().flush();
        console.errorLine("Error: " + failure.getMessage());
        return failure.exitCode();
    }

    private static CtlFailure usageFailure(CommandLine.ParameterException e) {
        if (e.getCause() instanceof CtlFailure failure) {
            return failure;
        }
        String message = e.getMessage();
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            message = first.startsWith("-") ? "unknown flag: " + first : "unknown command \"" + first + "\"";
        }
        return new CtlFailure(
                ExitCode.ERROR,
                message + "; see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    }
}
