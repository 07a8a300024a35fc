package io.axolotl.jepsen.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A history is read back as it was written, and what is no history is refused. */
class HistoryTest {
    @TempDir
    private Path folder;

    private static void fill(History history) {
        JsonObject input = new JsonObject();
        input.addProperty("key", "a\nb\"ü");
        JsonObject output = new JsonObject();
        output.addProperty("revision", Long.MAX_VALUE);
        history.add(3, -1, "put", input, output, Outcome.DONE, "", 10, 20);
        history.add(
                4, 2, "put", input, new JsonObject(), Outcome.UNKNOWN, "DEADLINE_EXCEEDED: late", 11, 5_000_000_000L);
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        Path file = folder.resolve("history.jsonl");
        List<Call> written;
        try (History history = History.inFile(System.nanoTime(), file)) {
            fill(history);
            written = history.calls();
        }
        List<Call> read = History.read(file);
        assertThat(read).hasSize(2).isEqualTo(written);
        assertThat(read.get(0).output().get("revision").getAsLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(read.get(1).toString()).contains("@3", "UNKNOWN", "late");
    }

    @Test
    void aLastLineThatWasCutOffIsLeftOut() throws IOException {
        Path file = folder.resolve("history.jsonl");
        try (History history = History.inFile(System.nanoTime(), file)) {
            fill(history);
        }
        Files.writeString(file, "{\"id\":2,\"client\":1,\"ki", StandardOpenOption.APPEND);
        assertThat(History.read(file)).hasSize(2);
    }

    @Test
    void aLineThatIsNoCallIsNamed() throws IOException {
        Path file = folder.resolve("history.jsonl");
        Files.writeString(file, "{\"id\":0}\n{\"x\":1}\n");
        assertThatThrownBy(() -> History.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("history.jsonl, line 1 is not a call");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> History.read(folder.resolve("none.jsonl"))).hasMessageContaining("none.jsonl");
    }
}
