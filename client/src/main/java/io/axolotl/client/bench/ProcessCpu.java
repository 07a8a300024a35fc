package io.axolotl.client.bench;

import java.time.Duration;
import java.util.List;

/**
 * CPU time that processes have used, user and system together. On Linux it comes from {@code /proc/<pid>/stat}, in steps of 10
 * ms: measure for seconds, not for milliseconds.
 */
final class ProcessCpu {
    private ProcessCpu() {}

    /**
     * The sum over the processes.
     *
     * @throws IllegalArgumentException if one does not exist or may not be looked at
     */
    static Duration of(List<Long> pids) {
        return pids.stream().map(ProcessCpu::of).reduce(Duration.ZERO, Duration::plus);
    }

    private static Duration of(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the CPU time of process " + pid + " cannot be read; is it running, and is it yours?"));
    }
}
