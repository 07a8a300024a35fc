package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Asks for passwords: on the terminal, where they are not shown; or, if there is none, as a line of standard input. Java 17 and 25
 * have no console where there is no terminal.
 */
@SuppressWarnings("SystemConsoleNull")
final class PasswordInput {
    private PasswordInput() {}

    /** @param prompt shown on a terminal only */
    static String ask(Console console, String prompt) {
        java.io.Console terminal = System.console();
        if (terminal == null) {
            return line(console);
        }
        char[] typed = terminal.readPassword("%s", prompt);
        if (typed == null) {
            throw CtlFailure.badArgs("no password was given");
        }
        return new String(typed);
    }

    /** A new one, twice: nobody sees what is typed. */
    static String askNew(Console console, String user) {
        String first = ask(console, "Password of " + user + ": ");
        if (System.console() != null
                && !ask(console, "Type password of " + user + " again for confirmation: ")
                        .equals(first)) {
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
