package io.axolotl.server.gateway;

import com.google.protobuf.Message;
import io.axolotl.server.http.HttpAnswer;
import io.axolotl.server.http.HttpExchange;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** One question, one answer. Confined to the thread of its exchange, once it is started. */
final class UnaryCall extends ClientCall.Listener<Message> {
    private final Gateway gateway;
    private final HttpExchange exchange;
    private final ClientCall<Message, Message> call;
    private @Nullable Message response;

    UnaryCall(Gateway gateway, HttpExchange exchange, ClientCall<Message, Message> call) {
        this.gateway = gateway;
        this.exchange = exchange;
        this.call = call;
    }

    void start(Metadata metadata, Message request) {
        call.start(this, metadata);
        exchange.onGone(() -> call.cancel("the client has gone", null));
        // Two, so that a service that answers twice by mistake is noticed.
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    @Override
    public void onMessage(Message message) {
        response = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        Message answer = response;
        if (!status.isOk() || answer == null) {
            exchange.send(JsonStatus.answer(
                    status.isOk() ? Status.INTERNAL.withDescription("the call has no answer") : status));
            return;
        }
        gateway.translate(
                answer.getSerializedSize(),
                () -> {
                    HttpAnswer json = new HttpAnswer(200, HttpAnswer.JSON, "", JsonWriting.write(answer));
                    exchange.addHeader("Grpc-Metadata-Content-Type", "application/grpc");
                    exchange.send(json);
                },
                refusal -> exchange.send(JsonStatus.answer(refusal)));
    }
}
