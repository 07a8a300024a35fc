package io.axolotl.storage.engine;

class MemoryEngineTest extends KvEngineContract {
    @Override
    protected KvEngine open() {
        return MemoryEngine.inMemory();
    }

    @Override
    protected KvEngine crash(KvEngine running) {
        return ((MemoryEngine) running).crash();
    }
}
