package io.axolotl.client.ctl;

import io.axolotl.client.FakeEtcd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What one run of the command line left behind.
 *
 * @param out as UTF-8 if it is, else one character per byte
 */
record Ctl(int exitCode, String out, String err) {
    static Ctl run(String in, String... args) {
        return run(Map.of(), in, args);
    }

    static Ctl run(FakeEtcd server, String in, String... args) {
        return run(
                in,
                Stream.concat(Stream.of("--endpoints=" + server.endpoint()), Arrays.stream(args))
                        .toArray(String[]::new));
    }

    static Ctl run(Map<String, String> environment, String in, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = CtlMain.run(
                args,
                environment,
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Ctl(exitCode, text(out.toByteArray()), err.toString(StandardCharsets.UTF_8));
    }

    /** Different bytes are different texts. */
    static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
