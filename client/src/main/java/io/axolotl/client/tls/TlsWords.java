package io.axolotl.client.tls;

import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says why a TLS connection did not come about, for people. No state. */
public final class TlsWords {
    /** Of a whole message; {@link PeerTrust}'s are shorter. */
    private static final int MOST_CHARACTERS = 2_000;

    private static final int MOST_CHARACTERS_OF_A_NAME = 500;

    private static final String ALERT = "Received fatal alert: ";

    /** What the other side means by its alerts (RFC 8446 part 6.2). */
    private static final Map<String, String> ALERTS = Map.of(
            "certificate_required",
                    "it asks for a certificate and was shown none; give --cert and --key, or their like",
            "bad_certificate",
                    "it does not accept the certificate that it was shown, or was shown none; its log says why",
            "certificate_unknown", "it does not accept the certificate that it was shown; its log says why",
            "unknown_ca", "it does not trust the authority of the certificate that it was shown",
            "certificate_expired", "it was shown a certificate that has expired",
            "certificate_revoked", "it was shown a certificate that is revoked",
            "protocol_version", "it permits none of the TLS versions that it was offered",
            "handshake_failure", "it permits none of the cipher suites that it was offered, or misses a certificate",
            "no_application_protocol", "it speaks neither HTTP/2 nor HTTP/1.1 over TLS");

    private TlsWords() {}

    /** Whether it is about TLS at all. */
    public static boolean isAbout(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException || cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    /**
     * A text of the other side as it may be shown: what would end a line, steer a terminal or turn the direction of writing
     * is escaped as in Java's sources, and what is longer than {@code mostCharacters} is cut off.
     */
    static String printable(String text, int mostCharacters) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            int end = i + Character.charCount(character);
            if (end > mostCharacters) {
                return shown.append('…').toString();
            }
            if (isPlain(character)) {
                shown.appendCodePoint(character);
            } else {
                text.substring(i, end).chars().forEach(unit -> shown.append(String.format("\\u%04x", unit)));
            }
            i = end;
        }
        return shown.toString();
    }

    /** A name in a certificate, as it may be shown. */
    static String shown(@Nullable Object name) {
        return printable(String.valueOf(name), MOST_CHARACTERS_OF_A_NAME);
    }

    private static boolean isPlain(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** One line, without an address. */
    public static String describe(Throwable failure) {
        return printable(words(failure), MOST_CHARACTERS);
    }

    private static String words(Throwable failure) {
        Throwable last = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return String.valueOf(cause.getMessage());
            }
            String message = String.valueOf(cause.getMessage());
            if (message.contains(ALERT)) {
                String alert = message.substring(message.indexOf(ALERT) + ALERT.length())
                        .split("\\W", 2)[0];
                return "the other side refuses (" + alert + "): " + ALERTS.getOrDefault(alert, "its log may say why");
            }
            if (message.contains("not an SSL/TLS record")) {
                return "the other side speaks no TLS; is one of both set to http:// and the other to https://?";
            }
            if (message.contains("Empty client certificate chain") || message.contains("null cert chain")) {
                return "it shows no client certificate, and one is required";
            }
            if (message.contains("no cipher suites in common")) {
                return "it offers none of the cipher suites that are permitted here";
            }
            if (message.contains("protocol version") || message.contains("No appropriate protocol")) {
                return "it offers none of the TLS versions that are permitted here";
            }
            if (cause instanceof ClosedChannelException) {
                return "it closed the connection before the handshake was done";
            }
            last = cause;
        }
        return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    }
}
