package io.axolotl.server;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A real disk on which one operation, chosen by the test, takes until the test lets it go on, or its thread is interrupted:
 * then it goes on with the interrupt pending, which closes a real file.
 *
 * <p>What happens inside a default method of {@link Disk} is seen as one operation.
 */
final class GatedDisk {
    /** Decides whether an operation waits. Also a place to look at operations as they come. */
    @FunctionalInterface
    interface Gate {
        /** @param path what the operation is about: of a rename, the new name */
        boolean holds(String operation, Path path);
    }

    private final Disk real = new RealDisk(new DiskMonitor());
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicReference<@Nullable Thread> held = new AtomicReference<>();
    private volatile Gate gate = (operation, path) -> false;

    /** The disk to give to a node. */
    Disk disk() {
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (proxy, method, arguments) -> {
                    Path path = arguments == null ? Path.of("") : (Path) last(arguments);
                    pass(method.getName(), path);
                    Object result = invoke(real, method, arguments);
                    return result instanceof DiskFile file ? gated(file, path) : result;
                });
    }

    private DiskFile gated(DiskFile file, Path path) {
        return (DiskFile) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {DiskFile.class}, (proxy, method, arguments) -> {
                    pass("file " + method.getName(), path);
                    return invoke(file, method, arguments);
                });
    }

    private static Object last(Object[] arguments) {
        Object last = arguments[arguments.length - 1];
        return last instanceof Path ? last : arguments[0];
    }

    private static @Nullable Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void pass(String operation, Path path) {
        if (gate.holds(operation, path) && held.compareAndSet(null, Thread.currentThread())) {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void gate(Gate newGate) {
        gate = newGate;
    }

    boolean isHolding() {
        return held.get() != null;
    }

    /** Lets the held operation go on, and waits until its thread has ended. */
    void releaseAndJoin() throws InterruptedException {
        Thread thread = held.get();
        released.countDown();
        if (thread != null) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (thread.isAlive()) {
                throw new AssertionError(thread + " did not end");
            }
        }
    }

    void release() {
        released.countDown();
    }
}
