package io.axolotl.server.api;

import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.OpenSessionResponse;
import io.axolotl.client.proto.SessionsGrpc;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;

/**
 * Begins the sessions in which clients number their calls, so that a repeat is answered and not executed (pitfall 51).
 *
 * <p>Safe for all threads.
 */
final class SessionService extends SessionsGrpc.SessionsImplBase {
    /** In the whole cluster. */
    static final int MAX_SESSIONS = 16_384;

    private static final int MAX_DRAWS = 3;

    private final NodeService node;
    private final Gate gate;
    private final Headers headers;

    /** Ids are not secret, but those of a cluster that was restored from a snapshot must not meet those of the one before. */
    private final SecureRandom random = new SecureRandom();

    SessionService(NodeService node, Gate gate) {
        this.node = node;
        this.gate = gate;
        this.headers = new Headers(node);
    }

    @Override
    public void open(OpenSessionRequest request, StreamObserver<OpenSessionResponse> observer) {
        if (node.store().hasNoRoomForSession(request.getId(), MAX_SESSIONS)) {
            // Nobody can fill the log with calls that come to nothing.
            observer.onError(CallMark.exceptionOf(new CommandResult.Refused(Refusal.TOO_MANY_SESSIONS)));
            return;
        }
        open(Login.current(), request.getId(), observer, 1);
    }

    /** @param wanted the id that the client has drawn; 0 for none */
    private void open(Login login, long wanted, StreamObserver<OpenSessionResponse> observer, int draws) {
        ProposalCallback answer = Proposed.then(observer, CommandResult.SessionOpened.class, opened -> {
            observer.onNext(OpenSessionResponse.newBuilder()
                    .setHeader(headers.at(opened.revision()))
                    .setId(opened.id())
                    .setSlots(CallId.MAX_SLOTS)
                    .build());
            observer.onCompleted();
        });
        gate.propose(
                login, new Command.OpenSession(wanted == 0 ? draw() : wanted, MAX_SESSIONS), new ProposalCallback() {
                    @Override
                    public void on(ProposalResult outcome) {
                        if (wanted == 0 && draws < MAX_DRAWS && isTaken(outcome)) {
                            open(login, wanted, observer, draws + 1);
                        } else {
                            answer.on(outcome);
                        }
                    }

                    @Override
                    public boolean isAbandoned() {
                        return answer.isAbandoned();
                    }
                });
    }

    private long draw() {
        long id = random.nextLong();
        return id == 0 ? 1 : id;
    }

    private static boolean isTaken(ProposalResult outcome) {
        return outcome instanceof ProposalResult.Done done
                && done.result() instanceof CommandResult.Refused refused
                && refused.why() == Refusal.SESSION_EXISTS;
    }
}
