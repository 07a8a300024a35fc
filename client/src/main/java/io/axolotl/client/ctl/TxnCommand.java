package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Compare;
import io.axolotl.client.Op;
import io.axolotl.client.TxnResult;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A transaction from standard input: compares, then operations, then operations, each list ended by an empty line. */
@Command(
        name = "txn",
        description =
                "Txn processes all the requests in one transaction, read from standard input: compares, requests if"
                        + " they hold, requests if not; an empty line ends each of the three lists")
final class TxnCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = {"-i", "--interactive"},
            description = "say what is expected next")
    private boolean interactive;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> arguments = new ArrayList<>();

    TxnCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw CtlFailure.badArgs("txn command does not accept argument");
        }
        KvPrinter printer = session.printer(KvPrinter.class);
        TxnReader lines = new TxnReader(
                new BufferedReader(new InputStreamReader(session.console().in(), StandardCharsets.ISO_8859_1)));
        prompt("compares:");
        List<String> compareLines = lines.list();
        prompt("success requests (get, put, del):");
        List<String> thenLines = lines.list();
        prompt("failure requests (get, put, del):");
        List<String> otherwiseLines = lines.list();
        Compare[] compares = compareLines.stream().map(TxnReader::compare).toArray(Compare[]::new);
        Op[] then = thenLines.stream().map(TxnReader::op).toArray(Op[]::new);
        Op[] otherwise = otherwiseLines.stream().map(TxnReader::op).toArray(Op[]::new);
        AxolotlClient client = session.client();
        TxnResult result = client.kv()
                .txn()
                .when(compares)
                .then(then)
                .otherwise(otherwise)
                .commit()
                .await();
        printer.txn(result);
        return ExitCode.SUCCESS;
    }

    private void prompt(String text) {
        if (interactive) {
            session.console().line(text);
            session.console().out().flush();
        }
    }
}
