package io.axolotl.server.gateway;

import com.google.protobuf.Message;
import io.axolotl.server.http.HttpAnswer;
import io.axolotl.server.http.HttpExchange;
import io.axolotl.server.http.HttpStream;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One call whose answer comes in lines, each as soon as it is there (contract F.4). Requests are passed on as fast as the
 * service takes them; their end is passed on too, and what that means is the service's to say: a watch goes on (WA-13), a
 * keep-alive ends. The next message is asked for when the client has taken the last.
 *
 * <p>Confined to the thread of its exchange, once it is started.
 */
final class StreamCall extends ClientCall.Listener<Message> {
    private final Gateway gateway;
    private final HttpExchange exchange;
    private final ClientCall<Message, Message> call;
    private final Requests requests;
    private @Nullable Message nextRequest;
    private boolean hasSentAll;
    private @Nullable HttpStream stream;

    /** A line is being written, or waits to be taken. */
    private boolean isWriting;

    private boolean isFinished;

    /** How the call ended, while a line was on its way. */
    private @Nullable Status end;

    StreamCall(Gateway gateway, HttpExchange exchange, ClientCall<Message, Message> call, Requests requests) {
        this.gateway = gateway;
        this.exchange = exchange;
        this.call = call;
        this.requests = requests;
    }

    /** @param first null if the body is empty */
    void start(Metadata metadata, @Nullable Message first) {
        nextRequest = first;
        exchange.executor().execute(() -> {
            call.start(this, metadata);
            exchange.onGone(() -> call.cancel("the client has gone", null));
            call.request(1);
            sendRequests();
        });
    }

    @Override
    public void onReady() {
        sendRequests();
    }

    private void sendRequests() {
        while (!hasSentAll && call.isReady()) {
            Message request = nextRequest;
            if (request == null) {
                hasSentAll = true;
                call.halfClose();
                return;
            }
            call.sendMessage(request);
            try {
                nextRequest = requests.next();
            } catch (MalformedJsonException | StatusException e) {
                // As etcd: what came before counts, and nothing comes after.
                nextRequest = null;
            }
        }
    }

    @Override
    public void onMessage(Message message) {
        isWriting = true;
        gateway.translate(
                message.getSerializedSize(),
                () -> write(JsonWriting.writeResult(message)),
                refusal -> exchange.executor().execute(() -> giveUp(refusal)));
    }

    /** A message is lost, so nothing may come after it. */
    private void giveUp(Status refusal) {
        isWriting = false;
        finish(refusal);
        call.cancel("a message could not be translated", null);
    }

    /** On any thread: lines are translated one at a time, for the next is asked for when this one is taken. */
    private void write(byte[] line) {
        exchange.executor().execute(() -> begun().write(line, this::taken));
    }

    private HttpStream begun() {
        HttpStream begun = stream;
        if (begun == null) {
            exchange.addHeader("Grpc-Metadata-Content-Type", "application/grpc");
            begun = exchange.begin(200, HttpAnswer.JSON);
            stream = begun;
        }
        return begun;
    }

    private void taken() {
        isWriting = false;
        Status ended = end;
        if (ended == null) {
            call.request(1);
        } else {
            finish(ended);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (isWriting) {
            end = status;
        } else {
            finish(status);
        }
    }

    private void finish(Status status) {
        if (isFinished) {
            return;
        }
        isFinished = true;
        HttpStream begun = stream;
        if (status.isOk()) {
            begun().end();
        } else if (begun == null) {
            exchange.send(HttpAnswer.json(JsonStatus.httpCode(status.getCode()), JsonStatus.lastLine(status)));
        } else {
            begun.write(JsonStatus.lastLine(status).getBytes(StandardCharsets.UTF_8), begun::end);
        }
    }
}
