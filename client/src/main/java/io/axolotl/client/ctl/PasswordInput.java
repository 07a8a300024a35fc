package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Asks for passwords: on the terminal, where they are not shown; or, if there is none, as a line of standard input.
 */
@SuppressWarnings("SystemConsoleNull")
final class PasswordInput {
    private PasswordInput() {}

    /** Whether somebody sits at this process. */
    static boolean hasTerminal() {
        return terminal() != null;
    }

    /** From Java 22 on there may be a console without a terminal, and a method that tells. */
    private static java.io.@Nullable Console terminal() {
        java.io.Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            Method isTerminal = java.io.Console.class.getMethod("isTerminal");
            return Boolean.TRUE.equals(isTerminal.invoke(console)) ? console : null;
        } catch (NoSuchMethodException e) {
            return console;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a console that cannot be asked what it is", e);
        }
    }

    /** What is typed at the terminal of this process; null if it has none. */
    static @Nullable String askTerminal(String prompt) {
        java.io.Console terminal = terminal();
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
