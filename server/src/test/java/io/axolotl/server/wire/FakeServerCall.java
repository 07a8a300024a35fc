package io.axolotl.server.wire;

import io.grpc.stub.ServerCallStreamObserver;

/**
 * The server's side of a call without a network: always ready, never cancelled, and deaf to what gRPC is asked for. What a
 * test looks at it overrides.
 */
public abstract class FakeServerCall<T> extends ServerCallStreamObserver<T> {
    @Override
    public void onNext(T answer) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void request(int count) {}

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnCloseHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean isEnabled) {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void disableAutoInboundFlowControl() {}
}
