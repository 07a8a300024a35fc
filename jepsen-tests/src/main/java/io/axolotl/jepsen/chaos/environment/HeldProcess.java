package io.axolotl.jepsen.chaos.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.function.Consumer;

/**
 * A living process that is held by a control group of its own, until this is closed: then it is in the root of the hierarchy, held by
 * nobody, and the group is gone.
 *
 * <p>Confined to one thread, but for the questions.
 */
final class HeldProcess implements AutoCloseable {
    private final ControlGroup group;

    private HeldProcess(ControlGroup group) {
        this.group = group;
    }

    /** @param limits sets those of the fresh group, before anybody is in it */
    static HeldProcess by(String hierarchy, Consumer<ControlGroup> limits, long pid) {
        ControlGroup group = ControlGroup.make(hierarchy);
        try {
            limits.accept(group);
            group.set(ControlGroup.MEMBERS, pid);
            return new HeldProcess(group);
        } catch (RuntimeException e) {
            group.removeIfEmpty();
            throw e;
        }
    }

    ControlGroup group() {
        return group;
    }

    /** What it has started meanwhile is let go too. */
    @Override
    public void close() {
        try {
            for (String process : group.read(ControlGroup.MEMBERS).lines().toList()) {
                letGo(process);
            }
            Files.delete(group.folder());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot undo " + group, e);
        }
    }

    private void letGo(String process) throws IOException {
        try {
            Files.writeString(group.folder().resolveSibling(ControlGroup.MEMBERS), process);
        } catch (IOException e) {
            // It may have ended since it was read that it is there.
            if (ProcessHandle.of(Long.parseLong(process)).isPresent()) {
                throw e;
            }
        }
    }
}
