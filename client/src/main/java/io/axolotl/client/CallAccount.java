package io.axolotl.client;

import com.codahale.metrics.Timer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is told of one call, however many attempts it takes: its time and outcome to the metrics, and everything to the listener, whose
 * failures end here. Safe for all threads.
 */
final class CallAccount {
    private static final Logger log = LoggerFactory.getLogger(CallAccount.class);

    private final CallSpec<?, ?, ?> spec;
    private final ClientMetrics metrics;
    private final Timer.Context timer;
    private final AtomicInteger attempts = new AtomicInteger();

    /** Null if it has failed to begin. */
    private final CallListener.@Nullable Call listener;

    CallAccount(CallSpec<?, ?, ?> spec, ClientMetrics metrics, CallListener listener) {
        this.spec = spec;
        this.metrics = metrics;
        this.timer = metrics.callStarted(spec.name());
        this.listener = begin(listener);
    }

    private CallListener.@Nullable Call begin(CallListener with) {
        try {
            return with.started(spec.name());
        } catch (RuntimeException e) {
            warn(e);
            return null;
        }
    }

    /** @return the number of the attempt */
    int attemptStarted(Endpoint endpoint) {
        int number = attempts.incrementAndGet();
        if (number > 1) {
            metrics.retried();
        }
        tell(heard -> heard.attemptStarted(number, endpoint));
        return number;
    }

    void attemptEnded(int number, Endpoint endpoint, ErrorCode code) {
        tell(heard -> heard.attemptEnded(number, endpoint, code));
    }

    /** Tells of the outcome when it is there. */
    <R> void follow(Pending<R> pending) {
        var unused = pending.whenComplete((result, failure) -> {
            timer.stop();
            Outcome<R> outcome = outcome(result, failure);
            // What becomes of a session is no outcome that anybody has asked for.
            if (!spec.name().equals(Calls.OPEN_SESSION.name())) {
                metrics.ended(outcome);
            }
            tell(heard -> heard.ended(outcome));
        });
    }

    private <R> Outcome<R> outcome(R result, @Nullable Throwable failure) {
        if (failure == null) {
            return new Outcome.Done<>(result);
        }
        AxolotlException why = failure instanceof CancellationException
                ? spec.effect().givenUp(ErrorCode.CANCELLED, spec.name() + " was cancelled by its caller")
                : (AxolotlException) failure;
        return why instanceof RefusedException refused
                ? new Outcome.Refused<>(refused)
                : new Outcome.Unknown<>((UnknownOutcomeException) why);
    }

    private void tell(Consumer<CallListener.Call> news) {
        if (listener == null) {
            return;
        }
        try {
            news.accept(listener);
        } catch (RuntimeException e) {
            warn(e);
        }
    }

    private static void warn(RuntimeException e) {
        log.warn("the listener of calls has failed, which changes nothing for the call: {}", e.toString());
        log.debug("where it failed", e);
    }
}
