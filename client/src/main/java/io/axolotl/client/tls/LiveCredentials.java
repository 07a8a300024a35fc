package io.axolotl.client.tls;

import org.jspecify.annotations.Nullable;

/**
 * The newest credentials that the files have held and that were right, in the form that their user needs. Connections that
 * exist keep what they began with; new ones ask for {@link #current}.
 *
 * <p>Files are compared byte by byte and not by their time: two writes may fall into one tick of a file system's clock.
 *
 * <p>Safe for all threads. {@link #refresh} reads files: no network thread of a server should call it.
 *
 * @param <T> what is made of them, as a context of connections
 */
public final class LiveCredentials<T> {
    /** Makes what is needed of credentials. */
    @FunctionalInterface
    public interface Maker<T> {
        T make(Credentials credentials) throws TlsFileException;
    }

    /** What became of a look at the files. */
    public sealed interface Look {
        /** Nothing new, or a trouble that was told before. */
        record Unchanged() implements Look {}

        /** Connections from now on use these. */
        record Renewed(Credentials credentials) implements Look {}

        /** They have changed and cannot be used; what was read before stays. */
        record Kept(String why) implements Look {}
    }

    private static final Look UNCHANGED = new Look.Unchanged();

    private final TlsFiles files;
    private final Maker<T> maker;
    private TlsFiles.@Nullable Contents seen;
    private String trouble = "";
    private volatile Credentials credentials;
    private volatile T current;

    private LiveCredentials(
            TlsFiles files, Maker<T> maker, TlsFiles.Contents seen, Credentials credentials, T current) {
        this.files = files;
        this.maker = maker;
        this.seen = seen;
        this.credentials = credentials;
        this.current = current;
    }

    /** @throws TlsFileException if a file cannot be used: who starts does not start with half of its credentials */
    public static <T> LiveCredentials<T> open(TlsFiles files, Maker<T> maker) throws TlsFileException {
        TlsFiles.Contents contents = files.read();
        Credentials credentials = Credentials.of(files, contents);
        return new LiveCredentials<>(files, maker, contents, credentials, maker.make(credentials));
    }

    public T current() {
        return current;
    }

    public Credentials credentials() {
        return credentials;
    }

    /** Looks at the files, and takes what they hold if it is new and right. */
    public synchronized Look refresh() {
        try {
            TlsFiles.Contents contents = files.read();
            if (seen != null && contents.isSameAs(seen)) {
                return UNCHANGED;
            }
            seen = contents;
            Credentials read = Credentials.of(files, contents);
            current = maker.make(read);
            credentials = read;
            trouble = "";
            return new Look.Renewed(read);
        } catch (TlsFileException e) {
            if (e.getCause() instanceof java.io.IOException) {
                // What was seen last is no longer what is there.
                seen = null;
            }
            return kept(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Whatever the platform makes of a strange file: what was right before stays in force.
            return kept(files + " cannot be used: " + e);
        }
    }

    private Look kept(String why) {
        if (why.equals(trouble)) {
            return UNCHANGED;
        }
        trouble = why;
        return new Look.Kept(why);
    }
}
