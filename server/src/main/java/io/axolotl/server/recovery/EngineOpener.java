package io.axolotl.server.recovery;

import io.axolotl.storage.engine.KvEngine;
import java.nio.file.Path;

/** Opens the engine that a folder holds, or a new one in an empty folder. */
@FunctionalInterface
public interface EngineOpener {
    KvEngine open(Path folder);
}
