package io.axolotl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name things that exist: links lead somewhere, and a class in backticks is a class of ours. */
class DocumentsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#\\s]+)(?:#[^)]*)?\\)");

    /** Two humps at least, so that a product's name or a constant is not taken for a class. */
    private static final Pattern CLASS_NAME =
            Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][a-zA-Z0-9]*)+)(?:\\.[a-z]\\w*(?:\\(\\))?)?`");

    @Test
    void everyRelativeLinkLeadsToAFile() {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(read(document));
            while (link.find()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    broken.add(ROOT.relativize(document) + " -> " + link.group(1));
                }
            }
        }
        assertThat(broken).as("links to files that do not exist").isEmpty();
    }

    @Test
    void everyClassNamedInTheDocumentsExists() {
        Set<String> known = new TreeSet<>(namesOfOthers());
        try (Stream<Path> files = Files.walk(ROOT)) {
            files.filter(f -> !f.toString().contains("/target/"))
                    .filter(f -> f.toString().endsWith(".java") || f.toString().endsWith(".proto"))
                    .forEach(f -> {
                        known.add(f.getFileName().toString().replaceFirst("\\.\\w+$", ""));
                        declared(read(f), known);
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> unknown = new ArrayList<>();
        for (Path document : documents()) {
            Matcher name = CLASS_NAME.matcher(read(document));
            while (name.find()) {
                if (!known.contains(name.group(1))) {
                    unknown.add(ROOT.relativize(document) + ": " + name.group(1));
                }
            }
        }
        assertThat(unknown)
                .as("classes that the documents name and nobody declares")
                .isEmpty();
    }

    @Test
    void theCheckSeesAPlantedClassThatDoesNotExist() {
        Matcher name = CLASS_NAME.matcher("it is done by `NoSuchThing` and `Wal` and `RaftNode.step()`");
        List<String> found = new ArrayList<>();
        while (name.find()) {
            found.add(name.group(1));
        }
        assertThat(found).containsExactly("NoSuchThing", "RaftNode");
    }

    private static void declared(String source, Set<String> known) {
        Matcher declaration = Pattern.compile("\\b(?:class|record|interface|enum|message|service|rpc)\\s+([A-Z]\\w*)")
                .matcher(source);
        while (declaration.find()) {
            known.add(declaration.group(1));
        }
    }

    /** Names of other people's things that our documents use. */
    private static List<String> namesOfOthers() {
        return List.of("WriteBatch", "SingleDelete", "FileChannel", "CompletableFuture", "MsgApp");
    }

    private static List<Path> documents() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> documents = files.filter(f -> f.toString().endsWith(".md"))
                    .filter(f -> !f.toString().contains("/target/"))
                    .sorted()
                    .toList();
            assertThat(documents).as("documents below " + ROOT).isNotEmpty();
            return documents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
