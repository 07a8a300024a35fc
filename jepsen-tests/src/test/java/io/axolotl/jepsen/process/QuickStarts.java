package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/** Makes the class archive before the first test: a run starts more than a hundred servers. JUnit finds it as a service. */
public final class QuickStarts implements TestExecutionListener {
    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        try {
            ClassArchive.makeIfOld();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
