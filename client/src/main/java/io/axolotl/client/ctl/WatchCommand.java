package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints events as they come, until it is interrupted or the server ends the watch; and runs a command for each, if one follows
 * {@code --}. With {@code -i} it reads lines: {@code watch} with these arguments, and {@code progress}.
 */
@Command(name = "watch", description = "Watches events stream on keys or prefixes")
final class WatchCommand implements Callable<Integer> {
    private static final String SEPARATOR = "--";

    private final Session session;
    private final Map<String, String> environment;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final WatchArguments arguments = new WatchArguments();

    @Option(
            names = {"-i", "--interactive"},
            description = "read watch requests from standard input")
    private boolean interactive;

    /** Whether the input of the interactive mode has ended. */
    private volatile boolean isOver;

    /** Commands that are run get the environment of this process too. */
    WatchCommand(Session session) {
        this.session = session;
        this.environment = session.surroundings().environment();
    }

    @Override
    public Integer call() throws InterruptedException {
        WatchPrinter printer = session.printer(WatchPrinter.class);
        WatchArguments.checkEnvironment(environment);
        if (interactive) {
            return readLines(printer);
        }
        CommandSpec own = spec;
        List<String> given = own == null
                ? List.of()
                : own.root().commandLine().getParseResult().originalArgs();
        WatchArguments.Request request = arguments.request(afterSeparator(given), environment);
        try (Watch watch = session.client().watch(request.range(), request.options())) {
            print(watch, request.command(), printer);
        }
        throw new CtlFailure(ExitCode.INTERRUPTED, "watch is canceled by the server");
    }

    private static @Nullable List<String> afterSeparator(List<String> words) {
        int separator = words.indexOf(SEPARATOR);
        return separator < 0 ? null : words.subList(separator + 1, words.size());
    }

    /** Prints until the watch is over. */
    private void print(Watch watch, List<String> command, WatchPrinter printer) throws InterruptedException {
        while (true) {
            WatchResult result = watch.next();
            Console console = session.console();
            synchronized (console) {
                if (result.isCanceled()) {
                    console.errorLine("watch was canceled (" + reason(result) + ")");
                }
                if (result.isProgress()) {
                    console.line("progress notify: " + result.header().revision());
                }
                printer.watch(result);
                console.out().flush();
                for (WatchEvent event : command.isEmpty() ? List.<WatchEvent>of() : result.events()) {
                    run(command, result, event);
                }
            }
            if (result.isCanceled()) {
                return;
            }
        }
    }

    static String reason(WatchResult result) {
        if (result.compactRevision() != 0) {
            return "etcdserver: mvcc: required revision has been compacted";
        }
        return result.cancelReason().isEmpty()
                ? "etcdserver: mvcc: required revision is a future revision"
                : result.cancelReason();
    }

    // ---- a command for each event ----

    private void run(List<String> command, WatchResult result, WatchEvent event) throws InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command.stream().map(Arguments::text).toList());
        builder.redirectInput(ProcessBuilder.Redirect.PIPE);
        Map<String, String> variables = builder.environment();
        variables.putAll(environment);
        variables.put("ETCD_WATCH_REVISION", Long.toString(result.header().revision()));
        variables.put("ETCD_WATCH_EVENT_TYPE", event.isDelete() ? "\"DELETE\"" : "\"PUT\"");
        variables.put("ETCD_WATCH_KEY", GoQuote.quote(event.kv().key()));
        variables.put("ETCD_WATCH_VALUE", GoQuote.quote(event.kv().value()));
        String failure;
        try {
            int exitCode = ChildProcess.start(builder, session.console()).await();
            if (exitCode == 0) {
                return;
            }
            failure = "exit status " + exitCode;
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        }
        String words = command.stream()
                .map(word -> GoQuote.quote(Arguments.bytes(word)))
                .collect(Collectors.joining(" ", "[", "]"));
        throw new CtlFailure(ExitCode.ERROR, "command " + words + " error (" + failure + ")");
    }

    // ---- interactive ----

    private Integer readLines(WatchPrinter printer) {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(session.console().in(), StandardCharsets.ISO_8859_1));
        List<Watch> watches = new ArrayList<>();
        AxolotlClient client = session.client();
        try {
            while (true) {
                String line = in.readLine();
                if (line == null) {
                    throw new CtlFailure(ExitCode.INVALID_INPUT, "Error reading watch request line: EOF");
                }
                take(line, client, watches, printer);
            }
        } catch (IOException e) {
            throw new CtlFailure(ExitCode.INVALID_INPUT, "Error reading watch request line: " + e.getMessage());
        } finally {
            isOver = true;
            watches.forEach(Watch::close);
        }
    }

    private void take(String line, AxolotlClient client, List<Watch> watches, WatchPrinter printer) {
        Console console = session.console();
        List<String> words = TxnReader.words(line);
        String verb = words.isEmpty() ? "" : words.get(0);
        switch (verb) {
            case "" -> complain("Invalid command: " + line + " (watch and progress supported)");
            case "progress" -> watches.forEach(Watch::requestProgress);
            case "watch" -> {
                List<String> given = words.subList(1, words.size());
                if (given.isEmpty() && !environment.containsKey("ETCDCTL_WATCH_KEY")) {
                    complain("Invalid command " + line + " (command type or key is not provided)");
                    return;
                }
                WatchArguments parsed = new WatchArguments();
                WatchArguments.Request request;
                try {
                    new CommandLine(parsed).setExpandAtFiles(false).parseArgs(given.toArray(String[]::new));
                    request = parsed.request(afterSeparator(given), environment);
                } catch (CtlFailure | CommandLine.ParameterException e) {
                    complain("Invalid command " + line + " (" + e.getMessage() + ")");
                    return;
                }
                Watch watch = client.watch(request.range(), request.options());
                watches.add(watch);
                Thread printing = new Thread(() -> printUntilItEnds(watch, request.command(), printer), "watch");
                printing.setDaemon(true);
                printing.start();
            }
            default -> complain("Invalid command " + line + " (only support watch)");
        }
        console.out().flush();
    }

    private void complain(String text) {
        Console console = session.console();
        synchronized (console) {
            console.errorLine(text);
        }
    }

    private void printUntilItEnds(Watch watch, List<String> command, WatchPrinter printer) {
        try {
            print(watch, command, printer);
        } catch (IllegalStateException e) {
            // A watch that was closed tells no more.
            if (!isOver) {
                throw e;
            }
        } catch (CtlFailure | AxolotlException e) {
            complain("Error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
