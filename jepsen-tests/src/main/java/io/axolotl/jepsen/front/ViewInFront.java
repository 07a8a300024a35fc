package io.axolotl.jepsen.front;

import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.Space;
import org.jspecify.annotations.Nullable;

/** A view that has another one do everything. Threads as the other one has it. */
public abstract class ViewInFront implements EngineView {
    protected final EngineView view;

    protected ViewInFront(EngineView view) {
        this.view = view;
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        return view.get(space, key);
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        return view.scan(space, from, toExclusive);
    }

    @Override
    public void close() {
        view.close();
    }
}
