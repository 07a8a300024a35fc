package io.axolotl.storage.rocksdb;

import io.axolotl.storage.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads RocksDB's native library from a file that stays. Left to itself, RocksDB unpacks 17 MB into the temporary folder
 * at every start and removes them only on a clean exit, so that every kill leaks them.
 *
 * <p>An installation may hold it ready, in the folder that {@value #INSTALLED} names; then nothing is unpacked. Otherwise the
 * folder of the file carries the checksum that the jar states of it. It is unpacked under a temporary name, synced and
 * renamed: a half unpacked one is never loaded, and processes that share the folder do not disturb each other.
 *
 * <p>Safe for all threads.
 */
final class NativeLibrary {
    /** Its name in the RocksDB jar. */
    private static final String NAME_IN_JAR = Environment.getJniLibraryFileName("rocksdb");

    /** The name under which {@link RocksDB#loadLibrary(List)} looks for it in a folder; not the same. */
    private static final String NAME_IN_FOLDER = Environment.getJniLibraryFileName("rocksdbjni");

    /** The system property by which a launcher names the folder with the libraries of its installation. */
    static final String INSTALLED = "axolotl.native";

    private static boolean isLoaded;

    private NativeLibrary() {}

    /** Loads the library, from {@code folder} if no engine of this process has done so before. */
    static synchronized void load(Path folder) {
        if (isLoaded) {
            return;
        }
        if (installed() != null) {
            loadInstalled();
            return;
        }
        try {
            RocksDB.loadLibrary(List.of(unpack(folder).toAbsolutePath().toString()));
            isLoaded = true;
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new EngineException(
                    "RocksDB's native library could not be loaded from " + folder
                            + ": the folder must be writable, hold 20 MB, and allow execution (no noexec mount)",
                    e);
        }
    }

    /** Loads the library of the installation, if there is one and no engine of this process has done so before. */
    static synchronized void loadInstalled() {
        String installed = installed();
        if (isLoaded || installed == null) {
            return;
        }
        try {
            RocksDB.loadLibrary(List.of(installed));
            isLoaded = true;
        } catch (UnsatisfiedLinkError e) {
            throw new EngineException(
                    "RocksDB's native library could not be loaded from " + installed + ", which -D" + INSTALLED
                            + " names: it must hold " + NAME_IN_FOLDER
                            + " and allow execution (no noexec mount); unpack the distribution again",
                    e);
        }
    }

    private static @Nullable String installed() {
        return System.getProperty(INSTALLED);
    }

    /** The folder that now holds the library. */
    static Path unpack(Path folder) throws IOException {
        URL inJar = RocksDB.class.getClassLoader().getResource(NAME_IN_JAR);
        if (inJar == null) {
            throw new IOException("the RocksDB jar holds no " + NAME_IN_JAR + " for this platform");
        }
        URLConnection connection = inJar.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            long sizeBytes = connection.getContentLengthLong();
            long mark = connection instanceof JarURLConnection jar
                    ? jar.getJarEntry().getCrc()
                    : sizeBytes;
            Path home = folder.resolve("rocksdb-" + Long.toHexString(mark));
            Path file = home.resolve(NAME_IN_FOLDER);
            if (!Files.isRegularFile(file) || Files.size(file) != sizeBytes) {
                Files.createDirectories(home);
                Path partial = Files.createTempFile(home, "unpacking", ".part");
                write(partial, in.readAllBytes());
                Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return home;
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }
}
