package io.axolotl.client.ctl;

import io.axolotl.client.Auth;
import io.axolotl.client.AxolotlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;

/** What the commands on users and roles have in common: some names, one client, one thing that is printed. */
abstract class AuthStep implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> arguments = new ArrayList<>();

    AuthStep(Session session) {
        this.session = session;
    }

    final Session session() {
        return session;
    }

    @Override
    public final Integer call() {
        AuthPrinter printer = session.printer(AuthPrinter.class);
        List<String> names = arguments;
        check(names.size());
        AxolotlClient client = session.client();
        run(client.auth(), printer, names);
        return ExitCode.SUCCESS;
    }

    /** Whether so many arguments make sense; throws if not. */
    abstract void check(int count);

    /** @param arguments as {@link Arguments} has them */
    abstract void run(Auth auth, AuthPrinter printer, List<String> arguments);

    static void require(boolean isRight, String complaint) {
        if (!isRight) {
            throw CtlFailure.badArgs(complaint);
        }
    }

    /** The text of an argument. */
    static String text(String argument) {
        return Arguments.text(argument);
    }
}
