package io.axolotl.client.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Text files of keys and certificates (RFC 7468). No state. */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int LINE = 64;

    /**
     * One part of a file.
     *
     * @param label what it is, as in {@code CERTIFICATE}
     * @param isEncrypted whether its headers say so
     */
    record Block(String label, boolean isEncrypted, byte[] der) {}

    private Pem() {}

    /**
     * All blocks in their order; what stands between them is left out, as everywhere.
     *
     * @param file names it in messages
     */
    static List<Block> read(String file, byte[] content) throws TlsFileException {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        boolean isEncrypted = false;
        StringBuilder body = new StringBuilder();
        for (String raw : new String(content, StandardCharsets.ISO_8859_1).split("\r\n|\n|\r", -1)) {
            String line = raw.strip();
            String begun = between(line, BEGIN);
            String ended = between(line, END);
            if (label == null) {
                label = begun;
                isEncrypted = false;
                body.setLength(0);
            } else if (begun != null || (ended != null && !ended.equals(label))) {
                throw unfinished(file, label);
            } else if (ended != null) {
                blocks.add(new Block(label, isEncrypted, decode(file, label, body.toString())));
                label = null;
            } else if (line.indexOf(':') >= 0) {
                isEncrypted |= line.startsWith("Proc-Type:") && line.contains("ENCRYPTED");
            } else {
                body.append(line);
            }
        }
        if (label != null) {
            throw unfinished(file, label);
        }
        return blocks;
    }

    static String write(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return BEGIN + label + DASHES + "\n" + base64 + "\n" + END + label + DASHES + "\n";
    }

    private static @Nullable String between(String line, String start) {
        return line.startsWith(start) && line.endsWith(DASHES) && line.length() > start.length() + DASHES.length()
                ? line.substring(start.length(), line.length() - DASHES.length())
                : null;
    }

    private static byte[] decode(String file, String label, String base64) throws TlsFileException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new TlsFileException(
                    file + " has a block " + label + " that is not base64; write the file anew from its source", e);
        }
    }

    private static TlsFileException unfinished(String file, String label) {
        return new TlsFileException(file + " has a block " + label
                + " without an end; it is half written or cut off, so write it anew, best under another name that is then"
                + " renamed");
    }
}
