package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import java.nio.file.Path;

/** What keeps the states of the simulated members. Confined to the simulation's thread. */
interface Engines extends AutoCloseable {
    /** An ordered map in memory, written to the node's disk as a whole. */
    Engines IN_MEMORY = new Engines() {
        @Override
        public KvEngine open(SimulatedNode machine, Disk disk, Path folder) {
            return MemoryEngine.open(disk, folder);
        }

        @Override
        public void ended(SimulatedNode machine) {}

        @Override
        public void close() {}
    };

    /** @param disk that of the machine */
    KvEngine open(SimulatedNode machine, Disk disk, Path folder);

    /** The process on this machine has ended, and has closed nothing. */
    void ended(SimulatedNode machine);

    @Override
    void close();
}
