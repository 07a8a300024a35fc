package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Asks for passwords: on the terminal, where they are not shown; or, if there is none, as a line of standard input. Java 17 and 25
 * have no console where there is no terminal.
 */
@SuppressWarnings("SystemConsoleNull")
final class PasswordInput {
    private PasswordInput() {}

    /** Whether somebody sits at this process. */
    static boolean hasTerminal() {
        return System.console() != null;
    }

    /** What is typed at the terminal of this process; null if it has none. */
    static @Nullable String askTerminal(String prompt) {
        java.io.Console terminal = System.console();
        if (terminal == null) {
            return null;
        }
        char[] typed = terminal.readPassword("%s", prompt);
        if (typed == null) {
            throw CtlFailure.badArgs("no password was given");
        }
        return new String(typed);
    }

    /** @param prompt shown on a terminal only */
    static String ask(Console console, String prompt) {
        String typed = console.asker().ask(prompt);
        return typed == null ? line(console) : typed;
    }

    /** A new one, twice: nobody sees what is typed. */
    static String askNew(Console console, String user) {
        String first = console.asker().ask("Password of " + user + ": ");
        if (first == null) {
            return line(console);
        }
        if (!first.equals(console.asker().ask("Type password of " + user + " again for confirmation: "))) {
            throw CtlFailure.badArgs("given passwords are different");
        }
        return first;
    }

    /** The next line of standard input. */
    static String line(Console console) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int next = console.in().read();
                    next >= 0 && next != '\n';
                    next = console.in().read()) {
                line.write(next);
            }
        } catch (IOException e) {
            throw new CtlFailure(ExitCode.IO, "the password cannot be read from standard input: " + e.getMessage());
        }
        String text = Bytes.copyOf(line.toByteArray()).utf8();
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
