package io.axolotl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

    // The map of faults to tests

    /** One row: the ids that it is about, and what stands behind them. */
    private record Row(List<String> faults, String text) {}

    private static final Pattern ROW =
            Pattern.compile("^\\| ([NPCDMBAO]\\d+(?:, [NPCDMBAO]\\d+)*)[^|]*\\| (.+) \\|$", Pattern.MULTILINE);

    /** {@code `SomeTest`} or {@code `SomeTest.method`}; or a scenario, which has a hyphen and no capital. */
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Test|Properties))(?:\\.([a-z]\\w*))?`");

    private static final Pattern SCENARIO = Pattern.compile("`([a-z]+(?:-[a-z0-9]+)+)`");

    private static List<Row> rows(String document) {
        return ROW.matcher(document)
                .results()
                .map(row -> new Row(List.of(row.group(1).split(", ")), row.group(2)))
                .toList();
    }

    /** Those of the catalogue: its numbers have gaps. */
    private static List<String> catalogue() {
        List<String> all = new ArrayList<>();
        add(all, "N", 21, 17);
        add(all, "D", 35);
        add(all, "M", 17);
        add(all, "B", 13);
        add(all, "C", 8, 4);
        add(all, "P", 19, 14);
        add(all, "A", 21);
        add(all, "O", 12, 10);
        return all;
    }

    private static void add(List<String> all, String family, int last, Integer... gaps) {
        for (int number = 1; number <= last; number++) {
            if (!List.of(gaps).contains(number)) {
                all.add(family + number);
            }
        }
    }

    @Test
    void everyFaultOfTheCatalogueHasOneRow() {
        assertThat(rows(read(ROOT.resolve("docs/testing.md"))))
                .flatExtracting(Row::faults)
                .containsExactlyInAnyOrderElementsOf(catalogue());
    }

    @Test
    void everyTestOfTheMapExists() throws IOException {
        Map<String, List<Path>> tests = new TreeMap<>();
        Set<String> scenarios = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            files.filter(file -> file.toString().contains("/src/test/")).forEach(file -> {
                String name = file.getFileName().toString();
                if (name.endsWith(".java")) {
                    tests.computeIfAbsent(name.replace(".java", ""), n -> new ArrayList<>())
                            .add(file);
                } else if (name.endsWith(".scenario")) {
                    scenarios.add(name.replace(".scenario", ""));
                }
            });
        }
        List<String> missing = new ArrayList<>();
        for (Row row : rows(read(ROOT.resolve("docs/testing.md")))) {
            Matcher test = TEST.matcher(row.text());
            while (test.find()) {
                List<Path> sources = tests.getOrDefault(test.group(1), List.of());
                String method = test.group(2);
                boolean isThere = sources.stream()
                        .anyMatch(source -> method == null || read(source).contains(" " + method + "("));
                if (!isThere) {
                    missing.add(row.faults() + ": " + test.group());
                }
            }
            Matcher scenario = SCENARIO.matcher(row.text());
            while (scenario.find()) {
                if (!scenarios.contains(scenario.group(1))) {
                    missing.add(row.faults() + ": " + scenario.group());
                }
            }
        }
        assertThat(missing).as("what the map names and nobody has written").isEmpty();
    }

    @Test
    void theMapIsReadAsItIsWritten() {
        assertThat(rows("""
                | Fault | Tests |
                |---|---|
                | N1 | `OneTest`, `a-story` |
                | D20, D21 | `OtherTest.method` (why) |
                | D5 (again) | no test: why |
                | AU-1 | `NoRowTest` |
                """))
                .extracting(Row::faults)
                .containsExactly(List.of("N1"), List.of("D20", "D21"), List.of("D5"));
        Matcher test = TEST.matcher("`OtherTest.method` (why), `WalFormatProperties`, `Fault.SPLIT`");
        assertThat(test.results().map(found -> found.group(1) + found.group(2)))
                .containsExactly("OtherTestmethod", "WalFormatPropertiesnull");
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
        return List.of("WriteBatch", "SingleDelete", "FileChannel", "CompletableFuture", "MsgApp", "StringBuilder");
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
